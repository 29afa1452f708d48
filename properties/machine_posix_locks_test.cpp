// N1 and M1 of the C library's locks: each kind excludes, orders, and deadlocks where it has to.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "explorer_fixture.hpp"
#include "labyrinth/machine/machine.h"
#include "machine_posix_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

/// A lock of any kind, by the calls that take it and give it back.
struct KindOfLock {
  const char* name;
  void (*lock)();
  bool (*trylock)();
  void (*unlock)();
};

constexpr KindOfLock kLocks[] = {
    {"pthread_mutex", [] { __wrap_pthread_mutex_lock(&mutex); },
     [] { return __wrap_pthread_mutex_trylock(&mutex) == 0; }, [] { __wrap_pthread_mutex_unlock(&mutex); }},
    {"mtx", [] { __wrap_mtx_lock(&c11_mutex); },
     [] { return __wrap_mtx_trylock(&c11_mutex) == thrd_success; }, [] { __wrap_mtx_unlock(&c11_mutex); }},
    {"pthread_spin", [] { __wrap_pthread_spin_lock(&spinlock); },
     [] { return __wrap_pthread_spin_trylock(&spinlock) == 0; },
     [] { __wrap_pthread_spin_unlock(&spinlock); }},
    {"pthread_rwlock to write", [] { __wrap_pthread_rwlock_wrlock(&rwlock); },
     [] { return __wrap_pthread_rwlock_trywrlock(&rwlock) == 0; },
     [] { __wrap_pthread_rwlock_unlock(&rwlock); }},
};

class MachinePosixLock : public MachinePosix, public ::testing::WithParamInterface<KindOfLock> {
 protected:
  /// Under the lock: two plain writes, with a point in the middle.
  void under_lock(Location& data, char letter) {
    GetParam().lock();
    data.write(1);
    x_.load(kRelaxed);
    scenario_.log += letter;
    data.write(2);
    GetParam().unlock();
  }
};

TEST_P(MachinePosixLock, M1_ExcludesAndOrdersTasksOfSeveralCpusAndOfOne) {
  Location data;
  for (std::uint8_t task = 0; task < 4; ++task) {
    scenario_.task(task / 2, [&, task] {
      for (int i = 0; i < 3; ++i) under_lock(data, static_cast<char>('a' + task));
    });
  }
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    RandomWalk walk(seed, 2);
    const Outcome& outcome = scenario_.run(walk, 2);
    ASSERT_EQ(outcome.kind, Outcome::Kind::kClean)
        << seed << ' ' << outcome.violation.reason << outcome.limit;
    ASSERT_EQ(scenario_.log.size(), 12U);
  }
}

TEST_P(MachinePosixLock, ExploredAtomicsUnderTheLockNeverLoseAnUpdate) {
  Location counter;
  Exploration exploration;
  exploration.begin([&] {
    unlock_all();
    counter = {};
  });
  for (std::uint8_t i = 0; i < 3; ++i) {
    exploration.task(i == 2 ? 1 : i, [&] {
      GetParam().lock();
      counter.store(counter.load(kRelaxed) + 1, kRelaxed);
      GetParam().unlock();
    });
  }
  exploration.outcome([&] { return std::to_string(counter.peek()); });
  const Explored explored = exploration.explore({}, 2);
  EXPECT_TRUE(explored.complete);
  EXPECT_EQ(explored.outcomes.size(), 1U);
  EXPECT_TRUE(explored.outcomes.contains("3"));
  EXPECT_TRUE(explored.violations.empty());
}

TEST_P(MachinePosixLock, N1_AHandlerThatTakesTheLockOfTheTaskItInterruptedDeadlocks) {
  Location data;
  scenario_.task(0, [&] { under_lock(data, 'a'); });
  scenario_.handler(Level::kHardirq, 0, [&] { under_lock(data, 'h'); });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean) << "not if it comes before or after";
  unlock_all();
  scenario_.depart(0, 2, Kind::kInterrupt, kHardirq);
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.violation.clause, Clause::N1);
  EXPECT_EQ(outcome.violation.context, 1);
  EXPECT_EQ(outcome.violation.other, 0);
}

TEST_P(MachinePosixLock, N1_TakingItTwiceDeadlocks) {
  scenario_.task(0, [&] {
    GetParam().lock();
    GetParam().lock();
  });
  EXPECT_EQ(scenario_.run().violation.clause, Clause::N1);
}

TEST_P(MachinePosixLock, N1_ALockThatNobodyGivesBackIsReported) {
  for (std::uint8_t cpu = 0; cpu < 2; ++cpu) scenario_.task(cpu, [&] { GetParam().lock(); });
  EXPECT_EQ(scenario_.run().violation.clause, Clause::N1);
}

TEST_P(MachinePosixLock, TryingAnswersAndNeverWaits) {
  std::string got;
  scenario_.task(0, [&] {
    got += GetParam().trylock() ? 'y' : 'n';
    x_.load(kRelaxed);
    GetParam().unlock();
  });
  scenario_.handler(Level::kHardirq, 0, [&] { got += GetParam().trylock() ? 'y' : 'n'; });
  scenario_.depart(0, 2, Kind::kInterrupt, kHardirq);
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(got, "yn");
}

TEST_P(MachinePosixLock, N1_ATaskOfAnotherCpuWithInterruptsOffMayNotSleepForIt) {
  if (std::string(GetParam().name) == "pthread_spin") return;  // It spins, and the holder runs meanwhile.
  scenario_.task(0, [&] {
    GetParam().lock();
    x_.load(kRelaxed);
    GetParam().unlock();
  });
  scenario_.task(1, [&] {
    static_cast<void>(labyrinth_machine_irq_save());
    GetParam().lock();
  });
  scenario_.depart(0, 2, Kind::kCpu, 1);
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.violation.clause, Clause::N1);
  EXPECT_EQ(outcome.violation.other, 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, MachinePosixLock, ::testing::ValuesIn(kLocks),
                         [](const auto& it) { return std::to_string(it.index); });

