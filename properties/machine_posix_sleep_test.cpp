// N1 and C1 of the C library's sleeping calls; and its CPU, its threads' names and its memory, which are the
// machine's.
#include <dlfcn.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cerrno>
#include <sstream>
#include <vector>

#include "labyrinth/machine/machine.h"
#include "machine_posix_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

/// Sleeping calls.
struct Sleeper {
  const char* name;
  void (*sleep)();
};
std::uint32_t futex = 7;
constexpr Sleeper kSleepers[] = {
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

TEST_F(MachinePosix, M1_AFutexOrdersNothingTheAtomicDoes) {
  for (const int order : {kRelaxed, kAcquire}) {
    for (const bool waits : {false, true}) {  // Else the word has changed when it is about to.
      Location data, word;
      Scenario scenario;
      scenario.task(0, [&] {
        while (word.load(order) == 0)
          __wrap_syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
        data.write(2);
      });
      scenario.task(1, [&] {
        data.write(1);
        word.store(1, kRelease);
        __wrap_syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
      });
      if (!waits) scenario.depart(0, 2, Kind::kCpu, 1);
      const Outcome& outcome = scenario.run(2);
      EXPECT_EQ(outcome.violation.clause, order == kRelaxed ? Clause::M1 : Clause::kNone)
          << order << waits << outcome.limit;
    }
  }
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
