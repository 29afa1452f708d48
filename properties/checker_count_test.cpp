// The checker's rules about counts: floors (E1), exhausted and fragmented (E2), wake-ups (C3).
#include <gtest/gtest.h>

#include <memory>

#include "checker.hpp"

namespace labyrinth::machine {
namespace {

using model::Clause;
using model::Gfp;
using model::Status;

constexpr Clause kFine = Clause::kNone;

class CheckerCountTest : public ::testing::Test {
 protected:
  [[nodiscard]] static Checker& checker() {
    static const auto one = std::make_unique<Checker>();
    return *one;
  }
  static void zone(model::Watermarks marks) {
    static model::Memory memory;
    memory = model::one_zone({{0}, {16}}, marks, {4});
    checker().begin_run(memory);
  }
  static void alloc(std::uint8_t context, std::uint8_t order = 0, Gfp gfp = {}) {
    checker().begin_allocation(context, {gfp, {order}, {}}, 1);
  }
  static Clause says(std::uint8_t context, Status status, bool wake = false) {
    return checker().end_allocation(context, {status, wake, {}}, false).clause;
  }
  static Clause gives(std::uint8_t context, std::uint64_t pfn, bool wake = false) {
    return checker().end_allocation(context, {Status::kOk, wake, {pfn}}, false).clause;
  }
  static void free(std::uint8_t context, std::uint64_t pfn, std::uint8_t order = 0) {
    checker().begin_free(context, {pfn}, {order}, true);
  }
  static Clause freed(std::uint8_t context) { return checker().end_free(context, Status::kOk).clause; }
  /// Takes single frames from 0 on until `left` are free.
  static void leave(std::int64_t left) {
    for (std::uint64_t pfn = 0; checker().state().free_frames().count > left; ++pfn) {
      alloc(9, 0, model::kMemalloc);
      ASSERT_EQ(gives(9, pfn), kFine);
    }
  }
};

TEST_F(CheckerCountTest, E1_E2_FloorsAreExactForEveryCombinationOfFlags) {
  constexpr model::Watermarks kMarks{{8}, {8}, {8}};
  for (std::uint32_t bits = 0; bits < 32; ++bits) {
    const Gfp gfp{bits & ~model::kKswapdReclaim.bits};
    const std::int64_t floor =
        model::floor_of(gfp, model::Pass::kMin, model::one_zone({}, kMarks, {4}).pools[0]).count;
    zone(kMarks);
    leave(floor + 1);
    alloc(0, 0, gfp);
    EXPECT_EQ(says(0, Status::kExhausted), Clause::E2) << bits;
    alloc(0, 0, gfp);
    EXPECT_EQ(gives(0, 15), kFine) << bits;
    alloc(0, 0, gfp);
    EXPECT_EQ(says(0, Status::kExhausted), kFine) << bits;
    if (floor == 0) continue;
    alloc(0, 0, gfp);
    EXPECT_EQ(gives(0, 14), Clause::E1) << bits;
  }
}

TEST_F(CheckerCountTest, E1_TwoSuccessesAtOnceMayNotBothTakeTheLastFrameAboveTheFloor) {
  zone({{4}, {4}, {4}});
  leave(5);
  alloc(0);
  alloc(1);
  EXPECT_EQ(gives(0, 11), kFine);
  EXPECT_EQ(gives(1, 12), Clause::E1);
}

TEST_F(CheckerCountTest, E1_UnlessAnotherCallFreedOneInBetween) {
  zone({{4}, {4}, {4}});
  leave(5);
  alloc(0);
  alloc(1);
  free(2, 0);
  EXPECT_EQ(gives(0, 11), kFine);
  EXPECT_EQ(gives(1, 12), kFine);
  EXPECT_EQ(freed(2), kFine);
}

TEST_F(CheckerCountTest, E1_ButNotIfThatFreeIsRefusedInTheEnd) {
  zone({{4}, {4}, {4}});
  leave(5);
  free(3, 0);
  free(2, 0);
  alloc(0);
  alloc(1);
  EXPECT_EQ(gives(0, 11), kFine);
  EXPECT_EQ(gives(1, 12), kFine);
  EXPECT_EQ(checker().end_free(2, Status::kBadArgument).clause, kFine);
  EXPECT_EQ(checker().end_free(3, Status::kBadArgument).clause, Clause::X3);
}

TEST_F(CheckerCountTest, E1_LowerFloorsMayBeServedAfterHigherOnes) {
  zone({{4}, {4}, {4}});
  leave(5);
  alloc(0);
  alloc(1, 0, model::kMemalloc);
  EXPECT_EQ(gives(1, 11), kFine);
  EXPECT_EQ(gives(0, 12), kFine) << "in whatever order the answers come";
  zone({{4}, {4}, {4}});
  leave(5);
  alloc(1, 0, model::kMemalloc);
  EXPECT_EQ(gives(1, 11), kFine);
  alloc(0);
  EXPECT_EQ(gives(0, 12), Clause::E1) << "but not if the lower one had been answered before";
}

TEST_F(CheckerCountTest, E2_ExhaustedIsPermittedIfAnotherCallHeldWhatWasMissing) {
  zone({});
  leave(4);
  alloc(0, 2);
  alloc(1);
  EXPECT_EQ(says(1, Status::kExhausted), kFine);
  EXPECT_EQ(gives(0, 12), kFine);
  zone({});
  leave(4);
  alloc(0, 1);
  alloc(1);
  EXPECT_EQ(says(1, Status::kExhausted), Clause::E2) << "two frames were left";
}

TEST_F(CheckerCountTest, E2_WhatAnInterruptedCallHoldsCountsUntilItsAnswer) {
  zone({});
  leave(1);
  alloc(0);
  alloc(1);
  EXPECT_EQ(says(1, Status::kExhausted), kFine);
  EXPECT_EQ(says(0, Status::kExhausted), kFine) << "it may have failed first, and the other held the frame";
  alloc(0);
  EXPECT_EQ(says(0, Status::kExhausted), Clause::E2) << "alone it is exact again";
}

TEST_F(CheckerCountTest, E2_FramesOfAFreeInProgressNeedNotBeFreeYet) {
  zone({});
  leave(0);
  free(0, 3);
  alloc(1);
  EXPECT_EQ(says(1, Status::kExhausted), kFine);
  alloc(1);
  EXPECT_EQ(gives(1, 3), kFine) << "and may be";
  EXPECT_EQ(freed(0), kFine);
  free(0, 3);
  EXPECT_EQ(freed(0), kFine);
  alloc(1);
  EXPECT_EQ(says(1, Status::kExhausted), Clause::E2);
}

TEST_F(CheckerCountTest, E2_AFrameHandedOnByAFreeInProgressDoesNotMakeItsCreditFree) {
  // The reference allocator's free clears the frame's bit first and returns the credit last.
  zone({});
  leave(1);
  free(0, 3);
  alloc(1);
  EXPECT_EQ(gives(1, 3), kFine) << "with the credit of frame 15";
  alloc(2);
  EXPECT_EQ(says(2, Status::kExhausted), kFine)
      << "frame 15 is free, but its credit has gone and 3's is on its way";
  EXPECT_EQ(freed(0), kFine);
  alloc(2);
  EXPECT_EQ(gives(2, 15), kFine);
}

TEST_F(CheckerCountTest, E2_FragmentedIsExactAlone) {
  zone({});
  for (std::uint64_t pfn = 0; pfn < 16; pfn += 4) {
    alloc(9);
    ASSERT_EQ(gives(9, pfn), kFine);
  }
  alloc(0, 2);
  EXPECT_EQ(says(0, Status::kFragmented), kFine);
  alloc(0, 1);
  EXPECT_EQ(says(0, Status::kFragmented), Clause::E2);
  zone({});
  leave(1);
  alloc(0, 1);
  EXPECT_EQ(says(0, Status::kFragmented), Clause::E2) << "the count forbids it: exhausted";
}

TEST_F(CheckerCountTest, E2_FragmentedIsPermittedIfOthersCouldHoldEveryBlockThatStayedFree) {
  zone({});
  for (std::uint64_t pfn = 0; pfn < 8; pfn += 2) {
    alloc(9);
    ASSERT_EQ(gives(9, pfn), kFine);
  }
  alloc(9, 2);
  ASSERT_EQ(gives(9, 8), kFine);  // one block of order 2 is left: 12
  alloc(0);
  alloc(1, 2);
  EXPECT_EQ(says(1, Status::kFragmented), kFine) << "the other call may have held a frame of it";
  EXPECT_EQ(gives(0, 1), kFine);
  alloc(0);
  EXPECT_EQ(gives(0, 3), kFine);
  alloc(1, 2);
  EXPECT_EQ(says(1, Status::kFragmented), Clause::E2) << "the other call is over";
}

TEST_F(CheckerCountTest, E2_WhoSetsApartMayHaveAWordInItsHandsBesidesItsBlock) {
  static model::Memory memory;
  // How many frames there are, who is in progress, of what order the refused request is, and whether that is
  // permitted.
  struct Case {
    std::int64_t frames;
    Gfp gfp;
    std::uint8_t order, refused;
    Clause clause;
  };
  for (const Case& it :
       {Case{64, model::kAtomic, 1, 5, kFine}, Case{96, model::kAtomic, 1, 5, Clause::E2},
        Case{64, model::kMemalloc, 1, 5, Clause::E2}, Case{64, model::kAtomic, 0, 5, kFine},
        Case{96, model::kAtomic, 0, 5, Clause::E2}, Case{34, model::kAtomic, 1, 1, kFine},
        Case{36, model::kAtomic, 1, 1, Clause::E2}, Case{48, model::kAtomic, 4, 4, kFine},
        Case{64, model::kAtomic, 4, 4, Clause::E2}, Case{4, model::kAtomic, 0, 1, Clause::E2},
        Case{4, model::kMemalloc, 1, 1, Clause::E2}}) {
    memory = model::one_zone({{0}, {it.frames}}, {}, {5});
    memory.pools[0].highatomic = 1;
    memory.pools[0].batch = {48};
    memory.pageblock = {5};
    checker().begin_run(memory);
    alloc(0, it.order, it.gfp);
    alloc(1, it.refused, model::kMemalloc);
    EXPECT_EQ(says(1, Status::kFragmented), it.clause)
        << it.frames << " frames, gfp " << it.gfp.bits << ", order " << unsigned{it.refused};
  }
}

TEST_F(CheckerCountTest, E2_WhoTakesASingleFrameMayHaveAWordInItsHandsBesidesIt) {
  static model::Memory memory;
  // How many blocks of order 5 there are, of what order the call in progress is and the refused one, and
  // whether the refusal is permitted.
  struct Case {
    std::int64_t blocks;
    std::uint8_t order, refused;
    Clause clause;
  };
  for (const Case& it : {Case{2, 0, 5, kFine}, Case{3, 0, 5, Clause::E2}, Case{2, 1, 5, Clause::E2},
                         Case{1, 0, 4, Clause::E2}}) {
    memory = model::one_zone({{0}, {32 * it.blocks}}, {}, {5});
    memory.pools[0].batch = {33};
    checker().begin_run(memory);
    alloc(0, it.order);
    alloc(1, it.refused, model::kMemalloc);
    EXPECT_EQ(says(1, Status::kFragmented), it.clause)
        << it.blocks << " blocks, order " << unsigned{it.order};
  }
}

TEST_F(CheckerCountTest, E2_WhatIsBeingFreedMayHaveBeenSetApartAndHoldAsManyFrames) {
  static model::Memory memory;
  // Which block of 8 frames is being freed, by how many calls, beside how many frames that stay free outside
  // of the pageblock, and whether a plain request may be refused.
  struct Case {
    std::uint64_t freed;
    std::uint8_t calls;
    std::int64_t others;
    Clause clause;
  };
  for (const Case& it : {Case{8, 1, 8, kFine}, Case{8, 1, 9, Clause::E2}, Case{8, 2, 9, Clause::E2},
                         Case{32, 1, 0, kFine}, Case{32, 1, 1, Clause::E2}}) {
    memory = model::one_zone({{0}, {(it.freed < 32 ? 32 : 40) + it.others}}, {}, {5});
    memory.pools[0].highatomic = 1;
    memory.pageblock = {5};
    checker().begin_run(memory);
    alloc(9, 1, model::kAtomic);
    ASSERT_EQ(gives(9, 0), kFine);
    alloc(9, 3, model::kMemalloc);
    ASSERT_EQ(gives(9, it.freed), kFine);
    for (std::uint8_t context = 0; context < it.calls; ++context) free(context, it.freed, 3);
    alloc(4);
    EXPECT_EQ(says(4, Status::kExhausted), it.clause)
        << "freed by " << unsigned{it.calls} << " at " << it.freed << " beside " << it.others;
  }
}

TEST_F(CheckerCountTest, E2_ABlockThatWasFreedMeanwhileDidNotStayFree) {
  zone({});
  for (const std::uint64_t pfn : {0U, 8U}) {
    alloc(9, 1);
    ASSERT_EQ(gives(9, pfn), kFine);
  }
  alloc(0, 3);
  free(1, 0, 1);
  EXPECT_EQ(freed(1), kFine);
  EXPECT_EQ(says(0, Status::kFragmented), kFine);
}

TEST_F(CheckerCountTest, E2_ABlockIsNotFreeThroughoutWhileItsFreeGoesOnThoughPartOfItWasGivenOut) {
  for (const bool by_another : {false, true}) {
    zone({});
    for (const std::uint64_t pfn : {0U, 8U}) {
      alloc(9, 3);
      ASSERT_EQ(gives(9, pfn), kFine);
    }
    free(0, 0, 3);
    if (by_another) free(3, 0, 3);
    alloc(1);
    ASSERT_EQ(gives(1, 0), kFine) << "the free has come as far as this";
    free(1, 0);
    ASSERT_EQ(freed(1), kFine);
    if (by_another) {
      EXPECT_EQ(freed(0), kFine) << "it was this one, or the other: whose error it is, one is refused";
      EXPECT_EQ(checker().end_free(3, Status::kBadArgument).clause, kFine);
    } else {
      alloc(2, 3);
      EXPECT_EQ(says(2, Status::kFragmented), kFine) << "and perhaps no further";
      alloc(2, 3);
      EXPECT_EQ(freed(0), kFine);
      EXPECT_EQ(says(2, Status::kFragmented), kFine) << "it may have looked before";
    }
    alloc(2, 3);
    EXPECT_EQ(says(2, Status::kFragmented), Clause::E2);
  }
}

TEST_F(CheckerCountTest, E2_ABlockWhoseFreeMayHaveHitTheOwnerBeforeNeedNotBeFree) {
  zone({});
  for (std::uint64_t pfn = 0; pfn < 16; pfn += 4) {
    alloc(9);
    ASSERT_EQ(gives(9, pfn), kFine);
  }
  free(0, 4);
  free(1, 4);
  alloc(2);
  EXPECT_EQ(gives(2, 4), kFine) << "one of the two was carried out";
  EXPECT_EQ(freed(1), kFine) << "this one, it may be: then the new block lives";
  alloc(3, 2);
  EXPECT_EQ(says(3, Status::kFragmented), kFine);
  EXPECT_EQ(checker().end_free(0, Status::kBadArgument).clause, kFine);
}

TEST_F(CheckerCountTest, C3_WakesExactlyWhenAskedForAndBelowLow) {
  for (const bool asked : {true, false}) {
    const Gfp gfp = asked ? model::kKswapdReclaim : Gfp{};
    for (std::int64_t left = 7; left <= 9; ++left) {
      for (const bool wake : {true, false}) {
        zone({{2}, {7}, {9}});
        leave(left);
        alloc(0, 0, gfp);
        const bool right = wake == (asked && left - 1 < 7);
        EXPECT_EQ(gives(0, 15, wake), right ? kFine : Clause::C3) << asked << left << wake;
      }
    }
  }
  zone({{2}, {7}, {9}});
  leave(2);
  alloc(0, 0, model::kKswapdReclaim);
  EXPECT_EQ(says(0, Status::kExhausted, false), Clause::C3) << "refused calls wake, too";
  alloc(0, 0, model::kKswapdReclaim);
  EXPECT_EQ(says(0, Status::kExhausted, true), kFine);
  alloc(0, 7, model::kKswapdReclaim);
  EXPECT_EQ(says(0, Status::kBadArgument, true), Clause::C3) << "but not those that change nothing";
}

TEST_F(CheckerCountTest, C3_WithAnotherCallInProgressBothCanBeRight) {
  for (const bool wake : {true, false}) {
    zone({{0}, {5}, {5}});
    leave(6);
    alloc(0);
    alloc(1, 0, model::kKswapdReclaim);
    EXPECT_EQ(gives(1, 15, wake), kFine);
    EXPECT_EQ(gives(0, 14), kFine);
  }
}

/// Under rc11 a call that missed write number 6 may come before it, but not before what was there at write 5.
TEST_F(CheckerCountTest, E2_WhoMissedAFreeIsRefusedByTheTimeBeforeIt) {
  for (const std::uint32_t missed : {0U, 6U, 8U}) {
    zone({});
    checker().note_instant(0);
    leave(0);
    checker().note_instant(5);
    free(9, 0);
    ASSERT_EQ(freed(9), kFine);
    checker().note_instant(7);
    alloc(0);
    if (missed != 0) checker().look_back(0, missed, {});
    EXPECT_EQ(says(0, Status::kExhausted), missed == 6 ? kFine : Clause::E2) << missed;
  }
}

// What another call held counts until something that the refused call saw says that it was over.
TEST_F(CheckerCountTest, E2_WhoMissedAnAnswerIsRefusedByWhatThatCallHeldUnlessItHappensBefore) {
  for (const std::int16_t known : {std::int16_t{0}, std::int16_t{1}}) {
    zone({});
    leave(6);
    checker().note_instant(0);
    alloc(3, 2);
    checker().note_instant(1);
    ASSERT_EQ(checker().end_allocation(3, {Status::kContended, false, {}}, true).clause, kFine);
    checker().note_answer(3, {5, 3, 1}, {});
    checker().note_instant(5);
    alloc(4, 1);
    checker().note_instant(5);
    alloc(0);
    Clock begun{};
    begun.set(3, known);
    checker().look_back(0, 4, begun);
    EXPECT_EQ(says(0, Status::kExhausted), known == 0 ? kFine : Clause::E2) << known;
  }
}

}  // namespace
}  // namespace labyrinth::machine
