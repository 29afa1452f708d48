// X6 of a void that is unmapped: hand-made histories that are right, and their neighbours that are wrong.
#include <gtest/gtest.h>

#include <memory>

#include "checker.hpp"

namespace labyrinth::machine {
namespace {

using model::Clause;
using model::Frames;
using model::Gfp;
using model::Status;

constexpr Clause kFine = Clause::kNone;
constexpr std::uint64_t kAll = UINT64_MAX;
constexpr model::Situation kAtomicContext{.preemption_off = true};

/// A void of 8 frames from pfn 0 on that is unmapped. Contexts are named by number.
class LimboTest : public ::testing::Test {
 protected:
  void SetUp() override {
    static model::Memory memory;
    memory = model::one_zone({{0}, {8}}, {}, {3});
    memory.pools[0].kind = model::PoolKind::kVoid;
    memory.pools[0].unmaps = true;
    checker().begin_run(memory);
  }
  [[nodiscard]] static Checker& checker() {
    static const auto one = std::make_unique<Checker>();
    return *one;
  }

  void alloc(std::uint8_t context, std::uint8_t order = 0, Gfp gfp = model::kExclusive) {
    checker().begin_allocation(context, {gfp | model::kExclusive, {order}, {}}, 1);
  }
  Clause gives(std::uint8_t context, std::uint64_t pfn, bool conflict = false) {
    return checker().end_allocation(context, {Status::kOk, false, {pfn}}, conflict).clause;
  }
  Clause says(std::uint8_t context, Status status) {
    return checker().end_allocation(context, {status, false, {}}, false).clause;
  }
  Clause map(std::uint8_t context, std::uint64_t pfn, std::int64_t frames = 1) {
    return checker().remap(context, {pfn}, {frames}).clause;
  }
  Clause unmap(std::uint8_t context, std::uint64_t pfn, std::int64_t frames = 1) {
    return checker().unmap(context, {pfn}, {frames}).clause;
  }
  void free(std::uint8_t context, std::uint64_t pfn, std::uint8_t order = 0) {
    checker().begin_free(context, {pfn}, {order}, true);
  }
  Clause freed(std::uint8_t context) { return checker().end_free(context, Status::kOk).clause; }
  void drain(std::uint8_t context, std::uint64_t most = kAll, model::Situation situation = {}) {
    checker().begin_drain(context, {most, situation});
  }
  Clause drained(std::uint8_t context, std::uint64_t blocks, Status status = Status::kOk) {
    return checker().end_drain(context, status, blocks).clause;
  }

