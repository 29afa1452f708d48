// Interrupt handlers under the explorer: a handler is whole to what it interrupts, and to nothing else. Each
// test says how many executions there are, and what they come to.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>

#include "explorer_fixture.hpp"
#include "labyrinth/machine/machine.h"

namespace labyrinth::machine::testing {
namespace {

using Times = std::map<std::string, std::uint64_t>;

[[nodiscard]] std::uint64_t choose(std::uint64_t n, std::uint64_t k) {
  return k == 0 ? 1 : choose(n - 1, k - 1) * n / k;
}

class ExplorerInterrupt : public ::testing::Test {
 protected:
  ExplorerInterrupt() { clear(); }
  void clear() {
    exploration = std::make_unique<Exploration>();
    exploration->begin([this] {
      at.fill(Location{});
      counter = Location{};
    });
    exploration->outcome([this] { return std::to_string(counter.peek()); });
  }
  /// The number of executions of a complete search, of which no two are equivalent.
  std::uint64_t count() {
    explored = exploration->explore();
    EXPECT_TRUE(explored.complete);
    EXPECT_TRUE(explored.violations.empty());
    EXPECT_EQ(explored.traces.size(), explored.counts.executions);
    return explored.counts.executions;
  }
  /// Each outcome, with the number of executions that come to it.
  Times outcomes() {
    static_cast<void>(count());
    return explored.outcomes;
  }
  void increment() { counter.store(counter.load(kRelaxed) + 1, kRelaxed); }
  Exploration::Body increments() {
    return [this] { increment(); };
  }
  Exploration::Body writes(unsigned steps) {
    return [this, steps] {
      for (unsigned i = 0; i < steps; ++i) counter.store(i, kRelaxed);
    };
  }
  /// One location after the other: no two steps of the body conflict.
  Exploration::Body sweeps(unsigned steps, bool backwards = false) {
    return [this, steps, backwards] {
      for (unsigned i = 0; i < steps; ++i) at[backwards ? steps - 1 - i : i].store(1, kRelaxed);
    };
  }

