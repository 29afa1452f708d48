// Linearizability of whole histories (L1): hand-made ones that some order explains, and their neighbours that
// none does; and where this and the online rules differ.
#include <gtest/gtest.h>

#include "linearize_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

using model::Clause;
using model::Gfp;
using model::Status;

constexpr Gfp kAll = model::kMemalloc;  // Floor 0.
constexpr Clause kFine = Clause::kNone;

TEST(Linearize, L1_TwoOwnersOfOneFrameAreExplainedByNoOrder) {
  EXPECT_TRUE(Story(8).take(3).take(4).explained());
  EXPECT_TRUE(Story(8).take(3).take(4).take(3).unexplained());
  EXPECT_TRUE(Story(8).alloc(0).alloc(1).gets(0, 3).gets(1, 3).unexplained()) << "nor if they overlap";
  EXPECT_TRUE(Story(8).take(2, kPlain, 1).take(3).unexplained()) << "nor if only a part is another's";
}

TEST(Linearize, L1_BlocksThatLiveFromTheStartAreOwnedBeforeAllCalls) {
  const auto four = model::one_zone({{0}, {4}}, {}, {2});
  EXPECT_TRUE(Story(four, {{{0}, {1}}}).take(2).explained());
  EXPECT_TRUE(Story(four, {{{0}, {1}}}).take(1).unexplained());
  EXPECT_TRUE(Story(four, {{{0}, {1}}}).give_back(0, 1).take(1).explained());
  EXPECT_TRUE(Story(four, {{{0}, {1}}}).free(0, 0, 1).freed(0, Status::kBadArgument).unexplained());
  EXPECT_TRUE(Story(four, {{{0}, {1}}}).take(2).take(3).alloc(0).hears(0, Status::kExhausted).explained());
  EXPECT_TRUE(Story(four, {{{0}, {1}}}).take(2).alloc(0).hears(0, Status::kExhausted).unexplained());
  EXPECT_TRUE(
      Story(four, {{{1}, {0}}, {{2}, {0}}}).alloc(0, kPlain, 1).hears(0, Status::kFragmented).explained());
  EXPECT_TRUE(
      Story(four, {{{0}, {0}}, {{1}, {0}}}).alloc(0, kPlain, 1).hears(0, Status::kFragmented).unexplained());
}

TEST(Linearize, L1_NamesTheFirstAnswerThatIsNotExplained) {
  Story story(8);
  story.take(3).take(4).take(3).take(5);
  EXPECT_EQ(story.judged().operation, 2U);
  EXPECT_EQ(Story(8).take(3).take(3).judged().operation, 1U);
  EXPECT_EQ(Story(8).take(3).take(3).judged().verdict, Linearizer::Verdict::kUnexplained);
}

TEST(Linearize, L1_AnOwnerAfterAFreeThatOverlapsIsExplained) {
  EXPECT_TRUE(Story(1).take(0).free(0, 0).alloc(1, kAll).gets(1, 0).freed(0).explained());
  EXPECT_TRUE(Story(1).take(0).free(0, 0).alloc(1, kAll).gets(1, 0).explained()) << "the free goes on";
  EXPECT_TRUE(Story(1).take(0).alloc(1, kAll).free(0, 0).gets(1, 0).freed(0).explained());
  EXPECT_TRUE(Story(1).take(0).alloc(1, kAll).gets(1, 0).free(0, 0).freed(0).unexplained());
}

TEST(Linearize, L1_FreesOfOneBlockHaveOneThatIsCarriedOut) {
  EXPECT_TRUE(Story(8).take(3).give_back(3).free(0, 3).freed(0, Status::kBadArgument).explained());
  EXPECT_TRUE(Story(8).take(3).give_back(3).give_back(3).unexplained());
  EXPECT_TRUE(Story(8).take(3).free(0, 3).free(1, 3).freed(0).freed(1).unexplained());
  EXPECT_TRUE(Story(8).take(3).free(0, 3).free(1, 3).freed(0, Status::kBadArgument).freed(1).explained());
  EXPECT_TRUE(Story(8).take(3).free(0, 3).freed(0, Status::kBadArgument).unexplained());
  EXPECT_TRUE(Story(8).take(2, kPlain, 1).give_back(2).unexplained()) << "a part";
  EXPECT_TRUE(Story(8).take(2, kPlain, 1).give_back(2, 1).explained());
  EXPECT_TRUE(Story(8).give_back(7).unexplained());
}

