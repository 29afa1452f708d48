// Linearizability of random histories (L1): the same answer as that of an enumeration; every history of a
// correct allocator is explained; and what the online rules object to is explained by no order.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

#include "checker_simulation.hpp"
#include "linearize_fixture.hpp"
#include "linearize_naive.hpp"

namespace labyrinth::machine::testing {
namespace {

using model::Clause;
using Verdict = Linearizer::Verdict;

/// A random history with answers drawn at random, and random precedence.
class Drawn {
 public:
  struct Kind {
    std::uint32_t most_calls = 6;
    std::uint64_t places = 3;  ///< Blocks start among so many frames.
    bool orders = true;        ///< More than single frames.
    bool in_time = true;       ///< Precedence is that of some course of time.
    bool second_zone = false;
  };

  Drawn(std::uint64_t seed, Kind kind) : random_(seed), kind_(kind), memory_(draw_memory()) {
    history.begin_run(memory_);
    const std::uint32_t calls = 2 + below(kind.most_calls - 1);
    if (kind.in_time) {
      in_time(calls);
    } else {
      in_any_order(calls);
    }
  }

  History history;

 private:
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) { return random_below(random_, bound); }

  /// Many more frames than calls, so that nothing is fragmented, and high floors, so that counts are short.
  [[nodiscard]] model::Memory draw_memory() {
    Geometry geometry = one_zone(1, 16, 10 + below(5));
    ZoneShape& zone = geometry.normal();
    zone.low = zone.high = std::min(zone.min + below(3), 16U);
    if (kind_.second_zone) geometry.zones[1] = {.frames = 16, .min = 13, .low = 14, .high = 15, .ratio = 16};
    model::Memory memory = memory_of(geometry);
    if (below(3) == 0) memory.pools[0].batch = {static_cast<std::int64_t>(below(4))};
    return memory;
  }

  void begin(std::uint8_t context) {
    const std::uint64_t pfn =
        below(static_cast<std::uint32_t>(kind_.places)) + (kind_.second_zone ? 16 * below(2) : 0);
    if (below(2) == 0) {
      const auto order = static_cast<std::uint8_t>(kind_.orders && below(4) == 0 ? 1 : 0);
      Block block{{order == 0 ? pfn : pfn & ~std::uint64_t{1}}, {order}};
      if (!given_.empty() && below(4) != 0) block = given_[below(static_cast<std::uint32_t>(given_.size()))];
      history.begin_free(context, block, below(16) != 0);
      return;
    }
    Request request{.gfp = {0}};
    if (below(3) == 0) request.gfp = model::kMemalloc;
    if (below(3) == 0) request.gfp = request.gfp | model::kKswapdReclaim;
    if (below(5) == 0) request.gfp = request.gfp | model::kHigh;
    if (kind_.second_zone && below(4) == 0) request.gfp = request.gfp | model::kDma32;
    if (kind_.orders && below(4) == 0) request.order = {1};
    history.begin_allocation(context, request,
                             model::open_pools(memory_, request.gfp, 1, request.situation.level));
  }

  void end(std::uint8_t context, const Operation& operation) {
    if (operation.is_free) {
      history.end_free(context, below(3) == 0 ? Status::kBadArgument : Status::kOk);
      return;
    }
    std::uint64_t pfn =
        below(static_cast<std::uint32_t>(kind_.places)) + (kind_.second_zone ? 16 * below(2) : 0);
    if (operation.request.order.value != 0) pfn &= ~std::uint64_t{1};
    const bool ok = below(3) != 0;
    const bool wake = operation.request.gfp.has(model::kKswapdReclaim) && (!ok || below(2) == 0);
    const Answer answer{ok ? Status::kOk : Status::kExhausted, wake, {pfn}};
    const Block block{{pfn}, operation.request.order};
    if (ok) given_.push_back(block);
    history.end_allocation(context, answer, false, operation.open, {&block, 1});
  }

