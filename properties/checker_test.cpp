// The checker's rules, one by one: hand-made histories that are right, and their neighbours that are wrong.
#include "checker.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace labyrinth::machine {
namespace {

using model::Clause;
using model::Gfp;
using model::Level;
using model::Status;

constexpr Clause kFine = Clause::kNone;
constexpr Gfp kPlain{};

/// A zone of 16 frames from pfn 0 on, unless a test says otherwise. Contexts are named by number.
class CheckerTest : public ::testing::Test {
 protected:
  void SetUp() override { zone({}); }
  void zone(model::Watermarks marks, std::uint64_t first = 0, std::int64_t frames = 16) {
    static model::Memory memory;
    memory = model::one_zone({{first}, {frames}}, marks, {4});
    checker().begin_run(memory);
  }
  /// The same with blocks that live from the start.
  void zone_with(std::initializer_list<model::Block> live) {
    static model::Memory memory;
    memory = model::one_zone({{0}, {16}}, {}, {4});
    checker().begin_run(memory, live);
  }
  [[nodiscard]] static Checker& checker() {
    static const auto one = std::make_unique<Checker>();
    return *one;
  }

  void alloc(std::uint8_t context, std::uint8_t order = 0, Gfp gfp = kPlain,
             model::Situation situation = {}) {
    checker().begin_allocation(context, {gfp, {order}, situation}, 1);
  }
  Clause says(std::uint8_t context, Status status, bool wake = false, bool conflict = false) {
    return checker().end_allocation(context, {status, wake, {}}, conflict).clause;
  }
  Clause gives(std::uint8_t context, std::uint64_t pfn, bool wake = false) {
    return checker().end_allocation(context, {Status::kOk, wake, {pfn}}, false).clause;
  }
  void free(std::uint8_t context, std::uint64_t pfn, std::uint8_t order = 0) {
    checker().begin_free(context, {pfn}, {order}, order <= model::kMaxOrder.value);
  }
  Clause freed(std::uint8_t context, Status status = Status::kOk) {
    return checker().end_free(context, status).clause;
  }
  Clause refused(std::uint8_t context) { return freed(context, Status::kBadArgument); }

