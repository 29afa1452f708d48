// What an allocation may answer, one call at a time: placement, floors, refusals, wake-ups.
#include <gtest/gtest.h>

#include <set>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

// One chunk, several chunks, two and three levels of counters; aligned and not; tiny.
const Shape kShapes[] = {
    {.first_pfn = 0, .frames = 1},
    {.first_pfn = 77, .frames = 1},
    {.first_pfn = 1023, .frames = 2},
    {.first_pfn = 31, .frames = 34, .max_order = 5},
    {.first_pfn = 0, .frames = 32, .max_order = 0},
    {.first_pfn = 3, .frames = 200, .max_order = 3, .cpus = 4},
    {.first_pfn = 0, .frames = 4096, .cpus = 8},
    {.first_pfn = 1000, .frames = 5000, .cpus = 3},
    {.first_pfn = (std::uint64_t{1} << 52) - 7, .frames = 3000},
    {.first_pfn = 5, .frames = 64 * 32 * 3, .max_order = 5, .cpus = 2},        // two levels
    {.first_pfn = 33, .frames = 64 * 64 * 32 + 100, .max_order = 4},           // three levels
    {.first_pfn = 1 << 20, .frames = 70 * 1024, .max_order = 10, .cpus = 16},  // two levels of whole chunks
};

class EveryShape : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Alloc, EveryShape, testing::ValuesIn(kShapes));

TEST_P(EveryShape, X1_X2_X4_EachOrderYieldsEveryAlignedBlockOnce) {
  TestZone zone(GetParam());
  const Shape& shape = zone.shape();
  for (std::uint32_t order = 0; order <= shape.max_order; ++order) {
    zone.surroundings.cpu = order;
    Status last{};
    const std::vector<Page> pages = zone.take_all(kMemalloc, order, &last);
    EXPECT_EQ(pages.size(), zone.blocks_in_zone(order)) << "order " << order;
    const std::uint64_t left = shape.frames - (pages.size() << order);
    EXPECT_EQ(last, left < (1u << order) ? Status::kExhausted : Status::kFragmented);

    std::set<std::uint64_t> starts;
    for (const Page& page : pages) {
      EXPECT_EQ(page.order.value, order);
      EXPECT_EQ(page.pfn.value % (1u << order), 0u);
      EXPECT_GE(page.pfn.value, shape.first_pfn);
      EXPECT_LE(page.pfn.value + (1u << order), shape.first_pfn + shape.frames);
      starts.insert(page.pfn.value);  // aligned blocks of one order overlap only if they are equal
    }
    EXPECT_EQ(starts.size(), pages.size());
    zone.free_all(pages);
  }
  zone.expect_nothing_is_lost();
}

TEST_P(EveryShape, X4_AllOrdersMixedAndFreedInAnotherOrder) {
  TestZone zone(GetParam());
  std::vector<Page> pages;
  std::vector<int> owners(zone.shape().frames, 0);
  for (std::uint32_t i = 0;; ++i) {
    zone.surroundings.cpu = i;
    Page page = zone.alloc(kMemalloc, (i * 7) % (zone.shape().max_order + 1));
    if (page.status != Status::kOk) page = zone.alloc(kMemalloc, 0);
    if (page.status != Status::kOk) break;
    pages.push_back(page);
    for (std::uint64_t f = 0; f < (1u << page.order.value); ++f) {
      ASSERT_EQ(owners[page.pfn.value - zone.shape().first_pfn + f]++, 0) << "X1";
    }
  }
  EXPECT_EQ(zone->free_frames(), Frames{0});  // order 0 ends only when nothing is left
  for (std::size_t i = 0; i < pages.size(); i += 2) EXPECT_EQ(zone.free(pages[i]), Status::kOk);
  for (std::size_t i = 1; i < pages.size(); i += 2) EXPECT_EQ(zone.free(pages[i]), Status::kOk);
  zone.expect_nothing_is_lost();
}

struct Entitlement {
  Gfp gfp;
  std::uint64_t floor;
};
void PrintTo(const Entitlement& entitlement, std::ostream* out) {
  *out << "gfp " << entitlement.gfp.bits << ", floor " << entitlement.floor;
}
class EveryFloor : public testing::TestWithParam<Entitlement> {};
INSTANTIATE_TEST_SUITE_P(Alloc, EveryFloor,
                         testing::Values(Entitlement{kKernel, 100}, Entitlement{kNowait, 100},
                                         Entitlement{kHigh | kKernel, 50}, Entitlement{kAtomic, 38},
                                         Entitlement{kAtomic | kNomemalloc, 50}, Entitlement{kMemalloc, 0},
                                         Entitlement{kMemalloc | kNomemalloc, 100}));

TEST_P(EveryFloor, E1_E2_ExhaustedExactlyAtTheFloor) {
  for (std::uint32_t order = 0; order <= 6; ++order) {
    TestZone zone({.frames = 2048, .max_order = 6, .min = 100, .low = 120});
    Status last{};
    const std::vector<Page> pages = zone.take_all(GetParam().gfp, order, &last);
    EXPECT_EQ(pages.size(), (2048 - GetParam().floor) >> order);
    EXPECT_EQ(last, Status::kExhausted);  // never fragmented: enough whole blocks are left
    zone.free_all(pages);
    zone.expect_nothing_is_lost();
  }
}