  /// Whole calls with nothing in between.
  void take(std::uint64_t pfn, std::uint8_t order = 0) {
    alloc(9, order);
    ASSERT_EQ(map(9, pfn, std::int64_t{1} << order), kFine);
    ASSERT_EQ(gives(9, pfn), kFine);
  }
  void put_into_limbo(std::uint64_t pfn, std::uint8_t order = 0) {
    free(9, pfn, order);
    ASSERT_EQ(freed(9), kFine);
  }
};

TEST_F(LimboTest, X6_ABlockIsGivenOutMappedAndUnmappedBeforeItIsGivenOutAgain) {
  alloc(0);
  EXPECT_EQ(gives(0, 1), Clause::X6) << "never mapped";
  SetUp();
  take(1);
  free(0, 1);
  EXPECT_EQ(unmap(0, 1), kFine);
  EXPECT_EQ(freed(0), kFine);
  take(1);
  free(0, 1);
  alloc(1);
  EXPECT_EQ(gives(1, 1), Clause::X6)
      << "given out while its free is in progress, but as its last owner left it";
}

TEST_F(LimboTest, X6_WhatIsInLimboIsNotGivenOut) {
  take(4, 2);
  put_into_limbo(4, 2);
  alloc(0);
  EXPECT_EQ(gives(0, 5), Clause::X6);
}

TEST_F(LimboTest, X6_UntilACallHasUnmappedIt) {
  take(4, 2);
  put_into_limbo(4, 2);
  drain(0);
  ASSERT_EQ(unmap(0, 4, 4), kFine);
  alloc(1);
  EXPECT_EQ(map(1, 5), kFine);
  EXPECT_EQ(gives(1, 5), kFine) << "at any instant of that call";
  EXPECT_EQ(drained(0, 1), kFine);
  take(6);
}

TEST_F(LimboTest, X6_MappingsAreChangedOnceAndOnlyThere) {
  take(1);
  EXPECT_EQ(map(0, 1), Clause::X6) << "mapped already";
  EXPECT_EQ(map(0, 8), Clause::X6) << "no frame of the void";
  EXPECT_EQ(unmap(0, 2), Clause::X6) << "unmapped already";
  EXPECT_EQ(unmap(0, 8), Clause::X6);
  EXPECT_EQ(unmap(0, 1), Clause::X5) << "its owner's";
}

TEST_F(LimboTest, E2_WhatIsInLimboIsNotFreeForWhoMayNotSleep) {
  take(0, 3);
  put_into_limbo(0, 3);
  alloc(0);
  EXPECT_EQ(says(0, Status::kExhausted), kFine);
  alloc(0, 0, model::kDirectReclaim);
  EXPECT_EQ(says(0, Status::kExhausted), Clause::E2) << "who may sleep drains first";
  SetUp();
  take(0, 3);
  put_into_limbo(0, 3);
  alloc(0, 0, model::kDirectReclaim);
  drain(1);
  EXPECT_EQ(says(0, Status::kExhausted), kFine) << "unless another call may have had it in hand";
}

TEST_F(LimboTest, E2_NorIsItABlockForWhoMayNotSleep) {
  for (const std::uint64_t pfn : {0U, 2U, 4U, 6U}) take(pfn, 1);
  put_into_limbo(0, 1);
  put_into_limbo(4, 1);
  drain(0, 1);
  ASSERT_EQ(unmap(0, 0, 2), kFine);
  ASSERT_EQ(drained(0, 1), kFine);
  free(0, 6, 1);
  ASSERT_EQ(unmap(0, 6, 2), kFine);
  ASSERT_EQ(freed(0), kFine);
  alloc(0, 2);
  EXPECT_EQ(says(0, Status::kFragmented), kFine) << "0, 1, 6, 7 are free; 4 and 5 are in limbo";
  alloc(0, 2, model::kDirectReclaim);
  EXPECT_EQ(says(0, Status::kFragmented), Clause::E2) << "4 to 7 could be had";
}

TEST_F(LimboTest, E2_WhatWasDrainedIsFree) {
  take(0, 3);
  put_into_limbo(0, 3);
  alloc(0, 0, model::kDirectReclaim);
  ASSERT_EQ(unmap(0, 0, 8), kFine);
  alloc(1);
  EXPECT_EQ(says(1, Status::kExhausted), kFine) << "not before the call that drains it answers";
  ASSERT_EQ(map(0, 3), kFine);
  EXPECT_EQ(gives(0, 3), kFine);
  alloc(1);
  EXPECT_EQ(says(1, Status::kExhausted), Clause::E2);
}

TEST_F(LimboTest, E2_WhatADrainHasFreedButNotCountedYetNeedNotBeFree) {
  take(4, 2);
  put_into_limbo(4, 2);
  drain(0);
  ASSERT_EQ(unmap(0, 4, 4), kFine);
  alloc(1, 2);
  ASSERT_EQ(map(1, 4, 4), kFine);
  ASSERT_EQ(gives(1, 4), kFine);
  free(1, 4, 2);
  ASSERT_EQ(unmap(1, 4, 4), kFine);
  ASSERT_EQ(freed(1), kFine);
  alloc(1, 3);
  EXPECT_EQ(says(1, Status::kExhausted), kFine) << "four of the eight are not counted";
  ASSERT_EQ(drained(0, 1), kFine);
  alloc(1, 3);
  EXPECT_EQ(says(1, Status::kExhausted), Clause::E2);
}

TEST_F(LimboTest, C1_ADrainMaySleepSoItIsRefusedWhereThatIsNotPermitted) {
  drain(0, kAll, kAtomicContext);
  EXPECT_EQ(drained(0, 0, Status::kBadContext), kFine);
  drain(0, kAll, kAtomicContext);
  EXPECT_EQ(drained(0, 0), Clause::C1);
  drain(0);
  EXPECT_EQ(drained(0, 0, Status::kBadContext), Clause::C1) << "and only there";
}

TEST_F(LimboTest, X4_ADrainLeavesNothingThatWasThereAndTellsWhatItDid) {
  take(0);
  take(1);
  put_into_limbo(0);
  put_into_limbo(1);
  drain(0, 1);
  ASSERT_EQ(unmap(0, 0), kFine);
  EXPECT_EQ(drained(0, 1), kFine) << "as many as it was told to";
  drain(0);
  EXPECT_EQ(drained(0, 0), Clause::X4) << "1 is left";
  SetUp();
  take(0);
  put_into_limbo(0);
  drain(0);
  ASSERT_EQ(unmap(0, 0), kFine);
  EXPECT_EQ(drained(0, 2), Clause::X4) << "it was one";
  SetUp();
  take(0);
  drain(0);
  put_into_limbo(0);
  EXPECT_EQ(drained(0, 0), kFine) << "what came later may stay";
}

TEST_F(LimboTest, X3_ABlockInLimboIsNoLiveBlock) {
  take(0);
  put_into_limbo(0);
  free(0, 0);
  EXPECT_EQ(checker().end_free(0, Status::kBadArgument).clause, kFine);
  free(0, 0);
  EXPECT_EQ(freed(0), Clause::X3);
}

TEST_F(LimboTest, X6_AFreeAnsweredLateMayFindItsFramesMappedForTheNextOwner) {
  take(1);
  free(0, 1);
  ASSERT_EQ(unmap(0, 1), kFine);
  alloc(1);
  ASSERT_EQ(map(1, 1), kFine);
  EXPECT_EQ(freed(0), kFine);
  EXPECT_EQ(gives(1, 1), kFine);
}

TEST_F(LimboTest, X6_AnAllocationThatWasFreedBeforeItsAnswerMayLeaveItsBlockInLimbo) {
  alloc(0);
  ASSERT_EQ(map(0, 1), kFine);
  free(1, 1);  // the caller's own bug: nobody has been told of it
  EXPECT_EQ(freed(1), kFine);
  EXPECT_EQ(gives(0, 1), kFine);
  EXPECT_FALSE(checker().placed());
  alloc(2);
  EXPECT_EQ(gives(2, 1), Clause::X6);
}

}  // namespace
}  // namespace labyrinth::machine