/// Both were refused, or both carried out, the block given out in between: only one order of the four is
/// left.
TEST(Linearize, L1_AStaleFreeTakesTheNextOwnersBlock) {
  Story story(8);
  story.take(3).free(0, 3).free(1, 3).freed(0).take(3).freed(1);
  EXPECT_TRUE(story.explained());
  story.free(2, 3).freed(2, Status::kBadArgument);
  EXPECT_TRUE(story.explained());
  story.give_back(3);
  EXPECT_TRUE(story.unexplained());
}

TEST(Linearize, L1_ARefusalNeedsAnInstantAtWhichTheCountWasShort) {
  EXPECT_TRUE(Story(1).take(0).alloc(0).hears(0, Status::kExhausted).explained());
  EXPECT_TRUE(Story(2).take(0).alloc(0).hears(0, Status::kExhausted).unexplained());
  EXPECT_TRUE(Story(1).take(0).alloc(0).give_back(0).hears(0, Status::kExhausted).explained());
  EXPECT_TRUE(Story(1).take(0).give_back(0).alloc(0).hears(0, Status::kExhausted).unexplained());
  EXPECT_TRUE(Story(1).take(0).free(1, 0).alloc(0).hears(0, Status::kExhausted).freed(1).explained());
}

/// E2's allowance: a call in progress may have in its hands what it asked for, even if it is refused.
TEST(Linearize, L1_WhatACallInProgressMayHoldExplainsARefusal) {
  EXPECT_TRUE(
      Story(1).alloc(0).alloc(1).hears(0, Status::kExhausted).hears(1, Status::kExhausted).explained());
  EXPECT_TRUE(Story(2).alloc(0).alloc(1).hears(0, Status::kExhausted).gets(1, 0).unexplained())
      << "one frame in hands leaves another";
  Story after(1);
  after.alloc(1).hears(1, Status::kContended, false, true).alloc(0).hears(0, Status::kExhausted);
  EXPECT_TRUE(after.unexplained()) << "what was answered holds nothing";
}

/// Two calls, one after the other, cannot hold at the same time, however long a third looks on.
TEST(Linearize, L1_CallsThatDoNotOverlapHoldNothingTogether) {
  const auto contended = [](Story& story, std::uint8_t context) {
    story.alloc(context, kAll).hears(context, Status::kContended, false, true);
  };
  Story two(2);
  two.alloc(0);
  contended(two, 1);
  contended(two, 2);
  two.hears(0, Status::kExhausted);
  EXPECT_TRUE(two.unexplained());
  EXPECT_EQ(two.online, Clause::E2);
  Story one(1);
  one.alloc(0);
  contended(one, 1);
  contended(one, 2);
  EXPECT_TRUE(one.hears(0, Status::kExhausted).explained());
}

TEST(Linearize, L1_ABatchIsHeldOnlyWhileTheCallGoesOn) {
  model::Memory memory = model::one_zone({{0}, {8}}, {}, {4});
  memory.pools[0].batch = {8};
  EXPECT_TRUE(Story(memory).alloc(1, kAll).alloc(0).hears(0, Status::kExhausted).gets(1, 3).explained());
  EXPECT_TRUE(Story(memory).alloc(0).alloc(1, kAll).gets(1, 3).hears(0, Status::kExhausted).explained());
  EXPECT_TRUE(Story(memory).alloc(1, kAll).gets(1, 3).alloc(0).hears(0, Status::kExhausted).unexplained());
}

TEST(Linearize, L1_EachSuccessLeavesItsFloorInTheOrder) {
  const model::Watermarks marks{{1}, {1}, {1}};
  EXPECT_TRUE(Story(3, marks).take(0).take(1).explained());
  EXPECT_TRUE(Story(3, marks).take(0).take(1).take(2, kAll).explained());
  EXPECT_TRUE(Story(3, marks).take(0).take(1, kAll).take(2).unexplained());
  EXPECT_TRUE(Story(3, marks).take(0).alloc(0).alloc(1, kAll).gets(1, 1).gets(0, 2).explained())
      << "they overlap: whoever must leave more comes first";
  EXPECT_TRUE(Story(2, marks).alloc(0).alloc(1).gets(1, 1).gets(0, 0).unexplained());
}

