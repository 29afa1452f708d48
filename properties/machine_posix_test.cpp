// N1, C1 and M1 of what an unmodified target calls of the C library: locks, conditions, semaphores, sleeping
// calls, its CPU, and memory. The bodies call what labyrinth_add_target() makes the linker call.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <threads.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <vector>

#include "explorer_fixture.hpp"
#include "labyrinth/machine/machine.h"
#include "machine_fixture.hpp"

extern "C" {
int __wrap_sched_getcpu();
int __wrap_sched_yield();
pthread_t __wrap_pthread_self();
pid_t __wrap_gettid();
void* __wrap_realloc(void* memory, std::size_t bytes);
int __wrap_posix_memalign(void** memory, std::size_t alignment, std::size_t bytes);
unsigned __wrap_sleep(unsigned seconds);
int __wrap_usleep(unsigned microseconds);
int __wrap_nanosleep(const timespec* time, timespec* left);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left);
int __wrap_poll(pollfd* files, nfds_t count, int timeout);
int __wrap_select(int files, fd_set* reads, fd_set* writes, fd_set* errors, timeval* timeout);
long __wrap_syscall(long number, ...);
void* __wrap_mmap(void* at, std::size_t bytes, int protection, int flags, int file, off_t offset);
int __wrap_munmap(void* at, std::size_t bytes);
int __wrap_madvise(void* at, std::size_t bytes, int advice);
int __wrap_pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes);
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_trylock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* time);
int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex);
int __wrap_mtx_init(mtx_t* mutex, int type);
int __wrap_mtx_lock(mtx_t* mutex);
int __wrap_mtx_trylock(mtx_t* mutex);
int __wrap_mtx_unlock(mtx_t* mutex);
int __wrap_pthread_spin_lock(pthread_spinlock_t* lock);
int __wrap_pthread_spin_trylock(pthread_spinlock_t* lock);
int __wrap_pthread_spin_unlock(pthread_spinlock_t* lock);
int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t* lock);
int __wrap_pthread_rwlock_tryrdlock(pthread_rwlock_t* lock);
int __wrap_pthread_rwlock_wrlock(pthread_rwlock_t* lock);
int __wrap_pthread_rwlock_trywrlock(pthread_rwlock_t* lock);
int __wrap_pthread_rwlock_unlock(pthread_rwlock_t* lock);
int __wrap_pthread_once(pthread_once_t* once, void (*routine)());
int __wrap___cxa_guard_acquire(std::uint64_t* guard);
void __wrap___cxa_guard_release(std::uint64_t* guard);
int __wrap_pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex);
int __wrap_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* time);
int __wrap_pthread_cond_signal(pthread_cond_t* condition);
int __wrap_pthread_cond_broadcast(pthread_cond_t* condition);
int __wrap_sem_init(sem_t* semaphore, int shared, unsigned value);
int __wrap_sem_wait(sem_t* semaphore);
int __wrap_sem_trywait(sem_t* semaphore);
int __wrap_sem_timedwait(sem_t* semaphore, const timespec* time);
int __wrap_sem_post(sem_t* semaphore);
}