  void in_time(std::uint32_t calls) {
    std::array<std::optional<std::uint8_t>, 3> open;
    std::uint32_t begun = 0;
    for (;;) {
      const auto context = static_cast<std::uint8_t>(below(open.size()));
      if (open[context]) {
        if (begun == calls && below(8) == 0) return;  // What is open stays so.
        end(context, history.operations()[*open[context]]);
        open[context].reset();
      } else if (begun < calls) {
        open[context] = static_cast<std::uint8_t>(begun++);
        begin(context);
      } else if (!open[0] && !open[1] && !open[2]) {
        return;
      }
    }
  }

  void in_any_order(std::uint32_t calls) {
    for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(calls); ++i) {
      begin(0);
      end(0, history.operations()[i]);
      OperationSet before = 0;
      for (std::uint8_t k = 0; k < i; ++k) {
        if (below(4) == 0) before |= OperationSet{1} << k | history.operations()[k].before;
      }
      history.set_before(i, before);
    }
  }

  std::uint64_t random_;
  Kind kind_;
  model::Memory memory_;
  std::vector<Block> given_;
};

/// How many were explained, and how many not.
using Judged = std::array<int, 2>;

[[nodiscard]] Judged compare_owners(Drawn::Kind kind, std::uint64_t seeds) {
  Judged judged{};
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const Drawn drawn(seed, kind);
    const auto result = Story::linearizer().judge_owners(drawn.history, drawn.history.answers());
    if (result.verdict == Verdict::kNotJudged) continue;  // An open call may have hidden an owner.
    const bool right = NaiveOwners(drawn.history).explains();
    EXPECT_EQ(result.explained(), right) << "seed " << seed;
    ++judged[right ? 1 : 0];
  }
  return judged;
}

[[nodiscard]] Judged compare_counts(Drawn::Kind kind, std::uint64_t seeds) {
  Judged judged{};
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const Drawn drawn(seed, kind);
    const auto result = Story::linearizer().judge_counts(drawn.history, drawn.history.answers());
    const bool right = NaiveCounts(drawn.history).explains();
    EXPECT_EQ(result.explained(), right) << "seed " << seed;
    EXPECT_NE(result.verdict, Verdict::kNotJudged) << "seed " << seed;
    ++judged[right ? 1 : 0];
  }
  return judged;
}

TEST(LinearizeRandom, L1_OwnersAreJudgedAsByTryingEveryOrder) {
  for (const bool in_time : {true, false}) {
    const Judged judged = compare_owners({.in_time = in_time}, 60000);
    EXPECT_GT(judged[0], 2000);
    EXPECT_GT(judged[1], 2000);
  }
}

TEST(LinearizeRandom, L1_CountsAreJudgedAsByTryingEveryOrder) {
  for (const bool in_time : {true, false}) {
    for (const bool second_zone : {true, false}) {
      const Judged judged =
          compare_counts({.most_calls = 3, .in_time = in_time, .second_zone = second_zone}, 10000);
      EXPECT_GT(judged[0], 300);
      EXPECT_GT(judged[1], 300);
    }
  }
}

TEST(LinearizeRandom, L1_CountsOfMoreCallsAreJudgedAsByTryingEveryOrder) {
  const Judged judged = compare_counts({.most_calls = 5}, 8000);
  EXPECT_GT(judged[0], 200);
  EXPECT_GT(judged[1], 200);
}

/// A simulated allocator of a few contexts, whose answers are changed now and then.
class Simulated {
 public:
  Simulated(std::uint64_t seed, bool atomic, std::uint32_t mutations)
      : random_(seed), atomic_(atomic), mutations_(mutations), zone_(draw_zone()), story(zone_.zone()) {
    std::uint32_t started = 0;
    for (bool goes_on = true; goes_on && story.online == Clause::kNone;) {
      const auto context = static_cast<std::uint8_t>(below(3));
      auto& call = calls_[context];
      if (call && ready_[context]) {
        end(context);
      } else if (call) {
        ready_[context] = call->advance(zone_, atomic_, random_);
      } else if (started < 8) {
        ++started;
        begin(context);
      }
      goes_on = started < 8;
      for (const auto& each : calls_) goes_on = goes_on || each.has_value();
    }
  }

