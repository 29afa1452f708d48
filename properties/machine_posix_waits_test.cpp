// N1 and M1 of the C library's conditions and semaphores.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "explorer_fixture.hpp"
#include "machine_posix_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

TEST_F(MachinePosix, AConditionIsWaitedForUntilItIsSignalled) {
  Location data;
  std::memset(&condition, 0, sizeof condition);
  std::uint32_t ready = 0;
  scenario_.task(0, [&] {
    __wrap_pthread_mutex_lock(&mutex);
    while (ready == 0) __wrap_pthread_cond_wait(&condition, &mutex);
    data.write(2);
    scenario_.log += 'w';
    __wrap_pthread_mutex_unlock(&mutex);
  });
  scenario_.task(1, [&] {
    __wrap_pthread_mutex_lock(&mutex);
    data.write(1);
    ready = 1;
    scenario_.log += 's';
    __wrap_pthread_cond_signal(&condition);
    __wrap_pthread_mutex_unlock(&mutex);
  });
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    ready = 0;
    RandomWalk walk(seed, 2);
    const Outcome& outcome = scenario_.run(walk, 2);
    ASSERT_EQ(outcome.kind, Outcome::Kind::kClean)
        << seed << ' ' << outcome.violation.reason << outcome.limit;
    ASSERT_EQ(scenario_.log, "sw");
  }
}

TEST_F(MachinePosix, ABroadcastWakesAllAndASignalOne) {
  std::memset(&condition, 0, sizeof condition);
  const auto waits = [&] {
    __wrap_pthread_mutex_lock(&mutex);
    __wrap_pthread_cond_wait(&condition, &mutex);
    scenario_.log += 'w';
    __wrap_pthread_mutex_unlock(&mutex);
  };
  bool all = true;
  scenario_.task(0, waits).task(0, waits).task(
      1, [&] { all ? __wrap_pthread_cond_broadcast(&condition) : __wrap_pthread_cond_signal(&condition); });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(scenario_.log, "ww");
  all = false;
  EXPECT_EQ(scenario_.run().violation.clause, Clause::N1);
  EXPECT_EQ(scenario_.log, "w");
}

TEST_F(MachinePosix, WhichOfTheWaitersASignalWakesIsTheSchedulesChoice) {
  std::string woken;
  unsigned waiting = 0;
  Exploration exploration;
  exploration.begin([&] {
    unlock_all();
    std::memset(&condition, 0, sizeof condition);
    woken.clear();
    waiting = 0;
  });
  for (std::uint8_t i = 0; i < 2; ++i) {
    exploration.task(i, [&, i] {
      __wrap_pthread_mutex_lock(&mutex);
      ++waiting;
      if (__wrap_pthread_cond_timedwait(&condition, &mutex, nullptr) == 0)
        woken += static_cast<char>('a' + i);
      __wrap_pthread_mutex_unlock(&mutex);
    });
  }
  exploration.task(2, [&] {
    __wrap_pthread_mutex_lock(&mutex);
    if (waiting == 2) __wrap_pthread_cond_signal(&condition);
    __wrap_pthread_mutex_unlock(&mutex);
  });
  exploration.outcome([&] { return woken; });
  const Explored explored = exploration.explore({}, 3);
  EXPECT_TRUE(explored.complete);
  EXPECT_TRUE(explored.outcomes.contains("a"));
  EXPECT_TRUE(explored.outcomes.contains("b"));
  EXPECT_TRUE(explored.outcomes.contains("")) << "if it comes before both wait";
  EXPECT_EQ(explored.outcomes.size(), 3U);
}

TEST_F(MachinePosix, AsManyWaitersGoOnAsThereAreSignalsInEverySchedule) {
  unsigned signals = 0;
  for (std::uint8_t i = 0; i < 3; ++i) {
    scenario_.task(i, [&] {
      __wrap_pthread_mutex_lock(&mutex);
      __wrap_pthread_cond_wait(&condition, &mutex);
      scenario_.log += 'w';
      __wrap_pthread_mutex_unlock(&mutex);
    });
  }
  scenario_.task(3, [&] {
    while (*reinterpret_cast<const std::uint32_t*>(&condition) != 0b111)
      __wrap_sched_yield();  // All three wait.
    for (unsigned i = 0; i < signals; ++i) __wrap_pthread_cond_signal(&condition);
  });
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    unlock_all();
    std::memset(&condition, 0, sizeof condition);
    signals = 1 + seed % 3;
    RandomWalk walk(seed, 2);
    const Outcome& outcome = scenario_.run(walk, 4);
    ASSERT_EQ(scenario_.log.size(), signals) << seed;
    // The others wait for good.
    ASSERT_EQ(outcome.violation.clause, signals == 3 ? Clause::kNone : Clause::N1) << seed << outcome.limit;
  }
}

TEST_F(MachinePosix, N1_AConditionThatNobodySignalsIsReportedAndATimedOneIsOver) {
  std::memset(&condition, 0, sizeof condition);
  bool timed = false;
  int answer = 0;
  scenario_.task(0, [&] {
    __wrap_pthread_mutex_lock(&mutex);
    answer = timed ? __wrap_pthread_cond_timedwait(&condition, &mutex, nullptr)
                   : __wrap_pthread_cond_wait(&condition, &mutex);
    __wrap_pthread_mutex_unlock(&mutex);
  });
  EXPECT_EQ(scenario_.run().violation.clause, Clause::N1);
  timed = true;
  unlock_all();
  std::memset(&condition, 0, sizeof condition);
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(answer, ETIMEDOUT);
}

TEST_F(MachinePosix, M1_ASemaphoreIsTakenAsOftenAsItIsPostedAndOrders) {
  Location data;
  scenario_.task(0, [&] {
    __wrap_sem_wait(&semaphore);
    data.write(2);
    scenario_.log += 'w';
  });
  scenario_.task(1, [&] {
    data.write(1);
    scenario_.log += 'p';
    __wrap_sem_post(&semaphore);
    EXPECT_TRUE(__wrap_sem_trywait(&semaphore) == 0 || errno == EAGAIN);
    __wrap_sem_post(&semaphore);
  });
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    __wrap_sem_init(&semaphore, 0, 0);
    RandomWalk walk(seed, 2);
    const Outcome& outcome = scenario_.run(walk, 2);
    ASSERT_EQ(outcome.kind, Outcome::Kind::kClean)
        << seed << ' ' << outcome.violation.reason << outcome.limit;
    ASSERT_EQ(scenario_.log, "pw");
  }
}

TEST_F(MachinePosix, N1_ASemaphoreThatNobodyPostsIsReported) {
  __wrap_sem_init(&semaphore, 0, 1);
  scenario_.task(0, [&] {
    EXPECT_EQ(__wrap_sem_wait(&semaphore), 0);
    EXPECT_EQ(__wrap_sem_timedwait(&semaphore, nullptr), -1);
    __wrap_sem_wait(&semaphore);
  });
  EXPECT_EQ(scenario_.run().violation.clause, Clause::N1);
}

}  // namespace
}  // namespace labyrinth::machine::testing
