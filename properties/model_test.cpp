// The model: types, the state of a zone, floors, context rules; at compile time too, since proofs need it
// there.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "labyrinth/model/clause.hpp"
#include "labyrinth/model/context.hpp"
#include "labyrinth/model/entitlement.hpp"
#include "labyrinth/model/limbo.hpp"
#include "labyrinth/model/reclaim.hpp"
#include "labyrinth/model/relation.hpp"
#include "labyrinth/model/state.hpp"

namespace labyrinth::model {
namespace {

constexpr Watermarks kMarks{{20}, {25}, {30}};

static_assert(kAtomic.bits == 6 && kNowait.bits == 2 && kKernel.bits == 3);
static_assert(Frames{3} - Frames{5} == Frames{-2}, "a difference below zero is a number");
static_assert(Order{10}.frames() == Frames{1024});
static_assert(aligned({8}, {3}) && !aligned({4}, {3}) && aligned({5}, {0}));
static_assert(Span{{3}, {5}}.contains({3}, {0}) && Span{{3}, {5}}.contains({7}, {0}));
static_assert(!Span{{3}, {5}}.contains({2}, {0}) && !Span{{3}, {5}}.contains({8}, {0}));
static_assert(Span{{3}, {5}}.contains({4}, {2}) && !Span{{3}, {5}}.contains({5}, {2}));
static_assert(!Span{{3}, {5}}.contains({3}, {3}) && !Span{{3}, {5}}.contains({~std::uint64_t{0}}, {1}));
static_assert(floor_of(kAtomic, Pass::kMin, one_zone({}, kMarks, {10}).pools[0]) == Frames{8});
static_assert(may_sleep({}) && !may_sleep({.level = Level::kNmi}));

static_assert(judge_drain({.most = 3}, Status::kOk, 3, {.unmapped = 3, .left = 1}) == Clause::kNone);
static_assert(judge_drain({.most = 4}, Status::kOk, 3, {.unmapped = 3, .left = 1}) == Clause::X4);
static_assert(judge_drain({.most = 4}, Status::kOk, 3, {.unmapped = 3, .left = 1, .alone = false}) ==
              Clause::kNone);

constexpr Frames free_after_a_take_and_a_release() {
  State<64> state;
  state.reset({{0}, {64}});
  state.take({{8}, {3}});
  state.take({{0}, {0}});
  state.release({{8}, {3}});
  return state.free_frames();
}
static_assert(free_after_a_take_and_a_release() == Frames{63});

constexpr Clause judged(Answer answer, Evidence seen) {
  seen.open = 1;
  return judge_allocation(one_zone({{0}, {64}}, kMarks, {10}), {.gfp = kNowait, .order = {0}}, answer, seen);
}
constexpr Evidence evidence(std::int64_t unheld, std::int64_t available) {
  Evidence seen{};
  seen.pools[0] = {{unheld}, {available}};
  return seen;
}
static_assert(judged({}, evidence(64, 64)) == Clause::kNone);
static_assert(judged({.status = Status::kExhausted}, evidence(64, 64)) == Clause::E2);

// E2: what a request that may sleep must have asked the shrinkers for; judged after its pools have been.
constexpr Clause reclaimed(Gfp gfp, Status status, PoolSet unasked, std::int64_t asked) {
  return judge_reclaim({.gfp = gfp, .order = {2}}, status, 1, {unasked, {asked}});
}
static_assert(reclaimed(kKernel, Status::kExhausted, 1, 100) == Clause::E2);
static_assert(reclaimed(kKernel, Status::kFragmented, 1, 0) == Clause::E2);
static_assert(reclaimed(kKernel, Status::kExhausted, 0, 0) == Clause::kNone, "nothing there throughout");
static_assert(reclaimed(kKernel, Status::kExhausted, 2, 0) == Clause::kNone, "in a pool that is not open");
static_assert(reclaimed(kKernel, Status::kContended, 1, 0) == Clause::kNone);
static_assert(reclaimed(kAtomic, Status::kExhausted, 1, 0) == Clause::kNone);
static_assert(reclaimed(kKernel | kNoretry, Status::kExhausted, 1, 3) == Clause::E2);
static_assert(reclaimed(kKernel | kNoretry, Status::kExhausted, 1, 4) == Clause::kNone, "one round will do");

// C3: when background reclaim may stop. The high mark is 30.
constexpr Clause balanced(Status status, std::int64_t least, std::int64_t most, PoolSet unasked = 0) {
  Evidence seen{};
  seen.open = 1;
  seen.pools[0] = {{least}, {most}};
  return judge_balance(one_zone({{0}, {64}}, kMarks, {10}), {}, status, seen, {unasked, {}});
}
static_assert(balanced(Status::kOk, 30, 30) == Clause::kNone);
static_assert(balanced(Status::kOk, 29, 29) == Clause::C3 && balanced(Status::kOk, 0, 30) == Clause::kNone);
static_assert(balanced(Status::kExhausted, 29, 29) == Clause::kNone);
static_assert(balanced(Status::kExhausted, 30, 30) == Clause::C3);
static_assert(balanced(Status::kExhausted, 29, 29, 1) == Clause::C3);
static_assert(balanced(Status::kBadContext, 0, 0) == Clause::C1 &&
              balanced(Status::kContended, 0, 0) == Clause::X2);

// X2: what NOFAIL may ask for.
constexpr bool may_ask(Gfp gfp, std::uint8_t order, std::uint32_t count = 1) {
  return sensible(one_zone({{3}, {13}}, {{2}, {2}, {2}}, {10}), {gfp, {order}, {}, count}, 1);
}
static_assert(may_ask(kKernel | kNofail, 3) && may_ask(kKernel | kNofail, 0, 11));
static_assert(!may_ask(kKernel | kNofail, 0, 12) && may_ask(kKernel | kMemalloc | kNofail, 0, 13));
static_assert(!may_ask(kAtomic | kNofail, 0) && !may_ask(kKernel | kNofail | kNoretry, 0));
static_assert(may_ask(kKernel, 4) && !may_ask(kKernel | kNofail, 4), "no block of 16 among 13 frames");

// NOFAIL is never refused, and a request that looks again has woken whom it wakes.
constexpr Clause judged_again(Gfp gfp, Answer answer, bool again) {
  Evidence seen = evidence(64, 64);
  seen.open = 1;
  seen.again = again;
  return judge_allocation(one_zone({{0}, {64}}, kMarks, {10}), {.gfp = gfp}, answer, seen);
}
static_assert(judged_again(kKernel | kNofail, {.status = Status::kContended}, false) == Clause::E2);
static_assert(judged_again(kKernel, {.wake = true}, false) == Clause::C3);
static_assert(judged_again(kKernel, {.wake = true}, true) == Clause::kNone);

// E1: the floor, in words: half of min off for `high`; then a quarter of the rest off for `high` without
// direct reclaim, unless `nomemalloc`; nothing at all for `memalloc`, unless `nomemalloc` (as
// __gfp_pfmemalloc_flags()).
TEST(ModelFloor, E1_EveryCombinationOfFlags) {
  struct Case {
    Gfp gfp;
    std::int64_t floor;
  };
  const Case cases[] = {{{}, 21},
                        {kDirectReclaim, 21},
                        {kHigh, 9},                                      // 21 - 10 = 11; 11 - 2 = 9
                        {kHigh | kDirectReclaim, 11},                    //
                        {kHigh | kNomemalloc, 11},                       //
                        {kHigh | kNomemalloc | kDirectReclaim, 11},      //
                        {kNomemalloc, 21},                               //
                        {kNomemalloc | kDirectReclaim, 21},              //
                        {kMemalloc, 0},                                  //
                        {kMemalloc | kDirectReclaim, 0},                 //
                        {kMemalloc | kHigh, 0},                          //
                        {kMemalloc | kHigh | kDirectReclaim, 0},         //
                        {kMemalloc | kNomemalloc, 21},                   //
                        {kMemalloc | kNomemalloc | kDirectReclaim, 21},  //
                        {kMemalloc | kNomemalloc | kHigh, 11},           //
                        {kMemalloc | kNomemalloc | kHigh | kDirectReclaim, 11}};
  std::set<std::uint32_t> seen;
  for (const Case& one : cases) {
    for (const Gfp wake : {Gfp{}, kKswapdReclaim}) {
      const Gfp gfp = one.gfp | wake;
      EXPECT_EQ(floor_of(gfp, Pass::kMin, one_zone({}, {{21}, {30}, {40}}, {10}).pools[0]).count, one.floor)
          << gfp.bits;
      seen.insert(gfp.bits);
    }
  }
  EXPECT_EQ(seen.size(), 32U) << "a combination is missing from the table";
}

TEST(ModelFloor, E1_IntegerArithmeticInTheOrderTheDesignGives) {
  const std::int64_t atomic[] = {0, 1, 1, 2, 2, 3, 3, 3, 3};  // m - m/2, then - that/4
  for (std::int64_t min = 0; min <= 8; ++min) {
    EXPECT_EQ(floor_of(kAtomic, Pass::kMin, one_zone({}, {{min}, {min}, {min}}, {10}).pools[0]).count,
              atomic[min])
        << min;
  }
}

TEST(ModelRequest, X2_WellFormed) {
  EXPECT_TRUE(well_formed({31}, {10}, {10}));
  EXPECT_TRUE(well_formed(kReclaimable, {0}, {10}));
  EXPECT_FALSE(well_formed(kReclaimable | kMovable, {0}, {10}));
  EXPECT_FALSE(well_formed({0x10000}, {0}, {10}));
  EXPECT_FALSE(well_formed({0x8000'0000}, {0}, {10}));
  EXPECT_FALSE(well_formed({}, {4}, {3}));
  EXPECT_FALSE(well_formed({}, {255}, {10}));
}

TEST(ModelContext, N4_WhoMayInterruptWhom) {
  for (int bits = 0; bits < 8; ++bits) {
    const bool irq = (bits & 1) != 0, bh = (bits & 2) != 0, preempt = (bits & 4) != 0;
    for (std::uint8_t running = 0; running <= 3; ++running) {
      const Situation here{static_cast<Level>(running), irq, bh, preempt};
      EXPECT_FALSE(may_interrupt(Level::kTask, here));
      EXPECT_EQ(may_interrupt(Level::kSoftirq, here), running < 1 && !irq && !bh);
      EXPECT_EQ(may_interrupt(Level::kHardirq, here), running < 2 && !irq);
      EXPECT_EQ(may_interrupt(Level::kNmi, here), running < 3);
      EXPECT_EQ(may_sleep(here), running == 0 && bits == 0);
      EXPECT_EQ(may_preempt(here), running == 0 && bits == 0);
    }
  }
}

TEST(ModelClause, EveryRequirementHasANameAndASentence) {
  std::set<std::string_view> names, sentences;
  for (int i = 0; i <= static_cast<int>(kLastClause); ++i) {
    names.insert(name(static_cast<Clause>(i)));
    sentences.insert(sentence(static_cast<Clause>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kLastClause) + 1);
  EXPECT_EQ(sentences.size(), names.size());
  EXPECT_EQ(names.count("?") + sentences.count("?"), 0U);
}

/// Holds a state against the plainest bookkeeping there is.
class ModelState : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(ModelState, X1_TakeReleaseAndBlockOfAgreeWithAList) {
  const std::uint64_t first = GetParam();
  constexpr std::uint64_t kSize = 300;
  State<320> state;
  state.reset({{first}, {kSize}});
  std::vector<Block> live;
  std::uint64_t random = first + 1;
  const auto below = [&](std::uint64_t bound) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    return (random >> 33) % bound;
  };
  const auto size = [](Block block) { return static_cast<std::uint64_t>(block.order.frames().count); };
  for (int round = 0; round < 2000; ++round) {
    const Order order{static_cast<std::uint8_t>(below(9))};
    const std::uint64_t frames = std::uint64_t{1} << order.value;
    const Block block{{(first + below(kSize)) & ~(frames - 1)}, order};
    if (state.span().contains(block.pfn, order)) {
      const bool free = std::none_of(live.begin(), live.end(), [&](Block other) {
        return other.pfn.value < block.pfn.value + frames && block.pfn.value < other.pfn.value + size(other);
      });
      ASSERT_EQ(state.free(block), free);
      if (free) {
        state.take(block);
        live.push_back(block);
      }
    }
    if (!live.empty() && below(2) == 0) {
      const std::size_t which = below(live.size());
      state.release(live[which]);
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(which));
    }
    std::int64_t taken = 0;
    for (std::uint64_t pfn = first; pfn < first + kSize; ++pfn) {
      const auto owner = std::find_if(live.begin(), live.end(), [&](Block one) {
        return one.pfn.value <= pfn && pfn < one.pfn.value + size(one);
      });
      ASSERT_EQ(state.taken({pfn}), owner != live.end());
      const auto found = state.block_of({pfn});
      ASSERT_EQ(found.has_value(), owner != live.end()) << pfn;
      if (found) ASSERT_EQ(*found, *owner);
      for (std::uint8_t k = 0; k <= 8; ++k) {
        const bool exact = std::find(live.begin(), live.end(), Block{{pfn}, {k}}) != live.end();
        ASSERT_EQ(state.is_block({{pfn}, {k}}), exact);
      }
      taken += owner != live.end() ? 1 : 0;
    }
    ASSERT_EQ(state.free_frames().count, static_cast<std::int64_t>(kSize) - taken);
    const std::uint64_t from = first + below(kSize);
    const std::uint64_t count = below(first + kSize - from + 1);
    std::int64_t free = 0;
    for (std::uint64_t pfn = from; pfn < from + count; ++pfn) free += state.taken({pfn}) ? 0 : 1;
    ASSERT_EQ(state.free_within({from}, count).count, free);
  }
}

// First frames that are aligned, odd, straddle words of the bitmap, and are far from zero.
INSTANTIATE_TEST_SUITE_P(FirstFrames, ModelState,
                         ::testing::Values(0, 1, 63, 64, 100, 1023, (std::uint64_t{1} << 40) - 37));

TEST(ModelStateEdges, X3_WhatIsNoBlockIsNone) {
  State<64> state;
  state.reset({{10}, {50}});
  state.take({{16}, {4}});
  EXPECT_FALSE(state.is_block({{16}, {3}}));
  EXPECT_FALSE(state.is_block({{24}, {3}}));
  EXPECT_FALSE(state.is_block({{0}, {0}}));
  EXPECT_FALSE(state.is_block({{60}, {0}}));
  EXPECT_FALSE(state.is_block({{~std::uint64_t{0}}, {0}}));
  EXPECT_FALSE(state.is_block({{16}, {11}}));
  EXPECT_FALSE(state.is_block({{16}, {255}}));
  EXPECT_TRUE(state.is_block({{16}, {4}}));
  state.reset({{10}, {50}});
  EXPECT_FALSE(state.is_block({{16}, {4}}));
  EXPECT_EQ(state.free_frames(), Frames{50});
}

// N1, E2: only a request that may sleep drains limbo before it is refused, and only in the void that has one.
TEST(ModelLimbo, N1_WhoDrains) {
  Pool isolated = one_zone({{0}, {8}}, {}, {3}).pools[0];
  isolated.kind = PoolKind::kVoid;
  EXPECT_FALSE(drains(kKernel | kExclusive, {}, isolated));
  isolated.unmaps = true;
  EXPECT_TRUE(drains(kKernel | kExclusive, {}, isolated));
  EXPECT_FALSE(drains(kAtomic | kExclusive, {}, isolated));
  EXPECT_FALSE(drains(kKernel, {}, isolated));
  EXPECT_FALSE(drains(kKernel | kExclusive, {.level = Level::kSoftirq}, isolated));
  EXPECT_FALSE(drains(kKernel | kExclusive, {.preemption_off = true}, isolated));
}

TEST(ModelLimbo, C1_X4_WhatADrainMayAnswer) {
  const Drain here{.most = 8};
  const Drain atomic{.most = 8, .situation = {.interrupts_off = true}};
  EXPECT_EQ(judge_drain(atomic, Status::kBadContext, 0, {}), Clause::kNone);
  EXPECT_EQ(judge_drain(atomic, Status::kOk, 0, {}), Clause::C1);
  EXPECT_EQ(judge_drain(atomic, Status::kBadContext, 0, {.unmapped = 1}), Clause::C1) << "it changes nothing";
  EXPECT_EQ(judge_drain(here, Status::kBadContext, 0, {}), Clause::C1);
  EXPECT_EQ(judge_drain(here, Status::kExhausted, 0, {}), Clause::X4);
  EXPECT_EQ(judge_drain(here, Status::kOk, 9, {.unmapped = 9}), Clause::X4) << "more than it may";
  EXPECT_EQ(judge_drain(here, Status::kOk, 1, {.unmapped = 2}), Clause::X4) << "not what it did";
}

}  // namespace
}  // namespace labyrinth::model