  /// A whole call with nothing in between.
  Clause take(std::uint64_t pfn, std::uint8_t order = 0, Gfp gfp = kPlain) {
    alloc(9, order, gfp);
    return gives(9, pfn);
  }
  Clause give_back(std::uint64_t pfn, std::uint8_t order = 0) {
    free(9, pfn, order);
    return freed(9);
  }
};

TEST_F(CheckerTest, X1_X3_E2_BlocksThatLiveFromTheStartAreAsIfTheyHadBeenGivenOut) {
  zone_with({{{4}, {2}}, {{15}, {0}}});
  EXPECT_EQ(take(15), Clause::X1);
  zone_with({{{4}, {2}}, {{15}, {0}}});
  EXPECT_EQ(take(4, 1), Clause::X1);
  zone_with({{{4}, {2}}, {{15}, {0}}});
  EXPECT_EQ(give_back(4, 1), Clause::X3) << "a part of a block is no block";
  zone_with({{{4}, {2}}, {{15}, {0}}});
  EXPECT_EQ(take(8, 2), kFine);
  EXPECT_EQ(take(0, 2), kFine);
  EXPECT_EQ(take(12, 1), kFine);
  EXPECT_EQ(take(14), kFine);
  alloc(0);
  EXPECT_EQ(says(0, Status::kExhausted), kFine);
  EXPECT_EQ(give_back(4, 2), kFine);
  EXPECT_EQ(give_back(15), kFine);
  alloc(0, 2);
  EXPECT_EQ(says(0, Status::kExhausted), Clause::E2) << "five frames are free";
}

TEST_F(CheckerTest, X1_ABlockOverlapsNoLiveBlock) {
  EXPECT_EQ(take(4, 2), kFine);
  EXPECT_EQ(take(8, 2), kFine);
  EXPECT_EQ(take(4, 2), Clause::X1) << "equal";
  EXPECT_EQ(take(6, 1), Clause::X1) << "a part";
  EXPECT_EQ(take(0, 3), Clause::X1) << "bigger";
  EXPECT_EQ(take(3), kFine) << "beside";
}

TEST_F(CheckerTest, X1_OfTwoCallsThatOverlapOnlyOneMayGetABlock) {
  alloc(0);
  alloc(1);
  EXPECT_EQ(gives(0, 5), kFine);
  EXPECT_EQ(gives(1, 5), Clause::X1);
}

TEST_F(CheckerTest, X1_ABlockMayBeGivenOutAgainWhileItsFreeIsInProgressButNotTwice) {
  ASSERT_EQ(take(4, 2), kFine);
  free(0, 4, 2);
  alloc(1);
  alloc(2, 1);
  EXPECT_EQ(gives(1, 5), kFine);
  EXPECT_EQ(gives(2, 6), kFine);
  EXPECT_EQ(freed(0), kFine);
  EXPECT_EQ(take(5), Clause::X1);
}

TEST_F(CheckerTest, X1_NotIfThatFreeIsThenRefused) {
  ASSERT_EQ(take(4, 2), kFine);
  free(0, 4, 2);
  alloc(1);
  EXPECT_EQ(gives(1, 5), kFine);
  EXPECT_EQ(refused(0), Clause::X1);
}

TEST_F(CheckerTest, X2_AlignedInsideAndOfAnOrderThatExists) {
  zone({}, 3, 10);  // frames 3 to 12
  EXPECT_EQ(take(2), Clause::X2);
  EXPECT_EQ(take(13), Clause::X2);
  EXPECT_EQ(take(5, 1), Clause::X2);
  EXPECT_EQ(take(12, 2), Clause::X2);
  EXPECT_EQ(take(~std::uint64_t{0}), Clause::X2);
  EXPECT_EQ(take(8, 2), kFine);
  EXPECT_EQ(take(12), kFine);
  alloc(0, 5);
  EXPECT_EQ(says(0, Status::kBadArgument), kFine);
  alloc(0, 255);
  EXPECT_EQ(says(0, Status::kExhausted), Clause::X2) << "an order that does not exist is refused as such";
  alloc(0, 0, Gfp{64});
  EXPECT_EQ(says(0, Status::kBadArgument), kFine);
  alloc(0);
  EXPECT_EQ(says(0, Status::kBadArgument), Clause::X2) << "and only that";
}

TEST_F(CheckerTest, X3_OnlyALiveBlockCanBeFreed) {
  ASSERT_EQ(take(4, 2), kFine);
  for (const auto& [pfn, order] :
       {std::pair{4, 1}, {4, 0}, {6, 1}, {0, 3}, {5, 0}, {9, 0}, {99, 0}, {4, 200}}) {
    free(0, static_cast<std::uint64_t>(pfn), static_cast<std::uint8_t>(order));
    EXPECT_EQ(refused(0), kFine) << pfn << ' ' << order;
    free(0, static_cast<std::uint64_t>(pfn), static_cast<std::uint8_t>(order));
    EXPECT_EQ(freed(0), Clause::X3) << pfn << ' ' << order;
  }
  free(0, 4, 2);
  EXPECT_EQ(freed(0, Status::kContended), Clause::X3);
}

TEST_F(CheckerTest, X3_ALiveBlockIsNotRefusedAndADeadOneIs) {
  ASSERT_EQ(take(4), kFine);
  free(0, 4);
  EXPECT_EQ(refused(0), Clause::X3);
  SetUp();
  ASSERT_EQ(take(4), kFine);
  EXPECT_EQ(give_back(4), kFine);
  free(0, 4);
  EXPECT_EQ(refused(0), kFine);
  EXPECT_EQ(give_back(4), Clause::X3) << "a double free";
}

TEST_F(CheckerTest, X3_AllOfABulkCanHaveBeenFreedBeforeItsAnswer) {
  constexpr std::uint8_t kCount = 40;
  for (const bool right : {true, false}) {
    zone({}, 0, 64);
    checker().begin_allocation(0, {kPlain, {0}, {}, kCount}, 1);
    std::array<model::Block, kCount> taken;
    for (std::uint8_t i = 0; i < kCount; ++i) {
      taken[i] = {{i}, {0}};
      EXPECT_EQ(give_back(i), kFine) << "the bulk may have taken it already";
    }
    if (!right) taken[7].pfn = {50};
    const Clause clause = checker().end_allocation(0, {Status::kOk, false, {0}}, false, taken).clause;
    EXPECT_EQ(clause, right ? kFine : Clause::X3) << "but then it has to say so";
  }
}

TEST_F(CheckerTest, X3_OfTwoFreesAtOnceExactlyOneSucceeds) {
  for (const bool first : {true, false}) {
    SetUp();
    ASSERT_EQ(take(4), kFine);
    free(0, 4);
    free(1, 4);
    EXPECT_EQ(first ? freed(0) : refused(0), kFine);
    EXPECT_EQ(first ? refused(1) : freed(1), kFine);
  }
  SetUp();
  ASSERT_EQ(take(4), kFine);
  free(0, 4);
  free(1, 4);
  EXPECT_EQ(freed(0), kFine);
  EXPECT_EQ(freed(1), Clause::X3) << "both";
  SetUp();
  ASSERT_EQ(take(4), kFine);
  free(0, 4);
  free(1, 4);
  EXPECT_EQ(refused(1), kFine);
  EXPECT_EQ(refused(0), Clause::X3) << "none";
}

TEST_F(CheckerTest, X3_AStaleFreeMayHitTheNewBlockOfThePlaceAndOrder) {
  for (const bool hits : {true, false}) {
    SetUp();
    free(0, 4);
    EXPECT_EQ(take(4), kFine);
    EXPECT_EQ(hits ? freed(0) : refused(0), kFine);
    EXPECT_EQ(take(4), hits ? kFine : Clause::X1);
  }
  free(0, 6);
  EXPECT_EQ(take(6, 1), kFine);
  EXPECT_EQ(freed(0), Clause::X3) << "of another order";
}

TEST_F(CheckerTest, X3_FreesThatRaceWithTheNextOwner) {
  for (const bool old_one : {true, false}) {
    SetUp();
    ASSERT_EQ(take(4), kFine);
    free(0, 4);
    free(1, 4);
    alloc(2);
    EXPECT_EQ(gives(2, 4), kFine) << "one of the two was carried out";
    EXPECT_EQ(old_one ? freed(0) : freed(1), kFine);
    EXPECT_EQ(old_one ? refused(1) : refused(0), kFine);
    EXPECT_EQ(take(4), Clause::X1) << "so the new block lives";
  }
  SetUp();
  ASSERT_EQ(take(4), kFine);
  free(0, 4);
  free(1, 4);
  alloc(2);
  EXPECT_EQ(gives(2, 4), kFine);
  EXPECT_EQ(freed(0), kFine);
  EXPECT_EQ(freed(1), kFine) << "both, the second of them the new block";
  EXPECT_EQ(take(4), kFine);
}

TEST_F(CheckerTest, X3_ABlockMayBeFreedByGuessingBeforeItIsAnsweredAndOnlyThen) {
  alloc(0);
  free(1, 7);
  EXPECT_EQ(freed(1), kFine) << "the allocation may have taken it already";
  EXPECT_EQ(gives(0, 7), kFine);
  EXPECT_FALSE(checker().placed());
  EXPECT_EQ(take(7), kFine);
  SetUp();
  alloc(0);
  free(1, 7);
  EXPECT_EQ(freed(1), kFine);
  EXPECT_EQ(gives(0, 6), Clause::X3) << "it had not";
  SetUp();
  alloc(0, 1);
  free(1, 7);
  EXPECT_EQ(freed(1), Clause::X3) << "an allocation of another order cannot have";
}

TEST_F(CheckerTest, X5_WhoMayCountOnAFramesContent) {
  EXPECT_FALSE(checker().owned({4}));
  ASSERT_EQ(take(4, 1), kFine);
  EXPECT_TRUE(checker().owned({4}) && checker().owned({5}));
  free(0, 4);
  EXPECT_TRUE(checker().owned({4})) << "no free of that block";
  EXPECT_EQ(refused(0), kFine);
  free(0, 4, 1);
  EXPECT_FALSE(checker().owned({4}) || checker().owned({5}));
  EXPECT_EQ(freed(0), kFine);
}

TEST_F(CheckerTest, C1_MaySleepOnlyInATaskWithoutMasks) {
  const model::Situation bad[] = {{.level = Level::kSoftirq},
                                  {.level = Level::kNmi},
                                  {.interrupts_off = true},
                                  {.bottom_halves_off = true},
                                  {.preemption_off = true}};
  for (const model::Situation& situation : bad) {
    alloc(0, 0, model::kDirectReclaim, situation);
    EXPECT_EQ(gives(0, 1), Clause::C1);
    alloc(0, 0, model::kDirectReclaim, situation);
    EXPECT_EQ(says(0, Status::kBadContext), kFine);
    alloc(0, 0, model::kHigh, situation);
    EXPECT_EQ(says(0, Status::kBadContext), Clause::C1);
  }
  alloc(0, 0, model::kDirectReclaim);
  EXPECT_EQ(says(0, Status::kBadContext), Clause::C1);
}

TEST_F(CheckerTest, E3_ContendedNeedsAConflict) {
  alloc(0);
  EXPECT_EQ(says(0, Status::kContended), Clause::E3);
  alloc(0);
  EXPECT_EQ(says(0, Status::kContended, false, true), kFine);
}

}  // namespace
}  // namespace labyrinth::machine