TEST(Linearize, L1_AWakeUpNeedsALookThatFoundThePoolLow) {
  const model::Watermarks marks{{0}, {2}, {2}};
  EXPECT_TRUE(Story(3, marks).take(0, model::kNowait).explained());
  EXPECT_TRUE(Story(3, marks).take(0).alloc(0, model::kNowait).gets(0, 1, true).explained());
  EXPECT_TRUE(Story(3, marks).take(0).alloc(0, model::kNowait).gets(0, 1).unexplained());
  EXPECT_TRUE(Story(4, marks).take(0).alloc(0, model::kNowait).gets(0, 1, true).unexplained());
}

TEST(Linearize, L1_ContendedIsAboutTheCallAndNotAboutTheCount) {
  EXPECT_TRUE(Story(2).alloc(0).hears(0, Status::kContended).unexplained());
  EXPECT_TRUE(Story(2).alloc(0).hears(0, Status::kContended, false, true).explained());
}

TEST(Linearize, L1_FragmentedNeedsEachBlockTakenAtSomeTime) {
  EXPECT_TRUE(Story(4).take(0).take(2).alloc(0, kPlain, 1).hears(0, Status::kFragmented).explained());
  EXPECT_TRUE(Story(4).take(0).take(1).alloc(0, kPlain, 1).hears(0, Status::kFragmented).unexplained());
  EXPECT_TRUE(
      Story(4).take(0).give_back(0).take(2).alloc(0, kPlain, 1).hears(0, Status::kFragmented).unexplained())
      << "it was free again";
  // Not at one time: 0 is given back before 2 is taken.
  Story story(4);
  story.take(0).alloc(0, kPlain, 1).give_back(0).take(2).hears(0, Status::kFragmented);
  EXPECT_TRUE(story.explained());
}

TEST(Linearize, L1_AZoneIsPassedOverOnlyIfItWasShortOrFragmented) {
  Geometry geometry = one_zone(1, 4);
  geometry.zones[0] = {.frames = 4};
  const auto tell = [&](std::uint64_t second) {
    Story story(memory_of(geometry));  // DMA has frames 0 to 3, NORMAL 4 to 7.
    story.take(4).take(second).take(0, kPlain, 1);
    return story.judged();
  };
  EXPECT_TRUE(tell(6).explained());
  EXPECT_TRUE(tell(6).by_blocks);
  EXPECT_EQ(tell(5).verdict, Linearizer::Verdict::kUnexplained);
}

/// Of two orders of the same calls one lets a third see a zone that is short, and the other does not: the
/// larger request of context 1 begins before frames come back, or after. The third is served later,
/// elsewhere.
TEST(Linearize, L1_WhatACallSawDependsOnTheOrderOfOthers) {
  Geometry geometry = one_zone(1, 16, 10, 10, 10);
  geometry.zones[0] = {.frames = 4};
  Story story(memory_of(geometry));  // DMA has frames 0 to 3, NORMAL 4 to 19.
  story.take(0, kAll | model::kDma, 2).take(16, kAll, 2).alloc(0).free(2, 16, 2);
  story.alloc(1, kAll).hears(1, Status::kContended, false, true);
  story.alloc(1, kAll, 1).freed(2).free(2, 0, 2);
  story.gets(1, 4).freed(2).gets(0, 0);
  EXPECT_EQ(story.online, kFine);
  EXPECT_TRUE(story.explained());
  EXPECT_FALSE(story.judged().by_blocks);
}

/// An overlap by precedence that no overlap in time could be: a before b, c before d, and nothing else.
TEST(Linearize, L1_PrecedenceMayBeAnyPartialOrder) {
  const auto tell = [](OperationSet before_a, OperationSet before_b, OperationSet before_c,
                       OperationSet before_d) {
    Story story(1);  // a: bit 0, b: 1, c: 2, d: 3
    story.take(0).give_back(0).take(0).give_back(0);
    story.history.set_before(0, before_a);
    story.history.set_before(1, before_b);
    story.history.set_before(2, before_c);
    story.history.set_before(3, before_d);
    return story.explained();
  };
  EXPECT_TRUE(tell(0, 0b0001, 0, 0b0100));
  EXPECT_TRUE(tell(0b1100, 0b1101, 0, 0b0100));
  EXPECT_TRUE(tell(0, 0b0001, 0b0011, 0b0111));
  EXPECT_TRUE(tell(0, 0b0001, 0, 0b0101)) << "c may still come after b";
  EXPECT_FALSE(tell(0, 0b0101, 0, 0b0101)) << "each is taken before either is given back";
  // Whatever the order in time: b is only told to come first.
  Story story(2);
  story.take(0).alloc(0).hears(0, Status::kExhausted).take(1);
  EXPECT_TRUE(story.unexplained());
  story.history.set_before(1, 0b001);
  story.history.set_before(2, 0b001);
  EXPECT_TRUE(story.explained());
}

