// N2, N3: the declared bounds, worked out by hand for small geometries, and how they grow.
#include "steps.hpp"

#include <gtest/gtest.h>

namespace labyrinth {
namespace {

TEST(Steps, N3_OneWord) {
  const Geometry geometry(0, 32, Order{5});
  // 2 looks into the slot; 6 to begin, 3 of them in the pass down to low; 4 looks at the word, 12 lost
  // compare-exchanges; the claim and the hint.
  EXPECT_EQ(take_steps({geometry, 1}, Order{0}), 2u + 6 + 4 + 12 + 2);
  // 6 to begin; 1 look, 16 lost compare-exchanges; the root's credit given back.
  EXPECT_EQ(take_steps({geometry, 1}, Order{3}), 6u + 1 + 16 + 1);
  // The whole word can be lost but once; a success has its live bit and the hint to write.
  EXPECT_EQ(take_steps({geometry, 1}, Order{5}), 6u + 1 + 1 + 2);
  EXPECT_EQ(release_steps(geometry, Order{3}), 2u);
  EXPECT_EQ(release_steps(geometry, Order{5}), 3u);
}

TEST(Steps, N3_TwoChunksOfTwoWords) {
  const Geometry geometry(0, 128, Order{6});
  // 4 rounds of 2 counters, 1 credit, 2 words; 3 undone; 12 races, 4 of them at counters; 2 to give back.
  EXPECT_EQ(take_steps({geometry, 4}, Order{0}), 2u + 6 + 4 * (2 + 1 + 2) + 3 + (12 + 4) + 2);
  // 2 counters, 2 passes of 4 words, 8 of them lost with debit and return, 16 races.
  EXPECT_EQ(take_steps({geometry, 4}, Order{1}), 6u + 2 + 8 + 8 * 2 + 16 + 1);
  // 2 counters, 2 passes of 2 blocks of 2 words; each lost one costs 2 credits, 2 exchanges, 1 undone.
  EXPECT_EQ(take_steps({geometry, 4}, Order{6}), 6u + 2 + 8 + 4 * 5 + 1);
  EXPECT_EQ(release_steps(geometry, Order{0}), 3u);
  EXPECT_EQ(release_steps(geometry, Order{6}), 5u);
}

TEST(Steps, N3_WithSlots) {
  const Geometry geometry(0, 128, Order{6});
  // Slots of one CPU: 2 looks, 4 lost claims, each after a look at the root. To be refused at the root: 3,
  // and twice more, with the slot emptied in 5, between two looks at the moves.
  const std::uint64_t fast = 2 + 4 * 2;
  const std::uint64_t credits = 3 + 2 * (1 + 5 + 3 + 1);
  // As without slots; at the end 2, and a word prepaid: 2 credits at the root, 1 in the tree, mark, exchange,
  // the move, and the old word's 3.
  EXPECT_EQ(take_steps({geometry, 1}, Order{0}),
            2 * (fast + credits) + 1 + 4 * (2 + 1 + 2) + 3 + (12 + 4) + 2 + 9);
  EXPECT_EQ(take_steps({geometry, 1}, Order{1}), 2 * credits + 1 + 2 + 8 + 8 * 2 + 16 + 1 + 1);
  const std::uint64_t search = 2 + 8 + 4 * 5 + 1;
  EXPECT_EQ(take_steps({geometry, 1}, Order{6}), 2 * credits + 1 + search + 1 + 5 + 3 + search + 1);
}

TEST(Steps, N3_WithLanesAndPageblocksSetApart) {
  const Geometry geometry(0, 256, Order{5});
  const Shape plain{geometry, 1, 1};
  const Shape grouped{geometry, 1, 3};
  // A place to begin: 2 looks, 8 pageblocks of 2, one claimed for 2; in the end 4. Two lanes more to empty.
  const std::uint64_t lanes = 2 * kCollectTries * 2 * (4 + 1);
  EXPECT_EQ(take_steps(grouped, Order{0}), take_steps(plain, Order{0}) + lanes + 2 + 16 + 2 + 4);
  // A pageblock of one word: its slot, its state twice, the mark and 3 steps for the credits, the slot again.
  const Shape apart{geometry, 1, 1, 1};
  EXPECT_EQ(collect_steps(apart), collect_steps(plain) + 4 + 4);
  EXPECT_GT(take_steps(apart, Order{1}), 3 * (take_steps(plain, Order{1}) - credit_steps(plain)));
}

TEST(Steps, N3_DrainingLimbo) {
  const Geometry geometry(0, 128, Order{6});
  // The count and the start; 4 words and 2 of large blocks; 130 blocks to try; each taken one is counted off
  // and released in 5.
  EXPECT_EQ(drain_steps(geometry, 3), 2u + 6 + 130 + 3 * (1 + 5));
  EXPECT_EQ(drain_steps(geometry, UINT64_MAX), 2u + 6 + 130 + 130 * (1 + 5));
  // In one word, a block goes back in 3 steps, and is released in no more.
  EXPECT_EQ(drain_steps(Geometry(64, 8, Order{3}), 1), 2u + 1 + 8 + 1 * (1 + 3));
}

TEST(Steps, N3_OrderZeroIsLogarithmicInTheFrames) {
  std::uint64_t last = 0;
  for (std::uint32_t log = 16; log <= 28; log += 6) {
    const std::uint64_t steps = take_steps({Geometry(0, std::uint64_t{1} << log, Order{10}), 1}, Order{0});
    if (last != 0) {
      EXPECT_LE(steps - last, 4u * 65 + 4 + 20);
    }  // one level more per factor of 64
    last = steps;
  }
}

static_assert(take_steps({Geometry(0, 1024, Order{10}), 32}, Order{0}) == 2 + 6 + 4 * 32 + 12 + 2);

}  // namespace
}  // namespace labyrinth