namespace labyrinth::machine::testing {
namespace {

using model::Clause;

constexpr auto kHardirq = static_cast<std::uint8_t>(Level::kHardirq);

/// A lock of any kind, by the calls that take it and give it back.
struct KindOfLock {
  const char* name;
  void (*lock)();
  bool (*trylock)();
  void (*unlock)();
};

pthread_mutex_t mutex{};
mtx_t c11_mutex{};
pthread_spinlock_t spinlock{};
pthread_rwlock_t rwlock{};

const KindOfLock kLocks[] = {
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

void unlock_all() {
  std::memset(&mutex, 0, sizeof mutex);
  std::memset(&c11_mutex, 0, sizeof c11_mutex);
  spinlock = 0;
  std::memset(&rwlock, 0, sizeof rwlock);
}

class MachinePosix : public ::testing::Test {
 protected:
  void SetUp() override { unlock_all(); }
  Location x_;
  Scenario scenario_;
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

pthread_cond_t condition{};

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

sem_t semaphore{};

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

/// Sleeping calls.
struct Sleeper {
  const char* name;
  void (*sleep)();
};
std::uint32_t futex = 7;
const Sleeper kSleepers[] = {
    {"sched_yield", [] { __wrap_sched_yield(); }},
    {"sleep", [] { __wrap_sleep(1); }},
    {"usleep", [] { __wrap_usleep(1); }},
    {"nanosleep", [] { __wrap_nanosleep(nullptr, nullptr); }},
    {"clock_nanosleep", [] { __wrap_clock_nanosleep(CLOCK_MONOTONIC, 0, nullptr, nullptr); }},
    {"poll", [] { __wrap_poll(nullptr, 0, 1); }},
    {"select", [] { __wrap_select(0, nullptr, nullptr, nullptr, nullptr); }},
    {"futex", [] { __wrap_syscall(SYS_futex, &futex, FUTEX_WAIT_PRIVATE, 7, nullptr, nullptr, 0); }},
    {"pthread_cond_wait", [] { __wrap_pthread_cond_timedwait(&condition, &mutex, nullptr); }},
    {"sem_wait", [] { __wrap_sem_timedwait(&semaphore, nullptr); }},
};

class MachinePosixSleep : public MachinePosix, public ::testing::WithParamInterface<Sleeper> {};

TEST_P(MachinePosixSleep, C1_WhereSleepingIsNotPermittedItIsReported) {
  __wrap_sem_init(&semaphore, 0, 0);
  scenario_.handler(Level::kSoftirq, 0, [&] { GetParam().sleep(); });
  EXPECT_EQ(scenario_.run().violation.clause, Clause::C1);
  Scenario masked;
  masked.task(0, [&] {
    static_cast<void>(labyrinth_machine_irq_save());
    GetParam().sleep();
  });
  EXPECT_EQ(masked.run().violation.clause, Clause::C1);
}

TEST_P(MachinePosixSleep, ATaskThatMaySleepLetsOthersRunMeanwhile) {
  __wrap_sem_init(&semaphore, 0, 0);
  std::memset(&condition, 0, sizeof condition);
  scenario_.task(0, [&] {
    GetParam().sleep();
    scenario_.log += 'a';
  });
  scenario_.task(0, [&] { scenario_.log += 'b'; });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(scenario_.log, "ba");
}

INSTANTIATE_TEST_SUITE_P(Calls, MachinePosixSleep, ::testing::ValuesIn(kSleepers),
                         [](const auto& it) { return std::string(it.param.name); });

TEST_F(MachinePosix, ALoopThatSleepsForGoodEnds) {
  scenario_.task(0, [] {
    for (;;) __wrap_usleep(1);
  });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kInconclusive);
}

TEST_F(MachinePosix, AFutexWithAnotherValueIsNotWaitedFor) {
  scenario_.handler(Level::kHardirq, 0, [] {
    EXPECT_EQ(__wrap_syscall(SYS_futex, &futex, FUTEX_WAIT_PRIVATE, 8, nullptr, nullptr, 0), -1);
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(__wrap_syscall(SYS_futex, &futex, FUTEX_WAKE_PRIVATE, 1), 0);
    EXPECT_EQ(__wrap_syscall(SYS_getpid), -1);
  });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
}

TEST_F(MachinePosix, TheCpuIsTheVirtualOne) {
  std::string seen;
  for (std::uint8_t cpu = 0; cpu < 3; ++cpu)
    scenario_.task(cpu, [&] { seen += std::to_string(__wrap_sched_getcpu()); });
  scenario_.run(3);
  EXPECT_EQ(seen, "012");
}

TEST_F(MachinePosix, EachTaskIsAThreadAndAHandlerIsTheOneItInterrupts) {
  std::vector<pthread_t> seen;
  const auto look = [&] {
    seen.push_back(__wrap_pthread_self());
    EXPECT_EQ(static_cast<pthread_t>(__wrap_gettid()), seen.back());
    x_.load(kRelaxed);
  };
  scenario_.task(0, look).task(0, look).handler(Level::kNmi, 0, look);
  scenario_.depart(0, 1, Kind::kInterrupt, static_cast<std::uint8_t>(Level::kNmi));
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_NE(seen[0], seen[2]);
}

TEST_F(MachinePosix, ReallocKeepsWhatFitsAndAlignedMemoryIsAligned) {
  scenario_.task(0, [] {
    auto* const small = static_cast<char*>(__wrap_realloc(nullptr, 8));
    std::memcpy(small, "seven..", 8);
    auto* const large = static_cast<char*>(__wrap_realloc(small, 4000));
    EXPECT_NE(small, large);
    EXPECT_STREQ(large, "seven..");
    EXPECT_EQ(std::memcmp(__wrap_realloc(large, 3), "sev", 3), 0);
    void* aligned = nullptr;
    EXPECT_EQ(__wrap_posix_memalign(&aligned, 1024, 10), 0);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(aligned) % 1024, 0U);
    EXPECT_EQ(__wrap_posix_memalign(&aligned, 1024, std::size_t{1} << 40), ENOMEM);
  });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
}

TEST_F(MachinePosix, MemoryIsZeroedAlignedAndInTheSamePlaceInEachRun) {
  void* seen[2] = {};
  for (void*& at : seen) {
    scenario_ = {};
    scenario_.task(0, [&at] {
      at = __wrap_mmap(nullptr, 5000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      const auto* const bytes = static_cast<const unsigned char*>(at);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at) % 4096, 0U);
      for (std::size_t i = 0; i < 8192; ++i) ASSERT_EQ(bytes[i], 0);
      void* const next = __wrap_mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      EXPECT_GE(static_cast<const unsigned char*>(next) - bytes, 8192);
      EXPECT_EQ(__wrap_munmap(at, 5000), 0);
      std::memset(next, 1, 4096);
      EXPECT_EQ(__wrap_madvise(next, 4096, MADV_DONTNEED), 0);
      EXPECT_EQ(*static_cast<const unsigned char*>(next), 0);
      EXPECT_EQ(__wrap_mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, 3, 0), MAP_FAILED) << "of a file";
      EXPECT_EQ(__wrap_mmap(nullptr, std::size_t{1} << 40, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                MAP_FAILED);
    });
    EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  }
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(MachinePosix, WhateverTheLinkerRedirectsIsThere) {
  std::istringstream names(LABYRINTH_POSIX_CALLS);
  int count = 0;
  for (std::string name; names >> name; ++count)
    EXPECT_NE(dlsym(RTLD_DEFAULT, ("__wrap_" + name).c_str()), nullptr) << name;
  EXPECT_GT(count, 60);
}

}  // namespace
}  // namespace labyrinth::machine::testing
