// X3 and X4 for small objects: free is total and exact, and all pages come back.
#include <gtest/gtest.h>

#include <random>

#include "object_fixture.hpp"

namespace labyrinth::test {
namespace {

// Every address around the zone, but for the live objects, must be refused, and change nothing.
void expect_only_these_are_live(TestObjects& objects) {
  const std::int64_t before = objects.pages_in_use();
  const std::uint64_t first = objects.zone.shape().first_pfn;
  const std::uint64_t end = (first + objects.zone.shape().frames + 2) * kPage;
  for (std::uint64_t address = first < 2 ? 0 : (first - 2) * kPage; address < end; address += 4) {
    if (objects.shadow.live().count(address) != 0) continue;
    ASSERT_EQ(objects->kfree(Address{address}), Status::kBadArgument) << address;
  }
  EXPECT_EQ(objects.pages_in_use(), before);
}

TEST(ObjectFree, X3_NothingIsLiveAtTheStart) {
  TestObjects objects({.first_pfn = 5, .frames = 70});
  expect_only_these_are_live(objects);
  objects.expect_nothing_is_lost();
}

TEST(ObjectFree, X3_ExactlyTheLiveObjectsCanBeFreed) {
  TestObjects objects({.first_pfn = 7, .frames = 90}, {{100, 64}, {3000, 8}});
  std::vector<Address> all;
  for (std::uint64_t bytes = 16; bytes <= 16384; bytes = bytes * 3 / 2) {
    for (int i = 0; i < 3; ++i) all.push_back(objects.kmalloc(kMemalloc, bytes).address);
  }
  for (int i = 0; i < 3; ++i) {
    all.push_back(objects.cache_alloc(kMemalloc, 0).address);
    all.push_back(objects.cache_alloc(kMemalloc, 1).address);
  }
  expect_only_these_are_live(objects);
  std::shuffle(all.begin(), all.end(), std::mt19937(1));
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(objects.kfree(all[i]), Status::kOk);
    ASSERT_EQ(objects.kfree(all[i]), Status::kBadArgument) << "double free";
    if (i % 8 == 0) expect_only_these_are_live(objects);
  }
  objects.expect_nothing_is_lost();
}

TEST(ObjectFree, X3_AddressesThatNobodyHasAreRefused) {
  TestObjects objects({.first_pfn = 1 << 20, .frames = 64});
  const Address live = objects.kmalloc(kMemalloc, 64).address;
  for (const std::uint64_t far : {std::uint64_t{1} << 32, std::uint64_t{1} << 44, std::uint64_t{1} << 63}) {
    EXPECT_EQ(objects.kfree(Address{live.value + far}), Status::kBadArgument);
  }
  EXPECT_EQ(objects.kfree(Address{}), Status::kBadArgument);
  EXPECT_EQ(objects.kfree(Address{0}), Status::kBadArgument);
  EXPECT_EQ(objects.kfree(live), Status::kOk);
}

TEST(ObjectFree, X3_AStaleFreeDisturbsNobodyWhoHasTheFrameNow) {
  TestObjects objects({.frames = 1, .max_order = 0});
  const std::vector<Address> small = objects.take_all(kMemalloc, 16);
  ASSERT_EQ(small.size(), 256u);
  objects.free_all(small);
  objects->trim();
  const Page page = objects.zone.alloc(kMemalloc, 0);  // its owner knows nothing of objects
  ASSERT_EQ(page.status, Status::kOk);
  for (const Address address : small) EXPECT_EQ(objects.kfree(address), Status::kBadArgument);
  EXPECT_EQ(objects.zone.free(page), Status::kOk);

  const std::vector<Address> others = objects.take_all(kMemalloc, 96);
  ASSERT_EQ(others.size(), 42u);
  for (const Address address : small) {
    if (objects.shadow.live().count(address.value) == 0) {
      EXPECT_EQ(objects.kfree(address), Status::kBadArgument);
    }
  }
  objects.free_all(others);
  objects->trim();

  const ObjectAnswer block = objects.kmalloc(kMemalloc, 4096);
  ASSERT_EQ(block.status, Status::kOk);
  for (const Address address : small) {
    if (address != block.address) {
      EXPECT_EQ(objects.kfree(address), Status::kBadArgument);
    }
  }
  EXPECT_EQ(objects.kfree(block.address), Status::kOk);
  objects.expect_nothing_is_lost();
}

TEST(ObjectFree, X3_AnObjectIsFreedOnlyToItsOwnCache) {
  TestObjects objects({.frames = 16}, {{64, 64}, {64, 64}});
  const Address kmallocs = objects.kmalloc(kMemalloc, 64).address;
  const Address block = objects.kmalloc(kMemalloc, 4096).address;
  const Address first = objects.cache_alloc(kMemalloc, 0).address;
  const Address second = objects.cache_alloc(kMemalloc, 1).address;
  for (const Address address :
       {kmallocs, block, second, Address{first.value + 64}, Address{first.value + 8}}) {
    EXPECT_EQ(objects->cache_free(CacheId{0}, address), Status::kBadArgument);
  }
  EXPECT_EQ(objects->cache_free(CacheId{2}, first), Status::kBadArgument);
  EXPECT_EQ(objects->cache_free(CacheId{UINT32_MAX - 9}, kmallocs), Status::kBadArgument);
  EXPECT_EQ(objects->cache_free(CacheId{0}, first), Status::kOk);
  EXPECT_EQ(objects->cache_free(CacheId{0}, first), Status::kBadArgument);
  EXPECT_EQ(objects.kfree(second), Status::kOk) << "kfree takes any cache's";
  EXPECT_EQ(objects.kfree(kmallocs), Status::kOk);
  EXPECT_EQ(objects.kfree(block), Status::kOk);
}

TEST(ObjectFree, X4_ACacheKeepsAtMostOneEmptySlabAndTrimNone) {
  std::mt19937 random(2);
  for (const std::uint64_t bytes : {16u, 96u, 512u, 2048u}) {
    TestObjects objects({.frames = 6000});
    const std::uint64_t capacity = kPage / bytes;
    std::vector<Address> all;
    for (std::uint64_t i = 0; i < 300 * capacity; ++i)
      all.push_back(objects.kmalloc(kMemalloc, bytes).address);
    EXPECT_EQ(objects.pages_in_use(), 300);
    std::shuffle(all.begin(), all.end(), random);
    std::map<std::uint64_t, std::uint64_t> live;  // objects per frame
    for (const Address address : all) ++live[address.value / kPage];
    for (const Address address : all) {
      ASSERT_EQ(objects.kfree(address), Status::kOk);
      if (--live[address.value / kPage] == 0) live.erase(address.value / kPage);
      ASSERT_LE(objects.pages_in_use(), static_cast<std::int64_t>(live.size()) + 1);
    }
    EXPECT_EQ(objects.pages_in_use(), 1);
    objects->trim();
    EXPECT_EQ(objects.pages_in_use(), 0);
    EXPECT_EQ(objects.kmalloc(kMemalloc, bytes).status, Status::kOk) << "trimmed, not gone";
  }
}

TEST(ObjectFree, X4_TrimLeavesLiveObjectsAlone) {
  TestObjects objects({.first_pfn = 3, .frames = 300});
  std::vector<Address> kept;
  std::vector<Address> others;
  for (int i = 0; i < 2000; ++i) {
    const Address address = objects.kmalloc(kMemalloc, 16u << (i % 8)).address;
    (i % 400 < 8 ? kept : others).push_back(address);
  }
  objects.free_all(others);
  objects->trim();
  const std::int64_t pages = objects.pages_in_use();
  objects->trim();
  EXPECT_EQ(objects.pages_in_use(), pages);
  EXPECT_LE(pages, static_cast<std::int64_t>(kept.size()));
  expect_only_these_are_live(objects);
  objects.free_all(kept);
  objects.expect_nothing_is_lost();
}

TEST(ObjectFree, X3_X4_RandomCallsAgainstTheShadow) {
  for (std::uint32_t seed = 0; seed < 6; ++seed) {
    std::mt19937 random(seed);
    TestObjects objects({.first_pfn = seed * 31, .frames = 40 + seed * 200, .cpus = 3},
                        {{24, 8}, {4096, 4096}});
    std::vector<Address> mine;
    for (int i = 0; i < 20000; ++i) {
      objects.zone.surroundings.cpu =
          static_cast<std::uint32_t>(random() % 5);  // a wrong number costs speed only
      if (random() % 4 != 0 && mine.size() < 5000) {
        const ObjectAnswer answer =
            random() % 5 == 0 ? objects.cache_alloc(kMemalloc, static_cast<std::uint32_t>(random() % 2))
                              : objects.kmalloc(kMemalloc, 1 + random() % 6000);
        if (answer.status == Status::kOk) mine.push_back(answer.address);
        ASSERT_NE(answer.status, Status::kContended) << "E3: nobody else is here";
      } else if (!mine.empty()) {
        std::swap(mine[random() % mine.size()], mine.back());
        ASSERT_EQ(objects.kfree(mine.back()), Status::kOk);
        mine.pop_back();
      }
      if (random() % 500 == 0) objects->trim();
    }
    objects.free_all(mine);
    objects.expect_nothing_is_lost();
  }
}

}  // namespace
}  // namespace labyrinth::test