  std::unique_ptr<Exploration> exploration;
  Explored explored;
  std::array<Location, 8> at;
  Location counter;
};

/// The handler comes before, after, or in between: then the task overwrites what the handler did.
TEST_F(ExplorerInterrupt, BetweenLoadAndStoreLosesAnUpdate) {
  for (const Level level : {Level::kSoftirq, Level::kHardirq, Level::kNmi}) {
    clear();
    exploration->task(0, increments()).handler(level, 0, increments());
    EXPECT_EQ(outcomes(), (Times{{"1", 1}, {"2", 2}}));
  }
}

/// On a CPU of its own it is like any thread: also the handler's update can be lost.
TEST_F(ExplorerInterrupt, OnAnotherCpuIsAThread) {
  exploration->task(0, increments()).handler(Level::kHardirq, 1, increments());
  EXPECT_EQ(outcomes(), (Times{{"1", 2}, {"2", 2}}));
}

TEST_F(ExplorerInterrupt, ThatTouchesNothingOfTheTaskHasOneExecution) {
  for (unsigned n = 1; n <= 8; ++n) {
    clear();
    exploration->task(0, sweeps(n)).handler(Level::kHardirq, 0, writes(3));
    EXPECT_EQ(count(), 1U) << n;
  }
}

TEST_F(ExplorerInterrupt, ThatConflictsWithEachStepComesAnywhere) {
  for (unsigned n = 1; n <= 8; ++n) {
    for (unsigned steps = 1; steps <= 3; ++steps) {
      clear();
      exploration->task(0, writes(n)).handler(Level::kHardirq, 0, writes(steps));
      EXPECT_EQ(count(), n + 1) << n;
    }
  }
}

/// It has a step for each step of the task, and all of it lies between two of them: n + 1, forwards and
/// backwards. A thread orders each of the n pairs apart, 2^n, unless it goes the other way.
TEST_F(ExplorerInterrupt, IsWholeToWhatItInterrupts) {
  for (unsigned n = 1; n <= 6; ++n) {
    for (const bool backwards : {false, true}) {
      clear();
      exploration->task(0, sweeps(n)).handler(Level::kSoftirq, 0, sweeps(n, backwards));
      EXPECT_EQ(count(), n + 1) << n;
      clear();
      exploration->task(0, sweeps(n)).handler(Level::kSoftirq, 1, sweeps(n, backwards));
      EXPECT_EQ(count(), backwards ? n + 1 : std::uint64_t{1} << n) << n;
    }
  }
}

/// The task's only conflict is with the handler's last step; that decides where the handler begins.
TEST_F(ExplorerInterrupt, BeginsWhereItsLastStepWantsIt) {
  exploration->task(0, writes(3)).handler(Level::kHardirq, 0, [this] {
    sweeps(4)();
    counter.add(10, kRelaxed);
  });
  // The task stores 0, 1, 2: only the handler that comes last leaves its mark.
  EXPECT_EQ(outcomes(), (Times{{"2", 3}, {"12", 1}}));
}

/// A hardirq lies in any place of the n + m steps of task and softirq; the softirq in any of the task's n.
TEST_F(ExplorerInterrupt, InterruptsAnInterrupt) {
  for (unsigned n = 1; n <= 3; ++n) {
    for (unsigned m = 1; m <= 3; ++m) {
      clear();
      exploration->task(0, writes(n))
          .handler(Level::kSoftirq, 0, writes(m))
          .handler(Level::kHardirq, 0, writes(2));
      EXPECT_EQ(count(), (n + 1) * (n + m + 1)) << n << ' ' << m;
    }
  }
}

/// Three levels of one, two and three steps, of which each may lie anywhere in the levels below.
TEST_F(ExplorerInterrupt, NestsThreeDeep) {
  exploration->task(0, writes(1))
      .handler(Level::kSoftirq, 0, writes(2))
      .handler(Level::kHardirq, 0, writes(3))
      .handler(Level::kNmi, 0, writes(1));
  EXPECT_EQ(count(), (1 + 1) * (1 + 2 + 1) * (1 + 2 + 3 + 1));
}

/// Handlers of one level come in order, and not within each other: the ways to choose two places of n + 1,
/// with repetition.
TEST_F(ExplorerInterrupt, DoesNotNestInItsOwnLevel) {
  for (unsigned n = 1; n <= 5; ++n) {
    clear();
    exploration->task(0, writes(n))
        .handler(Level::kSoftirq, 0, writes(2))
        .handler(Level::kSoftirq, 0, writes(2));
    EXPECT_EQ(count(), choose(n + 2, 2)) << n;
  }
}

/// SB between a task and its own handler: MP, LB and SB all have 3 places for the handler.
TEST_F(ExplorerInterrupt, SeesTheTaskInThreeStates) {
  std::uint32_t seen[2]{};
  exploration
      ->task(0,
             [&] {
               at[0].store(1, kRelaxed);
               seen[0] = at[1].load(kRelaxed);
             })
      .handler(Level::kHardirq, 0, [&] {
        at[1].store(1, kRelaxed);
        seen[1] = at[0].load(kRelaxed);
      });
  exploration->outcome([&] { return std::to_string(seen[0]) + std::to_string(seen[1]); });
  EXPECT_EQ(outcomes(), (Times{{"10", 1}, {"11", 1}, {"01", 1}}));
}

/// The same lost update, with what is meant to prevent it: the handler comes before or after.
class ExplorerMask : public ExplorerInterrupt {
 protected:
  Exploration::Body increments_within(void (*begin)(), void (*end)()) {
    return [this, begin, end] {
      begin();
      increment();
      end();
    };
  }
  static void irq_off() { static_cast<void>(labyrinth_machine_irq_save()); }
  static void irq_on() { labyrinth_machine_irq_restore(true); }
};

TEST_F(ExplorerMask, HoldsBackHardirqsAndSoftirqs) {
  for (const Level level : {Level::kSoftirq, Level::kHardirq}) {
    clear();
    exploration->task(0, increments_within(irq_off, irq_on)).handler(level, 0, increments());
    EXPECT_EQ(outcomes(), (Times{{"2", 2}}));
  }
}

TEST_F(ExplorerMask, DoesNotHoldBackAnNmi) {
  exploration->task(0, increments_within(irq_off, irq_on)).handler(Level::kNmi, 0, increments());
  EXPECT_EQ(outcomes(), (Times{{"1", 1}, {"2", 2}}));
}

TEST_F(ExplorerMask, OfBottomHalvesHoldsBackSoftirqsOnly) {
  const auto body = increments_within(labyrinth_machine_bh_disable, labyrinth_machine_bh_enable);
  exploration->task(0, body).handler(Level::kSoftirq, 0, increments());
  EXPECT_EQ(outcomes(), (Times{{"2", 2}}));
  clear();
  exploration->task(0, body).handler(Level::kHardirq, 0, increments());
  EXPECT_EQ(outcomes(), (Times{{"1", 1}, {"2", 2}}));
}

TEST_F(ExplorerMask, HoldsBackNothingOfAnotherCpu) {
  exploration->task(0, increments_within(irq_off, irq_on)).handler(Level::kHardirq, 1, increments());
  EXPECT_EQ(outcomes(), (Times{{"1", 2}, {"2", 2}}));
}

/// A mask ends with the handler that set it, and a handler can mask what would interrupt it.
TEST_F(ExplorerMask, OfAHandlerEndsWithIt) {
  exploration
      ->task(0,
             [this] {
               counter.add(1, kRelaxed);
               counter.add(1, kRelaxed);
             })
      .handler(Level::kSoftirq, 0,
               [this] {
                 irq_off();
                 increment();
               })
      .handler(Level::kHardirq, 0, increments());
  static_cast<void>(count());
  EXPECT_EQ(explored.outcomes.size(), 1U);
  EXPECT_TRUE(explored.outcomes.contains("4"));
}

/// Load and store of two tasks: 6 shuffles, less the 2 that only swap adjacent loads. Whole: 2.
TEST_F(ExplorerMask, OfPreemptionKeepsTasksWhole) {
  exploration->task(0, increments()).task(0, increments());
  EXPECT_EQ(outcomes(), (Times{{"1", 2}, {"2", 2}}));
  clear();
  const auto body = increments_within(labyrinth_machine_preempt_disable, labyrinth_machine_preempt_enable);
  exploration->task(0, body).task(0, body);
  EXPECT_EQ(outcomes(), (Times{{"2", 2}}));
  clear();
  exploration->task(0, body).task(1, body);
  EXPECT_EQ(outcomes(), (Times{{"1", 2}, {"2", 2}}));
}

/// A pool of two, counted by loads and stores. A handler that gives back what it took before it returns
/// leaves the pool as it was and hides the update that the task loses; if the task is to give it back, it
/// shows.
class ExplorerPool : public ExplorerInterrupt {
 protected:
  void take_and_handle(Exploration::Body handler) {
    exploration->begin([this] {
      counter.store(2, kRelaxed);
      kept_ = Location{};
    });
    exploration->task(0, [this] {
      add(-1);
      add(static_cast<int>(kept_.exchange(0, kRelaxed)));
    });
    exploration->handler(Level::kHardirq, 0, std::move(handler));
    // What is free, what the handler still has, and what the task took.
    exploration->outcome([this] { return std::to_string(counter.peek() + kept_.peek() + 1); });
  }
  void add(int amount) {
    if (amount != 0) counter.store(counter.load(kRelaxed) + static_cast<std::uint32_t>(amount), kRelaxed);
  }
  Location kept_;
};

/// Before, between and after the two accesses of the task; it does not touch what the third does.
TEST_F(ExplorerPool, IsWholeAgainWhenAHandlerGivesBackBeforeItReturns) {
  take_and_handle([this] {
    add(-1);
    add(1);
  });
  EXPECT_EQ(outcomes(), (Times{{"2", 3}}));
}

/// The same places, and whether the task still sees what the handler kept: it gives that back, in all but the
/// last of 4.
TEST_F(ExplorerPool, ShowsTheLossWhenATaskGivesBackLater) {
  take_and_handle([this] {
    add(-1);
    kept_.store(1, kRelaxed);
  });
  EXPECT_EQ(outcomes(), (Times{{"2", 3}, {"3", 1}}));
}

}  // namespace
}  // namespace labyrinth::machine::testing
