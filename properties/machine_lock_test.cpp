// N1, C1 and limits: spinlocks as facts of the schedule, deadlocks that are reported and not run, loops that
// end.
#include <gtest/gtest.h>

#include "labyrinth/machine/machine.h"
#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

using model::Clause;
using Lock = labyrinth_machine_spinlock;

class MachineLock : public ::testing::Test {
 protected:
  Location x_;
  Lock lock_{}, second_{};
  Scenario scenario_;
  /// Under the lock: a plain write, with a point in the middle.
  void under(Lock& lock, Location& data, char letter) {
    labyrinth_machine_spin_lock(&lock);
    data.write(1);
    x_.load(kRelaxed);
    scenario_.log += letter;
    data.write(2);
    labyrinth_machine_spin_unlock(&lock);
  }
};

TEST_F(MachineLock, M1_ASpinlockExcludesAndOrders) {
  Location data;
  for (std::uint8_t cpu = 0; cpu < 3; ++cpu) {
    scenario_.task(cpu, [&, cpu] {
      for (int i = 0; i < 3; ++i) under(lock_, data, static_cast<char>('a' + cpu));
    });
  }
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    RandomWalk walk(seed, 2);
    const Outcome& outcome = scenario_.run(walk, 3);
    ASSERT_EQ(outcome.kind, Outcome::Kind::kClean)
        << seed << ' ' << outcome.violation.reason << outcome.limit;
    ASSERT_EQ(scenario_.log.size(), 9U);
    ASSERT_EQ(lock_.held, 0U);
  }
}

TEST_F(MachineLock, AWaiterLetsTheHolderRun) {
  Location data;
  scenario_.task(0, [&] { under(lock_, data, 'a'); }).task(1, [&] { under(lock_, data, 'b'); });
  scenario_.depart(0, 2, Kind::kCpu, 1);
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(scenario_.log, "ab");
}

TEST_F(MachineLock, TrylockAnswersAndNeverWaits) {
  std::vector<bool> got;
  scenario_.task(0, [&] {
    got.push_back(labyrinth_machine_spin_trylock(&lock_));
    got.push_back(labyrinth_machine_spin_trylock(&lock_));
    EXPECT_FALSE(labyrinth_machine_may_sleep());
    labyrinth_machine_spin_unlock(&lock_);
    EXPECT_TRUE(labyrinth_machine_may_sleep());
    got.push_back(labyrinth_machine_spin_trylock(&lock_));
    labyrinth_machine_spin_unlock(&lock_);
  });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(got, (std::vector<bool>{true, false, true}));
}

TEST_F(MachineLock, N1_AHandlerThatTakesALockOfTheTaskItInterruptedDeadlocks) {
  Location data;
  scenario_.task(0, [&] { under(lock_, data, 'a'); });
  scenario_.handler(Level::kHardirq, 0, [&] { under(lock_, data, 'h'); });
  scenario_.depart(0, 2, Kind::kInterrupt, static_cast<std::uint8_t>(Level::kHardirq));
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.violation.clause, Clause::N1);
  EXPECT_EQ(outcome.violation.context, 1);
  EXPECT_EQ(outcome.violation.other, 0);
}

TEST_F(MachineLock, N1_TakingALockTwiceDeadlocks) {
  scenario_.task(0, [&] {
    labyrinth_machine_spin_lock(&lock_);
    labyrinth_machine_spin_lock(&lock_);
  });
  EXPECT_EQ(scenario_.run().violation.clause, Clause::N1);
}

TEST_F(MachineLock, N1_TwoCpusThatTakeTwoLocksInOppositeOrdersDeadlock) {
  const auto both = [&](Lock& first, Lock& then) {
    return [&] {
      labyrinth_machine_spin_lock(&first);
      labyrinth_machine_spin_lock(&then);
      labyrinth_machine_spin_unlock(&then);
      labyrinth_machine_spin_unlock(&first);
    };
  };
  scenario_.task(0, both(lock_, second_)).task(1, both(second_, lock_));
  EXPECT_EQ(scenario_.run().violation.clause, Clause::kNone) << "not if one comes after the other";
  scenario_.depart(0, 2, Kind::kCpu, 1);
  EXPECT_EQ(scenario_.run().violation.clause, Clause::N1);
}

TEST_F(MachineLock, N1_TwoCpusWhoseHandlersWaitForEachOthersTasksDeadlock) {
  for (std::uint8_t cpu = 0; cpu < 2; ++cpu) {
    scenario_.task(cpu, [&, cpu] {
      labyrinth_machine_spin_lock(cpu == 0 ? &lock_ : &second_);
      x_.load(kRelaxed);
      labyrinth_machine_spin_unlock(cpu == 0 ? &lock_ : &second_);
    });
  }
  for (std::uint8_t cpu = 0; cpu < 2; ++cpu) {
    scenario_.handler(Level::kHardirq, cpu, [&, cpu] {
      labyrinth_machine_spin_lock(cpu == 0 ? &second_ : &lock_);
      labyrinth_machine_spin_unlock(cpu == 0 ? &second_ : &lock_);
    });
  }
  const auto hard = static_cast<std::uint8_t>(Level::kHardirq);
  // Both tasks hold their lock; CPU 1's handler waits for task 0, whose CPU then takes its own handler.
  scenario_.depart(0, 2, Kind::kCpu, 1)
      .depart(0, 2, Kind::kInterrupt, hard)
      .depart(1, 2, Kind::kInterrupt, hard);
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.violation.clause, Clause::N1);
  EXPECT_EQ(outcome.unmatched, 0);
}

