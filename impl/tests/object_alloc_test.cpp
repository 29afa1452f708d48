// What kmalloc and the caches hand out, and why they refuse, with no other call in progress.
#include <gtest/gtest.h>

#include "object_fixture.hpp"

namespace labyrinth::test {
namespace {

constexpr std::uint64_t kClassBytes[] = {16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048};

TEST(ObjectAlloc, SizesAreTheSmallestClassThatFits) {
  std::uint64_t bytes = 1;
  for (const std::uint64_t size : kClassBytes) {
    for (; bytes <= size; ++bytes) ASSERT_EQ(labyrinth_kmalloc_size(bytes), size);
  }
  EXPECT_EQ(labyrinth_kmalloc_size(2049), kPage);
  EXPECT_EQ(labyrinth_kmalloc_size(4096), kPage);
  EXPECT_EQ(labyrinth_kmalloc_size(4097), 2 * kPage);
  EXPECT_EQ(labyrinth_kmalloc_size(kPage << 10), kPage << 10);
  EXPECT_EQ(labyrinth_kmalloc_size((kPage << 10) + 1), 0u);
  EXPECT_EQ(labyrinth_kmalloc_size(UINT64_MAX), 0u);
  EXPECT_EQ(labyrinth_kmalloc_size(0), 0u);
}

TEST(ObjectAlloc, X1_X2_EveryClassFillsTheZoneWithAlignedObjects) {
  for (const std::uint64_t first_pfn : {std::uint64_t{0}, std::uint64_t{777}}) {
    for (const std::uint64_t bytes : kClassBytes) {
      TestObjects objects({.first_pfn = first_pfn, .frames = 200});
      Status last{};
      const std::vector<Address> all = objects.take_all(kMemalloc, bytes, &last);
      EXPECT_EQ(last, Status::kExhausted);
      EXPECT_EQ(all.size(), 200 * (kPage / bytes)) << bytes;
      for (const Address address : all) {
        ASSERT_EQ(address.value % (bytes & (~bytes + 1)), 0u);
        ASSERT_EQ(address.value / kPage, (address.value + bytes - 1) / kPage) << "crosses a frame's end";
        ASSERT_GE(address.value, first_pfn * kPage);
        ASSERT_LE(address.value + bytes, (first_pfn + 200) * kPage);
      }
      objects.free_all(all);
      objects.expect_nothing_is_lost();
    }
  }
}

TEST(ObjectAlloc, X1_AClassTakesAPageOnlyWhenItHasNoFreeObject) {
  TestObjects objects({.frames = 64});
  std::vector<Address> all;
  for (std::int64_t i = 0; i < 100; ++i) {
    all.push_back(objects.kmalloc(kMemalloc, 500).address);
    EXPECT_EQ(objects.pages_in_use(), i / 8 + 1);
  }
  for (std::size_t i = 0; i < all.size(); i += 3) EXPECT_EQ(objects.kfree(all[i]), Status::kOk);
  const std::int64_t pages = objects.pages_in_use();
  for (std::size_t i = 0; i < all.size(); i += 3) {
    EXPECT_EQ((all[i] = objects.kmalloc(kMemalloc, 512).address).value % 512, 0u);
  }
  EXPECT_EQ(objects.pages_in_use(), pages) << "took a page although objects were free";
  objects.free_all(all);
  objects.expect_nothing_is_lost();
}

TEST(ObjectAlloc, X2_LargeObjectsAreAlignedBlocks) {
  TestObjects objects({.first_pfn = 64, .frames = 4096});
  std::vector<Address> all;
  for (std::uint32_t order = 0; order <= 10; ++order) {
    const ObjectAnswer answer = objects.kmalloc(kMemalloc, (kPage << order) - 100);
    ASSERT_EQ(answer.status, Status::kOk) << order;
    EXPECT_EQ(answer.address.value % (kPage << order), 0u);
    all.push_back(answer.address);
  }
  EXPECT_EQ(objects.pages_in_use(), 2047);
  objects.free_all(all);
  EXPECT_EQ(objects.pages_in_use(), 0) << "a block's frames go back at once";
  objects.expect_nothing_is_lost();
}

TEST(ObjectAlloc, CachesHaveTheSizeAndAlignmentThatTheyWereGiven) {
  const std::vector<labyrinth_cache> caches{{1, 1},    {17, 1},   {100, 64}, {1500, 8},
                                            {2049, 1}, {4096, 1}, {8, 4096}, {1000, 1024}};
  TestObjects objects({.frames = 16}, caches);
  for (std::uint32_t cache = 0; cache < caches.size(); ++cache) {
    const std::uint64_t step = std::max<std::uint64_t>(caches[cache].alignment, 16);
    const std::uint64_t stride = (caches[cache].size + step - 1) / step * step;
    std::vector<Address> all;
    for (std::uint64_t i = 0; i < 16 * (kPage / stride); ++i) {
      const ObjectAnswer answer = objects.cache_alloc(kMemalloc, cache);
      ASSERT_EQ(answer.status, Status::kOk);
      EXPECT_EQ(answer.address.value % caches[cache].alignment, 0u);
      all.push_back(answer.address);
    }
    EXPECT_EQ(objects.cache_alloc(kMemalloc, cache).status, Status::kExhausted);
    EXPECT_EQ(objects.pages_in_use(), 16);
    objects.free_all(all);
    objects->trim();
  }
  objects.expect_nothing_is_lost();
}

TEST(ObjectAlloc, E1_E2_ExhaustedOnlyIfThePageIsRefusedAndNoObjectIsFree) {
  TestObjects objects({.frames = 16, .min = 8, .low = 8});
  Status last{};
  const std::vector<Address> ordinary = objects.take_all(kKernel, 1024, &last);
  EXPECT_EQ(last, Status::kExhausted);
  EXPECT_EQ(ordinary.size(), 8u * 4) << "ordinary requests stop at the min watermark";
  const ObjectAnswer atomic = objects.kmalloc(kAtomic, 1024);
  EXPECT_EQ(atomic.status, Status::kOk) << "an atomic one brings in a reserve page";
  EXPECT_EQ(objects.kmalloc(kKernel, 1024).status, Status::kOk) << "whoever asks may have any free object";
  EXPECT_EQ(objects.kmalloc(kKernel, 2048).status, Status::kExhausted) << "of that class, none is free";
  EXPECT_EQ(objects.kfree(ordinary[5]), Status::kOk);
  EXPECT_EQ(objects.kmalloc(kKernel, 1000).status, Status::kOk);
}

TEST(ObjectAlloc, C3_WakeIsThePageAllocators) {
  TestObjects objects({.frames = 16, .low = 10});
  for (std::int64_t left = 15; left >= 0; --left) {
    const ObjectAnswer first = objects.kmalloc(kNowait, 2048);
    EXPECT_EQ(first.wake, left < 10);
    EXPECT_FALSE(objects.kmalloc(kNowait, 2048).wake) << "no page was needed";
  }
  const ObjectAnswer refused = objects.kmalloc(kNowait, 2048);
  EXPECT_EQ(refused.status, Status::kExhausted);
  EXPECT_TRUE(refused.wake);
}

TEST(ObjectAlloc, C1_ASleepingRequestIsRefusedEvenWhenAnObjectIsFree) {
  TestObjects objects({.frames = 16}, {{64, 64}});
  const ObjectAnswer first = objects.kmalloc(kKernel, 64);
  const ObjectAnswer cached = objects.cache_alloc(kKernel, 0);
  ASSERT_EQ(first.status, Status::kOk);
  ASSERT_EQ(cached.status, Status::kOk);
  objects.zone.surroundings.may_sleep = false;
  for (const std::uint64_t bytes : {64u, 128u, 4096u, 8192u}) {
    EXPECT_EQ(objects.kmalloc(kKernel, bytes).status, Status::kBadContext) << bytes;
  }
  EXPECT_EQ(objects.cache_alloc(kKernel, 0).status, Status::kBadContext);
  EXPECT_EQ(objects.pages_in_use(), 2);
  EXPECT_EQ(objects.kmalloc(kAtomic, 64).status, Status::kOk);
  EXPECT_EQ(objects.kfree(first.address), Status::kOk) << "a free never sleeps";
}

TEST(ObjectAlloc, WhatNamesNothingIsABadArgument) {
  TestObjects objects({.frames = 16, .max_order = 3}, {{64, 64}});
  for (const std::uint64_t bytes : {std::uint64_t{0}, (kPage << 3) + 1, (kPage << 10) + 1, UINT64_MAX}) {
    EXPECT_EQ(objects.kmalloc(kMemalloc, bytes).status, Status::kBadArgument) << bytes;
    EXPECT_EQ(objects->kmalloc_steps(Bytes{bytes}), 0u) << bytes;
  }
  EXPECT_EQ(objects.kmalloc(kMemalloc, kPage << 3).status, Status::kOk);
  EXPECT_EQ(objects.kmalloc(Gfp{1u << 31}, 64).status, Status::kBadArgument);
  EXPECT_EQ(objects.kmalloc(Gfp{1u << 31}, 8192).status, Status::kBadArgument);
  EXPECT_EQ(objects->cache_alloc(CacheId{1}, kMemalloc).status, Status::kBadArgument);
  EXPECT_EQ(objects->cache_alloc(CacheId{UINT32_MAX}, kMemalloc).status, Status::kBadArgument);
  EXPECT_EQ(objects->cache_alloc(CacheId{UINT32_MAX - 9}, kMemalloc).status, Status::kBadArgument);
  EXPECT_EQ(objects.pages_in_use(), 8);
}

TEST(ObjectAlloc, X4_AFragmentedRefusalKeepsNothing) {
  TestObjects objects({.frames = 64});
  std::vector<Address> pages = objects.take_all(kMemalloc, kPage);
  std::vector<Address> odd;
  for (const Address page : pages) {
    if (page.value / kPage % 2 == 0) {
      EXPECT_EQ(objects.kfree(page), Status::kOk);
    } else {
      odd.push_back(page);
    }
  }
  EXPECT_EQ(objects.kmalloc(kMemalloc, kPage + 1).status, Status::kFragmented);
  EXPECT_EQ(objects.pages_in_use(), 32);
  objects.free_all(odd);
  objects.expect_nothing_is_lost();
}

}  // namespace
}  // namespace labyrinth::test
