// N2, told by explorations: from every state, each context runs alone, and returns or is seen to wait.
#include <gtest/gtest.h>

#include <vector>

#include "core.hpp"
#include "explorer_fixture.hpp"
#include "labyrinth/machine/machine.h"

namespace labyrinth::machine::testing {
namespace {

struct Alone {
  std::uint64_t runs = 0, waits = 0, cut = 0;
  std::uint32_t most = 0;  ///< Steps of one that returned.
  std::uint64_t executions = 0;
  bool complete = false;
};

/// Everything that is explored, and everything that runs alone.
Alone run_alone(std::vector<std::function<void()>> bodies, std::vector<Function> functions,
                const std::function<void()>& begin, const ExplorerOptions& options = {}) {
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    functions[i].run = [](void* self) { (*static_cast<std::function<void()>*>(self))(); };
    functions[i].argument = &bodies[i];
  }
  Explorer explorer(options);
  Machine machine;
  machine.observe(&explorer);
  Alone result;
  do {
    begin();
    explorer.end_run(machine.run(functions, 2, explorer));
    while (explorer.next_alone()) {
      begin();
      static_cast<void>(machine.run(functions, 2, explorer));
      const Explorer::Alone alone = explorer.end_alone(machine.outcome());
      ++result.runs;
      if (alone.cut) {
        ++result.cut;
      } else if (alone.finished) {
        result.most = std::max(result.most, alone.steps);
      } else {
        ++result.waits;
      }
    }
  } while (explorer.next_run());
  machine.observe(nullptr);
  result.executions = explorer.counts().executions;
  result.complete = explorer.complete();
  return result;
}

const Function kOnCpu0{Level::kTask, 0, nullptr, nullptr};
const Function kOnCpu1{Level::kTask, 1, nullptr, nullptr};

TEST(ExplorerAlone, N2_WhatHelpsItselfReturnsFromEveryState) {
  Location count;
  const auto add = [&] {
    for (std::uint32_t seen = count.load(kRelaxed); !count.compare_exchange(seen, seen + 1, false);)
      seen = count.load(kRelaxed);
  };
  const Alone alone = run_alone({add, add}, {kOnCpu0, kOnCpu1}, [&] { count = Location{}; });
  EXPECT_TRUE(alone.complete);
  EXPECT_EQ(alone.waits, 0U);
  EXPECT_EQ(alone.most,
            3U);  // The compare-exchange fails for what the other did, then load and compare-exchange.
}

TEST(ExplorerAlone, N2_WhoWaitsForAFlagDoesNotReturnWhileTheOtherIsStopped) {
  Location flag;
  const Alone alone = run_alone({[&] { flag.store(1, kRelease); },
                                 [&] {
                                   while (flag.load(kAcquire) == 0) {
                                   }
                                 }},
                                {kOnCpu0, kOnCpu1}, [&] { flag = Location{}; });
  EXPECT_TRUE(alone.complete);
  EXPECT_GT(alone.waits, 0U);
}

TEST(ExplorerAlone, N2_WhoWaitsForALockDoesNotReturnWhileItsHolderIsStopped) {
  labyrinth_machine_spinlock lock{};
  const auto enter = [&] {
    labyrinth_machine_spin_lock(&lock);
    labyrinth_machine_spin_unlock(&lock);
  };
  const Alone alone = run_alone({enter, enter}, {kOnCpu0, kOnCpu1}, [&] { lock = {}; });
  EXPECT_TRUE(alone.complete);
  EXPECT_GT(alone.waits, 0U);
  EXPECT_GT(alone.runs, alone.waits);
}

/// As a refused request does, which reads the same in each of its passes: its bound ends it.
TEST(ExplorerAlone, N2_WhoDeclaresABoundDoesNotWaitByReadingTheSame) {
  constexpr std::uint32_t kPasses = 6;
  Location flag;
  const auto ask = [&] {
    for (std::uint32_t i = 0; i < kPasses && flag.load(kAcquire) == 0; ++i) {
    }
  };
  const auto ask_within_bound = [&] {
    core.begin_call(core.now->index, kPasses, true);
    ask();
    core.end_call();
  };
  const auto set = [&] { flag.store(1, kRelease); };
  const auto reset = [&] { flag = Location{}; };
  const Alone alone = run_alone({set, ask_within_bound}, {kOnCpu0, kOnCpu1}, reset);
  EXPECT_TRUE(alone.complete);
  EXPECT_EQ(alone.waits, 0U);
  EXPECT_EQ(alone.most, kPasses);
}

/// Nor does who gives up by himself, without a word about it.
TEST(ExplorerAlone, N2_WhoPollsSoOftenDoesNotWait) {
  constexpr std::uint32_t kPasses = 40;
  Location flag;
  const auto ask = [&] {
    for (std::uint32_t i = 0; i < kPasses && flag.load(kAcquire) == 0; ++i) {
    }
  };
  const auto set = [&] { flag.store(1, kRelease); };
  const auto reset = [&] { flag = Location{}; };
  const Alone alone = run_alone({set, ask}, {kOnCpu0, kOnCpu1}, reset);
  EXPECT_TRUE(alone.complete);
  EXPECT_EQ(alone.waits, 0U);
  EXPECT_EQ(alone.cut, 0U);
  EXPECT_EQ(alone.most, kPasses);
  const Alone less = run_alone({set, ask}, {kOnCpu0, kOnCpu1}, reset, {.rounds = 10});
  EXPECT_EQ(less.waits, 0U);
  EXPECT_GT(less.cut, 0U);
  EXPECT_FALSE(less.complete);
}

/// A bound says how much a call does itself, and nothing of whom it waits for.
TEST(ExplorerAlone, N2_WhoDeclaresABoundStillWaitsForALock) {
  labyrinth_machine_spinlock lock{};
  const auto enter = [&] {
    core.begin_call(core.now->index, 100, true);
    labyrinth_machine_spin_lock(&lock);
    labyrinth_machine_spin_unlock(&lock);
    core.end_call();
  };
  const Alone alone = run_alone({enter, enter}, {kOnCpu0, kOnCpu1}, [&] { lock = {}; });
  EXPECT_TRUE(alone.complete);
  EXPECT_GT(alone.waits, 0U);
}

/// Whoever was cut off was not seen to wait.
TEST(ExplorerAlone, N2_ALimitIsNoWaiting) {
  Location first;
  const auto body = [&] {
    for (std::uint32_t i = 0; i < 6; ++i) first.store(i, kRelaxed);
  };
  const Alone alone = run_alone({body}, {kOnCpu0}, [&] { first = Location{}; }, {.depth = 3});
  EXPECT_FALSE(alone.complete);
  EXPECT_EQ(alone.waits, 0U);
  EXPECT_EQ(alone.cut, alone.runs);
  EXPECT_GT(alone.runs, 0U);
}

/// Runs alone leave no trace in the search they are made from.
TEST(ExplorerAlone, N2_ThePassChangesNothingOfTheSearch) {
  Location first, second;
  const auto reset = [&] { first = second = Location{}; };
  const auto one = [&] {
    first.store(1, kSeqCst);
    static_cast<void>(second.load(kSeqCst));
  };
  const auto other = [&] {
    second.store(1, kSeqCst);
    static_cast<void>(first.load(kSeqCst));
  };
  Exploration plain;
  plain.task(0, one).task(1, other).begin(reset);
  const Alone alone = run_alone({one, other}, {kOnCpu0, kOnCpu1}, reset);
  EXPECT_EQ(alone.executions, plain.explore().counts.executions);
  EXPECT_EQ(alone.most, 2U);
}

}  // namespace
}  // namespace labyrinth::machine::testing