TEST_F(MachineLock, AWaiterWhoseLockWasGivenBackMeanwhileIsNotWaitedForInVain) {
  // CPU 0 holds second_ and spins on lock_. CPU 1 gives lock_ back, then takes second_: it has to wait for
  // CPU 0, which can go on now.
  scenario_.task(0, [&] {
    labyrinth_machine_spin_lock(&second_);
    labyrinth_machine_spin_lock(&lock_);
    scenario_.log += 'a';
    labyrinth_machine_spin_unlock(&lock_);
    labyrinth_machine_spin_unlock(&second_);
  });
  scenario_.task(1, [&] {
    labyrinth_machine_spin_lock(&lock_);
    x_.load(kRelaxed);
    labyrinth_machine_spin_unlock(&lock_);
    labyrinth_machine_spin_lock(&second_);
    scenario_.log += 'b';
    labyrinth_machine_spin_unlock(&second_);
  });
  scenario_.depart(0, 1, Kind::kCpu, 1).depart(1, 2, Kind::kCpu, 0);
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.kind, Outcome::Kind::kClean) << outcome.violation.reason;
  EXPECT_EQ(scenario_.log, "ab");
}

TEST_F(MachineLock, AWaiterForALockOfATaskThatHasEndedSinceIsNotADeadlock) {
  // CPU 1 spins on lock_ of CPU 2, which gives it back and ends; CPU 0 then waits for second_, which CPU 1
  // holds.
  scenario_.task(0, [&] {
    x_.load(kRelaxed);
    labyrinth_machine_spin_lock(&second_);
    scenario_.log += 'a';
    labyrinth_machine_spin_unlock(&second_);
  });
  scenario_.task(1, [&] {
    labyrinth_machine_spin_lock(&second_);
    labyrinth_machine_spin_lock(&lock_);
    scenario_.log += 'b';
    labyrinth_machine_spin_unlock(&lock_);
    labyrinth_machine_spin_unlock(&second_);
  });
  scenario_.task(2, [&] {
    labyrinth_machine_spin_lock(&lock_);
    x_.load(kRelaxed);
    labyrinth_machine_spin_unlock(&lock_);
    scenario_.log += 'c';
  });
  scenario_.depart(0, 1, Kind::kCpu, 2).depart(2, 2, Kind::kCpu, 1);
  const Outcome& outcome = scenario_.run(3);
  EXPECT_EQ(outcome.kind, Outcome::Kind::kClean) << outcome.violation.reason;
  EXPECT_EQ(scenario_.log, "cba");
}

TEST_F(MachineLock, N1_ALockThatNobodyGivesBackIsReported) {
  scenario_.task(0, [&] { labyrinth_machine_spin_lock(&lock_); });
  scenario_.task(1, [&] { labyrinth_machine_spin_lock(&lock_); });
  EXPECT_EQ(scenario_.run().violation.clause, Clause::N1);
}

TEST_F(MachineLock, C1_SleepingUnderASpinlockIsReported) {
  scenario_.task(0, [&] {
    labyrinth_machine_spin_lock(&lock_);
    labyrinth_machine_sleep();
  });
  EXPECT_EQ(scenario_.run().violation.clause, Clause::C1);
}

TEST_F(MachineLock, AnEndlessLoopIsInconclusiveAndEnds) {
  scenario_.task(0, [&] {
    while (x_.load(kRelaxed) == 0) {
    }
  });
  scenario_.task(1, [&] { x_.store(1, kRelaxed); });
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.kind, Outcome::Kind::kInconclusive);
  EXPECT_STRNE(outcome.limit, "");
  EXPECT_EQ(outcome.violation.clause, Clause::kNone);
}

TEST_F(MachineLock, EndlessFencesAreInconclusiveToo) {
  scenario_.task(0, [] {
    for (;;) __tsan_atomic_thread_fence(kRelease);
  });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kInconclusive);
}

TEST_F(MachineLock, TwoEndlessLoopsThatAlternateEndToo) {
  for (std::uint8_t cpu = 0; cpu < 2; ++cpu) {
    scenario_.task(cpu, [&] {
      while (x_.load(kRelaxed) == 0) x_.add(0, kSeqCst);
    });
  }
  RandomWalk walk(1, 3);
  EXPECT_EQ(scenario_.run(walk).kind, Outcome::Kind::kInconclusive);
}

TEST_F(MachineLock, TheRunAfterAViolationOrALimitIsAsGoodAsAny) {
  for (int round = 0; round < 3; ++round) {
    Scenario bad;
    bad.task(0, [&] {
      while (x_.load(kRelaxed) == 0) {
      }
    });
    EXPECT_EQ(bad.run().kind, Outcome::Kind::kInconclusive);
    Scenario good;
    Location data;
    good.task(0, [&] { data.write(1); }).handler(Level::kNmi, 1, [&] { good.log += 'n'; });
    EXPECT_EQ(good.run().kind, Outcome::Kind::kClean);
    EXPECT_EQ(good.log, "n");
    EXPECT_EQ(data.peek(), 1U);
  }
}

}  // namespace
}  // namespace labyrinth::machine::testing
