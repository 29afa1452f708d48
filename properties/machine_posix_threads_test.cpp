// What a target calls of the C library for threads of its own: values by key are the machine's, and who makes
// threads or handles signals is told that this is the program's to say.
#include <array>
#include <cerrno>
#include <string>

#include "machine_posix_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

class MachinePosixKey : public MachinePosix {
 protected:
  void SetUp() override {
    MachinePosix::SetUp();
    ASSERT_EQ(__wrap_pthread_key_create(&key_, nullptr), 0);
  }
  [[nodiscard]] std::uintptr_t get() const {
    return reinterpret_cast<std::uintptr_t>(__wrap_pthread_getspecific(key_));
  }
  void set(std::uintptr_t value) const {
    EXPECT_EQ(__wrap_pthread_setspecific(key_, reinterpret_cast<void*>(value)), 0);
  }
  pthread_key_t key_ = 0;
};

TEST_F(MachinePosixKey, EachTaskHasItsOwnValueAndAHandlerThatOfTheTaskItInterrupts) {
  std::string seen;
  const auto look = [&] { seen += std::to_string(get()); };
  scenario_.task(0, [&] {
    look();
    set(1);
    x_.load(kRelaxed);
    look();
  });
  scenario_.task(1, [&] {
    look();
    set(2);
    look();
  });
  scenario_.handler(Level::kNmi, 0, [&] {
    look();
    set(3);
  });
  scenario_.depart(0, 1, Kind::kInterrupt, static_cast<std::uint8_t>(Level::kNmi));
  for (int run = 0; run < 2; ++run) {  // The second run begins as the first one did.
    seen.clear();
    EXPECT_EQ(scenario_.run(2).kind, Outcome::Kind::kClean);
    EXPECT_EQ(seen, "01302");
  }
}

TEST_F(MachinePosixKey, AKeyStaysATasksWhereverItRuns) {
  std::uintptr_t seen = 0;
  scenario_.task(0, [&] {
    set(7);
    x_.load(kRelaxed);
    seen = get();
  });
  scenario_.depart(0, 1, Kind::kMigrate, 1);
  EXPECT_EQ(scenario_.run(2).kind, Outcome::Kind::kClean);
  EXPECT_EQ(seen, 7U);
}

TEST_F(MachinePosixKey, KeysAreApartAndThoseThatAreNoneAreRefused) {
  pthread_key_t other = 0;
  tss_t c11 = 0;
  scenario_.task(0, [&] {
    EXPECT_EQ(__wrap_pthread_key_create(&other, nullptr), 0);
    EXPECT_EQ(__wrap_tss_create(&c11, nullptr), thrd_success);
    EXPECT_NE(other, key_);
    set(1);
    EXPECT_EQ(__wrap_tss_set(c11, &c11), thrd_success);
    EXPECT_EQ(__wrap_pthread_getspecific(other), nullptr);
    EXPECT_EQ(__wrap_tss_get(c11), &c11);
    EXPECT_EQ(get(), 1U);
    EXPECT_EQ(__wrap_pthread_key_delete(other), 0);
    EXPECT_EQ(__wrap_pthread_key_delete(other), EINVAL);
    EXPECT_EQ(__wrap_pthread_setspecific(other, &c11), EINVAL);
    EXPECT_EQ(__wrap_pthread_getspecific(other), nullptr);
    EXPECT_EQ(__wrap_pthread_getspecific(0), nullptr);
    EXPECT_EQ(__wrap_pthread_getspecific(UINT32_MAX), nullptr);
  });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  const pthread_key_t first = other;
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(other, first) << "the same in every run";
}

/// What the machine has no part for.
struct NoPart {
  const char* name;
  const char* says;
  void (*call)();
};
constexpr std::array<NoPart, 6> kNoParts{{
    {"pthread_create", "makes or joins threads",
     [] { labyrinth_pthread_create(nullptr, nullptr, nullptr, nullptr); }},
    {"pthread_join", "makes or joins threads", [] { __wrap_pthread_join(0, nullptr); }},
    {"thrd_create", "makes or joins threads", [] { __wrap_thrd_create(nullptr, nullptr, nullptr); }},
    {"signal", "handles or masks signals", [] { __wrap_signal(SIGUSR1, SIG_IGN); }},
    {"sigaction", "handles or masks signals", [] { __wrap_sigaction(SIGUSR1, nullptr, nullptr); }},
    {"fork", "makes a process", [] { __wrap_fork(); }},
}};

class MachinePosixNoPart : public MachinePosix, public ::testing::WithParamInterface<NoPart> {};

TEST_P(MachinePosixNoPart, TheRunIsInconclusiveAndSaysWhy) {
  scenario_.task(0, [&] {
    GetParam().call();
    scenario_.log += "went on";
  });
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.kind, Outcome::Kind::kInconclusive);
  EXPECT_NE(std::string(outcome.limit).find(GetParam().says), std::string::npos) << outcome.limit;
  EXPECT_NE(std::string(outcome.limit).find("not supported"), std::string::npos) << outcome.limit;
  EXPECT_EQ(scenario_.log, "");
}

INSTANTIATE_TEST_SUITE_P(Calls, MachinePosixNoPart, ::testing::ValuesIn(kNoParts),
                         [](const auto& it) { return std::string(it.param.name); });

}  // namespace
}  // namespace labyrinth::machine::testing
