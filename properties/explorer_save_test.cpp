// A search that is stopped after any of its runs and goes on elsewhere explores what an undisturbed one does.
#include <gtest/gtest.h>

#include "explorer_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

class ExplorerSave : public ::testing::Test {
 protected:
  /// All runs of a small program of two tasks and a handler, in one search after another: each takes `runs`.
  /// What each came to, how often: who added when, and who stored last.
  std::map<std::string, int> explore(std::uint64_t runs) {
    const auto body = [this](char name) {
      return [this, name] {
        first_.store(static_cast<std::uint32_t>(name), kSeqCst);
        const std::uint32_t place = second_.add(1, kSeqCst);
        order_[place] = name;
      };
    };
    std::vector<std::function<void()>> bodies{body('a'), body('b'), body('h')};
    std::vector<Function> functions{{Level::kTask, 0}, {Level::kTask, 1}, {Level::kHardirq, 0}};
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      functions[i].run = [](void* self) { (*static_cast<std::function<void()>*>(self))(); };
      functions[i].argument = &bodies[i];
    }
    std::map<std::string, int> seen;
    std::vector<std::uint64_t> words;
    Machine machine;
    for (bool more = true; more;) {
      Explorer explorer({});
      if (!words.empty()) {
        EXPECT_TRUE(explorer.restore(words));
        if (!explorer.next_run()) break;
      }
      machine.observe(&explorer);
      for (std::uint64_t i = 0; more && i < runs; ++i) {
        first_ = second_ = Location{};
        order_ = "???";
        if (explorer.end_run(machine.run(functions, 2, explorer)))
          ++seen[order_ + static_cast<char>(first_.peek())];
        words = explorer.save();
        more = explorer.next_run();
      }
      executions_ = explorer.counts().executions;
      machine.observe(nullptr);
    }
    return seen;
  }
  std::uint64_t executions_ = 0;

 private:
  Location first_, second_;
  std::string order_;
};

TEST_F(ExplorerSave, StoppedAfterEachRunItGoesOnAsIfItHadNotBeen) {
  const auto whole = explore(1'000'000);
  const std::uint64_t all = executions_;
  EXPECT_GT(all, 20U);
  for (const std::uint64_t runs : {1U, 2U, 7U}) {
    const auto parts = explore(runs);
    EXPECT_EQ(parts.size(), whole.size()) << runs;
    for (const auto& [end, times] : whole) EXPECT_TRUE(parts.contains(end)) << end;
    // What sleeps beyond the arena is forgotten: some traces may come twice, none is lost.
    EXPECT_GE(executions_, all);
  }
}

TEST_F(ExplorerSave, WordsThatAreNoSearchAreRefused) {
  Explorer explorer({});
  EXPECT_FALSE(explorer.restore({}));
  const std::vector<std::uint64_t> noise{1, 2, 3};
  EXPECT_FALSE(explorer.restore(noise));
  std::vector<std::uint64_t> cut = explorer.save();
  EXPECT_TRUE(explorer.restore(cut));
  cut.back() = 5;  // Five steps that are not there.
  EXPECT_FALSE(explorer.restore(cut));
  cut.back() = std::uint64_t{1} << 60;
  EXPECT_FALSE(explorer.restore(cut));
}

}  // namespace
}  // namespace labyrinth::machine::testing