 private:
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) { return random_below(random_, bound); }
  [[nodiscard]] SimulatedZone draw_zone() {
    const Frames min{below(3)};
    const Frames low = min + Frames{below(3)};
    return SimulatedZone(model::one_zone({{below(2) == 0 ? 0U : 3U}, {4 + below(3)}}, {min, low, low}, {2}));
  }

  void begin(std::uint8_t context) {
    if (!given_.empty() && below(5) < 2) {
      const Block block = given_[below(static_cast<std::uint32_t>(given_.size()))];
      calls_[context] = SimulatedCall::free(block, true);
      story.free(context, block.pfn.value, block.order.value);
    } else {
      const Request request{.gfp = {below(32)}, .order = {static_cast<std::uint8_t>(below(6) == 0 ? 1 : 0)}};
      calls_[context] = SimulatedCall::allocation(request);
      story.alloc(context, request.gfp, request.order.value);
    }
    ready_[context] = false;
  }

  void end(std::uint8_t context) {
    const SimulatedCall call = *calls_[context];
    calls_[context].reset();
    Answer answer = call.answer();
    if (mutations_ != 0 && below(mutations_) == 0) {
      if (below(2) == 0) answer.status = static_cast<Status>(below(4));
      if (below(3) == 0) answer.pfn = {zone_.zone().span().first.value + below(4)};
      if (below(4) == 0) answer.wake = !answer.wake;
    }
    if (call.is_free()) {
      story.freed(context, answer.status);
      return;
    }
    if (answer.status == Status::kOk) given_.push_back({answer.pfn, call.request().order});
    if (answer.status == Status::kOk) {
      story.gets(context, answer.pfn.value, answer.wake);
    } else {
      story.hears(context, answer.status, answer.wake);
    }
    was_fragmented = answer.status == Status::kFragmented;
  }

  std::uint64_t random_;
  bool atomic_;
  std::uint32_t mutations_;
  SimulatedZone zone_;
  std::array<std::optional<SimulatedCall>, 3> calls_{};
  std::array<bool, 3> ready_{};
  std::vector<Block> given_;

 public:
  bool was_fragmented = false;  ///< The answer before the end was.
  Story story;
};

TEST(LinearizeRandom, L1_EveryHistoryOfACorrectAllocatorIsExplained) {
  for (const bool atomic : {true, false}) {
    for (std::uint64_t seed = 0; seed < 20000; ++seed) {
      const Simulated simulated(seed, atomic, 0);
      ASSERT_EQ(simulated.story.online, Clause::kNone) << "seed " << seed;
      const auto result = simulated.story.judged();
      ASSERT_TRUE(result.explained()) << "seed " << seed << ": " << result.reason;
    }
  }
}

TEST(LinearizeRandom, L1_WhatTheOnlineRulesObjectToIsExplainedByNoOrder) {
  int both = 0, only_here = 0, neither = 0, known = 0;
  for (std::uint64_t seed = 0; seed < 60000; ++seed) {
    const Simulated simulated(seed, seed % 2 == 0, 6);
    const auto result = simulated.story.judged();
    if (result.verdict == Verdict::kNotJudged) continue;
    const bool objected = simulated.story.online != Clause::kNone;
    if (objected && result.explained()) {
      const bool is_known =
          result.by_blocks || (simulated.story.online == Clause::E2 && simulated.was_fragmented);
      EXPECT_TRUE(is_known) << "seed " << seed << ": " << model::name(simulated.story.online);
      known += is_known ? 1 : 0;
    }
    both += objected && !result.explained() ? 1 : 0;
    only_here += !objected && !result.explained() ? 1 : 0;
    neither += !objected && result.explained() ? 1 : 0;
  }
  RecordProperty("both", both);
  RecordProperty("only_here", only_here);
  RecordProperty("known", known);
  EXPECT_GT(both, 10000);
  EXPECT_GT(neither, 10000);
}

}  // namespace
}  // namespace labyrinth::machine::testing