TEST(Linearize, L1_CallsWithoutAnAnswerMayHaveTakenEffect) {
  EXPECT_TRUE(Story(1).take(0).free(0, 0).take(0).explained());
  EXPECT_TRUE(Story(1).alloc(0).alloc(1).hears(1, Status::kExhausted).explained());
  EXPECT_TRUE(Story(2).alloc(0).alloc(1).hears(1, Status::kExhausted).unexplained());
}

// Where the online rules ask for less: docs/linearizability.md.

TEST(Linearize, L1_AsksForTheOrderOfTimeWhereE1DoesNot) {
  Story story(3, {{1}, {1}, {1}});
  story.take(2, kAll);
  // A busy period from here on: call 0 goes on throughout.
  story.alloc(0, kAll).alloc(1).alloc(2).gets(2, 0).gets(1, 1).give_back(2);
  EXPECT_TRUE(story.unexplained());
  story.hears(0, Status::kContended, false, true);
  EXPECT_EQ(story.online, kFine) << "the rule takes the free for the first of the period";
  EXPECT_TRUE(story.unexplained());
}

/// E1 takes a free in progress to have been carried out, and E2 the same free not to have been.
TEST(Linearize, L1_AsksForOneInstantOfAFreeWhereE1AndE2TakeTwo) {
  Story story(2, {{1}, {1}, {1}});
  story.take(1, kAll).free(0, 1);
  story.take(0);  // With the free there were two frames, and one is left.
  story.alloc(2, kAll).hears(2, Status::kExhausted).freed(0);
  EXPECT_EQ(story.online, kFine);
  EXPECT_TRUE(story.unexplained());
}

// Where an online rule asks for more.

TEST(Linearize, L1_ExcusesACallForTheBlockItHeldAndForTheOneItGot) {
  Story story(6);
  story.take(0).alloc(1).alloc(0, kPlain, 1).hears(0, Status::kFragmented).gets(1, 2);
  EXPECT_EQ(story.online, Clause::E2);
  EXPECT_TRUE(story.explained());
  Story before(6);
  before.take(0).alloc(1).alloc(0, kPlain, 1).gets(1, 2).hears(0, Status::kFragmented);
  EXPECT_EQ(before.online, kFine);
  EXPECT_TRUE(before.explained());
}

// Where linearizability at one instant would ask for more than can be had.

/// A takes its credit; others take theirs, down to nothing; a frame is given back; A gets just that.
TEST(Linearize, L1_ACallIsCountedAtOneInstantAndOwnsAtAnother) {
  Story story(4, {{2}, {2}, {2}});
  story.take(3, kAll);
  story.alloc(0);  // It is counted here: of three frames two are left, as it must leave.
  story.take(1, kAll).take(2, kAll).give_back(3);
  story.gets(0, 3);  // Two have gone and one has come: counted here it would leave one.
  EXPECT_TRUE(story.explained());
  EXPECT_EQ(story.online, kFine);
}

TEST(Linearize, SaysOfWhatItDoesNotJudge) {
  Story many(32);
  for (std::uint64_t i = 0; i < 20; ++i) many.take(i);
  EXPECT_TRUE(many.explained());
  many.take(20);
  EXPECT_EQ(many.judged().verdict, Linearizer::Verdict::kNotJudged);
  EXPECT_STREQ(many.judged().reason, "it has more than 20 calls");
  model::Memory memory = model::one_zone({{0}, {64}}, {}, {4});
  memory.pools[0].highatomic = 1;
  EXPECT_EQ(Story(memory).take(0).judged().verdict, Linearizer::Verdict::kNotJudged);
}

}  // namespace
}  // namespace labyrinth::machine::testing
