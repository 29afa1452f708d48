// E1: the reductions of a request's floor, with the numbers worked out by hand.
#include "watermarks.hpp"

#include <gtest/gtest.h>

namespace labyrinth {
namespace {

std::int64_t floor_for(Gfp gfp, std::int64_t min) {
  return floor_of(gfp, {Frames{min}, Frames{2 * min}, Frames{3 * min}}).value;
}

TEST(Watermarks, E1_PlainRequestsKeepMin) {
  EXPECT_EQ(floor_for(Gfp{}, 100), 100);
  EXPECT_EQ(floor_for(kKernel, 100), 100);
  EXPECT_EQ(floor_for(kNowait, 100), 100);
  EXPECT_EQ(floor_for(kNomemalloc, 100), 100);
}

TEST(Watermarks, E1_HighTakesHalfOfMinAndAtomicAQuarterOfTheRest) {
  EXPECT_EQ(floor_for(kHigh | kKernel, 100), 50);
  EXPECT_EQ(floor_for(kAtomic, 100), 38);  // 50 - 12
  EXPECT_EQ(floor_for(kAtomic | kNomemalloc, 100), 50);
}

TEST(Watermarks, E1_IntegerReductionsRoundTheFloorUp) {
  EXPECT_EQ(floor_for(kAtomic, 1), 1);
  EXPECT_EQ(floor_for(kAtomic, 2), 1);
  EXPECT_EQ(floor_for(kAtomic, 3), 2);
  EXPECT_EQ(floor_for(kAtomic, 7), 3);  // 7 - 3 = 4, 4 - 1 = 3
}

TEST(Watermarks, E4_MemallocReachesTheWholeReserveUnlessForbidden) {
  EXPECT_EQ(floor_for(kMemalloc, 100), 0);
  EXPECT_EQ(floor_for(kMemalloc | kKernel, 100), 0);
  EXPECT_EQ(floor_for(kMemalloc | kNomemalloc, 100), 100);
  EXPECT_EQ(floor_for(kMemalloc | kNomemalloc | kAtomic, 100), 50);
}

TEST(Watermarks, OnlyTheNamedBitsAreKnown) {
  EXPECT_TRUE(is_known(Gfp{0}));
  EXPECT_TRUE(is_known(Gfp{31}));
  for (std::uint32_t bit = 5; bit < 32; ++bit) EXPECT_FALSE(is_known(Gfp{1u << bit}));
}

}  // namespace
}  // namespace labyrinth
