// X3: free is total and exact. A live block is always freed; anything else is answered bad_argument and
// changes nothing.
#include <gtest/gtest.h>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

// Every (pfn, order) around the zone, but for the live blocks, must be refused.
void expect_only_these_are_live(TestZone& zone, const std::vector<Page>& live) {
  const Frames before = zone->free_frames();
  const std::uint64_t first = zone.shape().first_pfn;
  for (std::uint64_t pfn = first < 70 ? 0 : first - 70; pfn < first + zone.shape().frames + 70; ++pfn) {
    for (std::uint32_t order = 0; order <= 12; ++order) {
      bool is_live = false;
      for (const Page& page : live) is_live = is_live || (page.pfn.value == pfn && page.order.value == order);
      if (!is_live) {
        ASSERT_EQ(zone.free(pfn, order), Status::kBadArgument) << "pfn " << pfn << " order " << order;
      }
    }
  }
  EXPECT_EQ(zone->free_frames(), before);
}

TEST(Free, X3_NothingIsLiveAtTheStart) {
  for (std::uint64_t first_pfn : {0u, 1u, 33u, 1023u, 1u << 20}) {
    TestZone zone({.first_pfn = first_pfn, .frames = 1500});
    expect_only_these_are_live(zone, {});
    zone.expect_nothing_is_lost();
  }
}

TEST(Free, X3_ExactlyTheLiveBlocksCanBeFreed) {
  TestZone zone({.first_pfn = 40, .frames = 3000});
  std::vector<Page> live;
  for (std::uint32_t order = 11; order-- > 0;) {  // the largest first: only one of it fits
    live.push_back(zone.alloc(kMemalloc, order));
    ASSERT_EQ(live.back().status, Status::kOk) << "order " << order;
  }
  expect_only_these_are_live(zone, live);
  while (!live.empty()) {
    const Page page = live.back();
    live.pop_back();
    EXPECT_EQ(zone.free(page), Status::kOk);
    EXPECT_EQ(zone.free(page), Status::kBadArgument) << "double free, order " << page.order.value;
    if (live.size() % 4 == 0) expect_only_these_are_live(zone, live);
  }
  zone.expect_nothing_is_lost();
}

TEST(Free, X3_PartsAndNeighboursOfABlockAreNotTheBlock) {
  TestZone zone({.frames = 1024});
  for (std::uint32_t order = 0; order <= 10; ++order) {
    const Page page = zone.alloc(kMemalloc, order);
    ASSERT_EQ(page.status, Status::kOk);
    expect_only_these_are_live(zone, {page});
    EXPECT_EQ(zone.free(page), Status::kOk);
  }
  zone.expect_nothing_is_lost();
}

TEST(Free, X3_FarAwayAndHugeArgumentsAreRefused) {
  TestZone zone({.first_pfn = 1 << 20, .frames = 1024});
  const Page page = zone.alloc(kMemalloc, 10);
  ASSERT_EQ(page.status, Status::kOk);
  for (std::uint64_t far : {std::uint64_t{1} << 32, std::uint64_t{1} << 63, UINT64_MAX - 1023}) {
    EXPECT_EQ(zone.free(page.pfn.value + far, 10), Status::kBadArgument);
  }
  EXPECT_EQ(zone.free(0, 0), Status::kBadArgument);
  EXPECT_EQ(zone.free(UINT64_MAX, 0), Status::kBadArgument);
  for (std::uint32_t order : {11u, 32u, 63u, 64u, UINT32_MAX}) {
    EXPECT_EQ(zone.free(page.pfn.value, order), Status::kBadArgument);
  }
  EXPECT_EQ(zone.free(page), Status::kOk);
}

TEST(Free, X3_AStaleFreeFreesTheNewBlockOfTheSameName) {
  TestZone zone({.frames = 1, .max_order = 0});
  const Page first = zone.alloc(kMemalloc, 0);
  EXPECT_EQ(zone.free(first), Status::kOk);
  EXPECT_EQ(zone.alloc(kMemalloc, 0).pfn, first.pfn);
  EXPECT_EQ(zone.free(first), Status::kOk);
  EXPECT_EQ(zone->free_frames(), Frames{1});
}

}  // namespace
}  // namespace labyrinth::test
