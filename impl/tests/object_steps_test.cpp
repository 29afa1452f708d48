// N2, N3: the bounds that small objects declare, worked out by hand for small geometries, and how they grow.
#include "object_steps.hpp"

#include <gtest/gtest.h>

namespace labyrinth::objects {
namespace {

constexpr PageSteps kPages{.alloc = 20, .free = 2, .free_block = 36};

TEST(ObjectSteps, N3_OneGroup) {
  const Geometry geometry{0, 64};
  EXPECT_EQ(retire_steps(geometry, kPages), 2u + 1 + 2);
  EXPECT_EQ(return_steps(geometry, kPages), 2u + 5);
  // 3 to begin; 4 rounds of 64 states, a credit; 4 rounds of 4 words, a bit; 16 races; the return.
  EXPECT_EQ(alloc_steps(geometry, kPages), 3u + 4 * 64 + 1 + 4 * 4 + 1 + 16 * 2 + 7);
  EXPECT_EQ(free_steps(geometry, kPages), 3u + 1 + 36);
  EXPECT_EQ(trim_steps(geometry, kPages, 10), 10u * (1 + 64 * (1 + 5)));
}

TEST(ObjectSteps, N3_TwoGroups) {
  const Geometry geometry{0, 128};
  EXPECT_EQ(retire_steps(geometry, kPages), 2u + 1 + 1 + 2);
  EXPECT_EQ(return_steps(geometry, kPages), 1u + 1 + 1 + 6);
  // A round: 2 counters, a credit taken and returned, 64 states.
  EXPECT_EQ(alloc_steps(geometry, kPages), 3u + 4 * (2 + 2 + 64) + 1 + 4 * 4 + 1 + 16 * 2 + 9);
  EXPECT_EQ(trim_steps(geometry, kPages, 10), 10u * (1 + 2 + 128 * (1 + 6)));
}

TEST(ObjectSteps, N3_ADearPageDecides) {
  const Geometry geometry{0, 64};
  // The root's refusal, the page, the slab opened and credited, the hint.
  EXPECT_EQ(alloc_steps(geometry, {.alloc = 1000, .free = 2, .free_block = 2}), 3u + 1000 + 3 + 1 + 1);
  EXPECT_EQ(alloc_block_steps(100, 5), 105u);
  EXPECT_EQ(alloc_block_steps(100, 1), 102u);
}

TEST(ObjectSteps, N3_AllocationIsLogarithmicInTheFrames) {
  std::uint64_t last = 0;
  for (std::uint32_t log = 16; log <= 28; log += 6) {
    const std::uint64_t steps = alloc_steps({0, FrameIndex{1} << log}, kPages);
    if (last != 0) {
      EXPECT_LE(steps - last, 4u * (64 + 2) + 3);
    }  // one level more per factor of 64
    last = steps;
  }
}

}  // namespace
}  // namespace labyrinth::objects
