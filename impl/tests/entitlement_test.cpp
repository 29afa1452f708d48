// E1: the reductions of a request's floor, with the numbers worked out by hand.
#include "entitlement.hpp"

#include <gtest/gtest.h>

namespace labyrinth {
namespace {

std::int64_t floor_for(Gfp gfp, std::int64_t min) {
  return floor_of(gfp, Pass::kMin, {Frames{min}, Frames{2 * min}, Frames{3 * min}}, Frames{0}).value;
}

TEST(Entitlement, E1_PlainRequestsKeepMin) {
  EXPECT_EQ(floor_for(Gfp{}, 100), 100);
  EXPECT_EQ(floor_for(kKernel, 100), 100);
  EXPECT_EQ(floor_for(kNowait, 100), 100);
  EXPECT_EQ(floor_for(kNomemalloc, 100), 100);
}

TEST(Entitlement, E1_HighTakesHalfOfMinAndAtomicAQuarterOfTheRest) {
  EXPECT_EQ(floor_for(kHigh | kKernel, 100), 50);
  EXPECT_EQ(floor_for(kAtomic, 100), 38);  // 50 - 12
  EXPECT_EQ(floor_for(kAtomic | kNomemalloc, 100), 50);
}

TEST(Entitlement, E1_IntegerReductionsRoundTheFloorUp) {
  EXPECT_EQ(floor_for(kAtomic, 1), 1);
  EXPECT_EQ(floor_for(kAtomic, 2), 1);
  EXPECT_EQ(floor_for(kAtomic, 3), 2);
  EXPECT_EQ(floor_for(kAtomic, 7), 3);  // 7 - 3 = 4, 4 - 1 = 3
}

TEST(Entitlement, E4_MemallocReachesTheWholeReserveUnlessForbidden) {
  EXPECT_EQ(floor_for(kMemalloc, 100), 0);
  EXPECT_EQ(floor_for(kMemalloc | kKernel, 100), 0);
  EXPECT_EQ(floor_for(kMemalloc | kNomemalloc, 100), 100);
  EXPECT_EQ(floor_for(kMemalloc | kNomemalloc | kAtomic, 100), 50);
}

TEST(Entitlement, OnlyTheNamedBitsAreKnown) {
  EXPECT_TRUE(is_known(Gfp{0}));
  EXPECT_TRUE(is_known(Gfp{0xfff} | kNoretry | kNofail));
  EXPECT_TRUE(is_known(kReclaimable));
  EXPECT_FALSE(is_known(kReclaimable | kMovable)) << "content is of one kind";
  for (std::uint32_t bit = 13; bit < 32; ++bit) {
    const Gfp gfp{1u << bit};
    const bool of_device =
        bit >= 20 && bit < 24;  // a field: which of its numbers are devices, the route says
    EXPECT_EQ(is_known(gfp), gfp == kNoretry || gfp == kNofail || of_device) << bit;
  }
}

TEST(Entitlement, E1_TheFirstPassKeepsLowAndTheReserveForEveryone) {
  const Watermarks marks{Frames{10}, Frames{20}, Frames{30}};
  for (const Gfp gfp : {Gfp{}, kKernel, kAtomic, kMemalloc, kNomemalloc}) {
    EXPECT_EQ(floor_of(gfp, Pass::kLow, marks, Frames{5}), Frames{25});
  }
}

TEST(Entitlement, E1_TheLowmemReserveIsAddedToWhatTheReductionsLeave) {
  const Watermarks marks{Frames{100}, Frames{100}, Frames{100}};
  EXPECT_EQ(floor_of(kAtomic, Pass::kMin, marks, Frames{7}), Frames{38 + 7});
  EXPECT_EQ(floor_of(kMemalloc, Pass::kMin, marks, Frames{7}), Frames{0});
}

TEST(Entitlement, E1_LowmemReserveIsTheFramesAboveByTheRatio) {
  ZoneConfig zones[LABYRINTH_ZONES]{};
  zones[LABYRINTH_ZONE_DMA] = {100, 0, 0, 0, 8, 0};
  zones[LABYRINTH_ZONE_DMA32] = {1000, 0, 0, 0, 0, 0};
  zones[LABYRINTH_ZONE_NORMAL] = {2004, 0, 0, 0, 32, 0};
  EXPECT_EQ(lowmem_reserve(zones, LABYRINTH_ZONE_DMA, LABYRINTH_ZONE_DMA), Frames{0});
  EXPECT_EQ(lowmem_reserve(zones, LABYRINTH_ZONE_DMA, LABYRINTH_ZONE_DMA32), Frames{125});
  EXPECT_EQ(lowmem_reserve(zones, LABYRINTH_ZONE_DMA, LABYRINTH_ZONE_NORMAL), Frames{375});  // 3004 / 8
  EXPECT_EQ(lowmem_reserve(zones, LABYRINTH_ZONE_DMA32, LABYRINTH_ZONE_NORMAL), Frames{0});
}

TEST(Entitlement, X2_ZoneModifiersNameTheHighestZoneOrContradictEachOther) {
  EXPECT_EQ(highest_zone(kKernel), ZoneIndex{LABYRINTH_ZONE_NORMAL});
  EXPECT_EQ(highest_zone(kKernel | kDma), ZoneIndex{LABYRINTH_ZONE_DMA});
  EXPECT_EQ(highest_zone(kAtomic | kDma32 | kMovable), ZoneIndex{LABYRINTH_ZONE_DMA32});
  EXPECT_EQ(highest_zone(kHighmem), ZoneIndex{LABYRINTH_ZONE_NORMAL});
  EXPECT_EQ(highest_zone(kMovable), ZoneIndex{LABYRINTH_ZONE_NORMAL});
  EXPECT_EQ(highest_zone(kHighmem | kMovable), ZoneIndex{LABYRINTH_ZONE_MOVABLE});
  for (const Gfp gfp : {kDma | kDma32, kDma | kHighmem, kDma32 | kHighmem, kDma | kHighmem | kMovable}) {
    EXPECT_EQ(highest_zone(gfp), kNoZone) << gfp.bits;
  }
}

}  // namespace
}  // namespace labyrinth