TEST_F(MachinePosix, N1_TwoTasksThatTakeTwoMutexesInOppositeOrdersDeadlock) {
  pthread_mutex_t other{};
  const auto both = [](pthread_mutex_t& first, pthread_mutex_t& then) {
    return [&] {
      __wrap_pthread_mutex_lock(&first);
      __wrap_pthread_mutex_lock(&then);
      __wrap_pthread_mutex_unlock(&then);
      __wrap_pthread_mutex_unlock(&first);
    };
  };
  scenario_.task(0, both(mutex, other)).task(0, both(other, mutex));
  EXPECT_EQ(scenario_.run().violation.clause, Clause::kNone) << "not if one comes after the other";
  scenario_.depart(0, 2, Kind::kTask, 1);
  EXPECT_EQ(scenario_.run().violation.clause, Clause::N1);
}

TEST_F(MachinePosix, ARecursiveMutexIsItsHoldersUntilGivenBackAsOften) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  __wrap_pthread_mutex_init(&mutex, &attributes);
  std::string got;
  scenario_.task(0, [&] {
    __wrap_pthread_mutex_lock(&mutex);
    __wrap_pthread_mutex_lock(&mutex);
    __wrap_pthread_mutex_unlock(&mutex);
    x_.load(kRelaxed);
    __wrap_pthread_mutex_unlock(&mutex);
  });
  scenario_.task(1, [&] {
    got += __wrap_pthread_mutex_trylock(&mutex) == EBUSY ? 'b' : 'f';
    x_.load(kRelaxed);
    got += __wrap_pthread_mutex_trylock(&mutex) == EBUSY ? 'b' : 'f';
  });
  scenario_.depart(0, 4, Kind::kCpu, 1).depart(1, 2, Kind::kCpu, 0);
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(got, "bf");
}

TEST_F(MachinePosix, ATimedLockOfWhatIsNeverGivenBackIsOverInTime) {
  int answer = 0;
  scenario_.task(0, [&] { __wrap_pthread_mutex_lock(&mutex); });
  scenario_.task(1, [&] { answer = __wrap_pthread_mutex_timedlock(&mutex, nullptr); });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(answer, ETIMEDOUT);
}

TEST_F(MachinePosix, ReadersShareALockAndWritersDoNot) {
  std::string got;
  scenario_.task(0, [&] {
    __wrap_pthread_rwlock_rdlock(&rwlock);
    x_.load(kRelaxed);
    __wrap_pthread_rwlock_unlock(&rwlock);
  });
  scenario_.task(1, [&] {
    got += __wrap_pthread_rwlock_tryrdlock(&rwlock) == 0 ? 'y' : 'n';
    got += __wrap_pthread_rwlock_trywrlock(&rwlock) == 0 ? 'y' : 'n';
    __wrap_pthread_rwlock_unlock(&rwlock);
    __wrap_pthread_rwlock_wrlock(&rwlock);
    got += 'w';
    __wrap_pthread_rwlock_unlock(&rwlock);
  });
  scenario_.depart(0, 2, Kind::kCpu, 1);
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(got, "ynw");
}

TEST_F(MachinePosix, M1_AReaderIsOrderedAfterTheWriterBeforeAndBeforeTheOneAfter) {
  Location data;
  for (std::uint8_t cpu = 0; cpu < 3; ++cpu) {
    scenario_.task(cpu, [&, cpu] {
      for (int i = 0; i < 2; ++i) {
        cpu == 0 ? __wrap_pthread_rwlock_wrlock(&rwlock) : __wrap_pthread_rwlock_rdlock(&rwlock);
        cpu == 0 ? data.write(1) : static_cast<void>(data.read());
        x_.load(kRelaxed);
        __wrap_pthread_rwlock_unlock(&rwlock);
      }
    });
  }
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    RandomWalk walk(seed, 2);
    const Outcome& outcome = scenario_.run(walk, 3);
    ASSERT_EQ(outcome.kind, Outcome::Kind::kClean)
        << seed << ' ' << outcome.violation.reason << outcome.limit;
  }
}

TEST_F(MachinePosix, WhatIsDoneOnceIsDoneByOneWhileOthersWait) {
  static Location* at = nullptr;
  static int times = 0;
  at = &x_;
  pthread_once_t once = PTHREAD_ONCE_INIT;
  alignas(8) std::uint64_t guard = 0;
  for (std::uint8_t cpu = 0; cpu < 2; ++cpu) {
    scenario_.task(cpu, [&] {
      __wrap_pthread_once(&once, [] {
        at->load(kRelaxed);
        ++times;
      });
      if (__wrap___cxa_guard_acquire(&guard) != 0) {
        x_.load(kRelaxed);
        scenario_.log += 'g';
        __wrap___cxa_guard_release(&guard);
      }
    });
  }
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    once = PTHREAD_ONCE_INIT;
    guard = 0;
    times = 0;
    RandomWalk walk(seed, 2);
    ASSERT_EQ(scenario_.run(walk, 2).kind, Outcome::Kind::kClean) << seed;
    ASSERT_EQ(times, 1);
    ASSERT_EQ(scenario_.log, "g");
    ASSERT_EQ(guard & 0xff, 1U);  // what compiled code looks at
  }
}

}  // namespace
}  // namespace labyrinth::machine::testing