TEST(Alloc, E2_FragmentedExactly) {
  TestZone zone({.frames = 4096});
  const std::vector<Page> pages = zone.take_all(kMemalloc, 0);
  ASSERT_EQ(pages.size(), 4096u);
  for (const Page& page :
       pages) {  // every other frame: half the zone is free, and no two frames of it together
    if (page.pfn.value % 2 == 0) {
      ASSERT_EQ(zone.free(page), Status::kOk);
    }
  }
  for (std::uint32_t order = 1; order <= 10; ++order) {
    EXPECT_EQ(zone.alloc(kMemalloc, order).status, Status::kFragmented) << "order " << order;
  }
  EXPECT_EQ(zone->free_frames(), Frames{2048});  // X4: a refusal keeps nothing

  // One pair, anywhere, is found; one more frame does not help order 2.
  ASSERT_EQ(zone.free(3001, 0), Status::kOk);
  EXPECT_EQ(zone.alloc(kMemalloc, 2).status, Status::kFragmented);
  const Page pair = zone.alloc(kMemalloc, 1);
  ASSERT_EQ(pair.status, Status::kOk);
  EXPECT_EQ(pair.pfn.value, 3000u);
  EXPECT_EQ(zone.alloc(kMemalloc, 1).status, Status::kFragmented);
}

TEST(Alloc, E2_LargeOrdersNeedWholeAlignedWords) {
  TestZone zone({.frames = 2048});
  std::vector<Page> words = zone.take_all(kMemalloc, 5);
  ASSERT_EQ(words.size(), 64u);
  ASSERT_EQ(zone.free(32, 5), Status::kOk);  // words 1 and 2 are neighbours, but no aligned pair
  ASSERT_EQ(zone.free(64, 5), Status::kOk);
  EXPECT_EQ(zone.alloc(kMemalloc, 6).status, Status::kFragmented);
  ASSERT_EQ(zone.free(96, 5), Status::kOk);
  const Page page = zone.alloc(kMemalloc, 6);
  EXPECT_EQ(page.status, Status::kOk);
  EXPECT_EQ(page.pfn.value, 64u);
}

TEST(Alloc, C3_WakeExactlyWhenLessThanLowIsLeftAndAskedFor) {
  TestZone zone({.frames = 64, .max_order = 3, .min = 4, .low = 8});
  for (int left = 63; left >= 8; --left) EXPECT_FALSE(zone.alloc(kNowait, 0).wake) << left << " left";
  const Page silent = zone.alloc(Gfp{}, 0);
  EXPECT_EQ(silent.status, Status::kOk);
  EXPECT_FALSE(silent.wake);
  for (int left = 6; left >= 4; --left) {
    const Page page = zone.alloc(kNowait, 0);
    EXPECT_EQ(page.status, Status::kOk);
    EXPECT_TRUE(page.wake);
  }
  const Page refused = zone.alloc(kNowait, 0);
  EXPECT_EQ(refused.status, Status::kExhausted);
  EXPECT_TRUE(refused.wake);
  EXPECT_FALSE(zone.alloc(Gfp{}, 0).wake);
}

TEST(Alloc, C1_MaySleepWhereSleepingIsNotPermittedIsBadContext) {
  TestZone zone({.frames = 64, .low = 64});
  zone.surroundings.may_sleep = false;
  const Page page = zone.alloc(kKernel, 0);
  EXPECT_EQ(page.status, Status::kBadContext);
  EXPECT_EQ(page.pfn, Pfn{});
  EXPECT_FALSE(page.wake);
  EXPECT_EQ(zone->free_frames(), Frames{64});
  EXPECT_EQ(zone.alloc(kAtomic, 0).status, Status::kOk);
  EXPECT_EQ(zone.alloc(kKernel | Gfp{32}, 0).status, Status::kBadArgument);  // nonsense is nonsense anywhere
}

TEST(Alloc, BadArgumentsChangeNothing) {
  TestZone zone({.frames = 64, .max_order = 4});
  EXPECT_EQ(zone.alloc(Gfp{32}, 0).status, Status::kBadArgument);
  EXPECT_EQ(zone.alloc(kMemalloc, 5).status, Status::kBadArgument);
  EXPECT_EQ(zone.alloc(kMemalloc, 64).status, Status::kBadArgument);
  EXPECT_EQ(zone.alloc(kMemalloc, UINT32_MAX).status, Status::kBadArgument);
  zone.expect_nothing_is_lost();
}

TEST(Alloc, AnyCpuNumberWillDo) {
  TestZone zone({.frames = 4096, .cpus = 3});
  for (std::uint32_t cpu : {0u, 1u, 2u, 3u, 4096u, UINT32_MAX}) {
    zone.surroundings.cpu = cpu;
    EXPECT_EQ(zone.alloc(kAtomic, 0).status, Status::kOk);
  }
}

}  // namespace
}  // namespace labyrinth::test
