// The classical litmus tests under the explorer: of each the exact set of outcomes, and the exact number of
// executions.
//
// An execution is a way to order the conflicting pairs (one location, one of them a write) that has no cycle
// with program order. The tests are those of Alglave, Maranget, Tautschnig (Herding Cats, TOPLAS 2014).
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "explorer_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

using Outcomes = std::set<std::string>;

struct Expected {
  Outcomes outcomes;
  std::uint64_t executions;
};

/// Threads in words: "x=1" writes, "x?" reads. An outcome is what the reads saw, thread by thread, and then
/// the last values of `finals`.
struct Litmus {
  std::string name;
  std::vector<std::string> threads;
  std::string finals;
  Expected sc;
};

[[nodiscard]] Outcomes all_but(std::size_t reads, const std::string& forbidden) {
  Outcomes outcomes;
  for (std::size_t bits = 0; bits < std::size_t{1} << reads; ++bits) {
    std::string outcome;
    for (std::size_t i = 0; i < reads; ++i) outcome += (bits >> i & 1U) != 0 ? '1' : '0';
    if (outcome != forbidden) outcomes.insert(outcome);
  }
  return outcomes;
}

/// Two readers who see 1 overwritten by 2, or 2 by 1, both in the same order.
[[nodiscard]] Outcomes agreeing_readers() {
  const std::vector<std::string> rising{"00", "01", "02", "11", "12", "22"};
  const std::vector<std::string> falling{"00", "02", "01", "22", "21", "11"};
  Outcomes outcomes;
  for (const std::string& one : rising)
    for (const std::string& other : rising) outcomes.insert(one + other + "2");
  for (const std::string& one : falling)
    for (const std::string& other : falling) outcomes.insert(one + other + "1");
  return outcomes;
}

[[nodiscard]] std::vector<Litmus> tests() {
  return {
      // Two conflicting pairs can be ordered in 4 ways, one of which is a cycle.
      {"SB", {"x=1 y?", "y=1 x?"}, "", {{"01", "10", "11"}, 3}},
      {"MP", {"x=1 y=1", "y? x?"}, "", {{"00", "01", "11"}, 3}},
      {"LB", {"x? y=1", "y? x=1"}, "", {{"00", "01", "10"}, 3}},
      {"S", {"x=2 y=1", "y? x=1"}, "x", {{"01", "02", "11"}, 3}},
      {"R", {"x=1 y=1", "y=2 x?"}, "y", {{"01", "11", "12"}, 3}},
      {"W2Plus2", {"x=1 y=2", "y=1 x=2"}, "xy", {{"12", "21", "22"}, 3}},
      // Three pairs, 8 ways, one of them a cycle; each read has one write to see, so outcomes are ways.
      {"WRC", {"x=1", "x? y=1", "y? x?"}, "", {all_but(3, "110"), 7}},
      {"RWC", {"x=1", "x? y?", "y=1 x?"}, "", {all_but(3, "100"), 7}},
      {"ISA2", {"x=1 y=1", "y? z=1", "z? x?"}, "", {all_but(3, "110"), 7}},
      {"SB3", {"x=1 y?", "y=1 z?", "z=1 x?"}, "", {all_but(3, "000"), 7}},
      {"LB3", {"x? y=1", "y? z=1", "z? x=1"}, "", {all_but(3, "111"), 7}},
      // Four pairs, 16 ways, one of them a cycle.
      {"IRIW", {"x=1", "y=1", "x? y?", "y? x?"}, "", {all_but(4, "1010"), 15}},
      // One access has 3 places among the two of the other thread.
      {"CoRR", {"x=1", "x? x?"}, "", {{"00", "01", "11"}, 3}},
      {"CoWW", {"x=1 x=2", "x=3"}, "x", {{"2", "3"}, 3}},
      {"CoWR", {"x=1 x?", "x=2"}, "x", {{"11", "12", "22"}, 3}},
      {"CoRW", {"x? x=1", "x=2"}, "x", {{"01", "02", "21"}, 3}},
      // Two reads have C(4, 2) places around two writes, which come in order.
      {"CoWWRR", {"x=1 x=2", "x? x?"}, "", {{"00", "01", "02", "11", "12", "22"}, 6}},
      // 2 orders of the writes, and in each C(4, 2) places for each reader's two reads.
      {"CoRR2", {"x=1", "x=2", "x? x?", "x? x?"}, "x", {agreeing_readers(), 72}},
  };
}

/// The memory orders of all writes and all reads of a test.
struct Orders {
  std::string name;
  int writes, reads;
};

/// A memory model: how to explore under it, and what is expected of a test with these orders.
struct Mode {
  std::string name;
  ExplorerOptions options;
  const Expected& (*expected)(const Litmus& test, const Orders& orders);
};

void PrintTo(const Litmus& test, std::ostream* out) { *out << test.name; }
void PrintTo(const Orders& orders, std::ostream* out) { *out << orders.name; }
void PrintTo(const Mode& mode, std::ostream* out) { *out << mode.name; }

class Runner {
 public:
  Runner(const Litmus& test, const Orders& orders, bool one_cpu) : orders_(orders) {
    threads_.resize(test.threads.size());
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      const std::string& text = test.threads[i];
      for (std::size_t at = 0; at < text.size(); at += text[at + 1] == '?' ? 3U : 4U)
        threads_[i].ops.push_back(
            {locations_[index(text[at])], text[at + 1] == '?' ? 0U : value(text[at + 2])});
      exploration_.task(static_cast<std::uint8_t>(one_cpu ? 0 : i), [this, i] { run(threads_[i]); });
    }
    exploration_.begin([this] { std::fill(std::begin(locations_), std::end(locations_), Location{}); });
    exploration_.outcome([this, finals = test.finals] {
      std::string outcome;
      for (const Thread& thread : threads_)
        for (const Op& op : thread.ops)
          if (op.value == 0) outcome += std::to_string(op.seen);
      for (const char name : finals) outcome += std::to_string(locations_[index(name)].peek());
      return outcome;
    });
  }
  Explored explore(const ExplorerOptions& options) { return exploration_.explore(options); }

 private:
  struct Op {
    Location& location;
    std::uint32_t value;  ///< 0: it reads.
    std::uint32_t seen = 0;
  };
  struct Thread {
    std::vector<Op> ops;
  };
  static std::size_t index(char name) { return static_cast<std::size_t>(name - 'x'); }
  static std::uint32_t value(char digit) { return static_cast<std::uint32_t>(digit - '0'); }
  void run(Thread& thread) const {
    for (Op& op : thread.ops) {
      if (op.value == 0) {
        op.seen = op.location.load(orders_.reads);
      } else {
        op.location.store(op.value, orders_.writes);
      }
    }
  }
  Orders orders_;
  Location locations_[3];
  std::vector<Thread> threads_;
  Exploration exploration_;
};

class ExplorerLitmus : public ::testing::TestWithParam<std::tuple<Litmus, Orders, Mode>> {
 protected:
  void expect(bool one_cpu) const {
    const auto& [test, orders, mode] = GetParam();
    const Expected& expected = mode.expected(test, orders);
    const Explored explored = Runner(test, orders, one_cpu).explore(mode.options);
    Outcomes outcomes;
    for (const auto& [outcome, times] : explored.outcomes) outcomes.insert(outcome);
    EXPECT_EQ(outcomes, expected.outcomes);
    EXPECT_EQ(explored.counts.executions, expected.executions);
    EXPECT_EQ(explored.traces.size(), expected.executions);
    EXPECT_TRUE(explored.complete);
    EXPECT_TRUE(explored.violations.empty());
  }
};

TEST_P(ExplorerLitmus, OfThreadsOnCpus) { expect(false); }
TEST_P(ExplorerLitmus, OfTasksOfOneCpu) { expect(true); }

INSTANTIATE_TEST_SUITE_P(Tests, ExplorerLitmus,
                         ::testing::Combine(::testing::ValuesIn(tests()),
                                            ::testing::Values(Orders{"Relaxed", kRelaxed, kRelaxed},
                                                              Orders{"ReleaseAcquire", kRelease, kAcquire},
                                                              Orders{"SeqCst", kSeqCst, kSeqCst}),
                                            ::testing::Values(Mode{
                                                "sc",
                                                {},
                                                [](const Litmus& test, const Orders&) -> const Expected& {
                                                  return test.sc;  // the orders make no difference
                                                }})),
                         [](const auto& named) {
                           return std::get<0>(named.param).name + std::get<1>(named.param).name + "Under" +
                                  std::get<2>(named.param).name;
                         });

}  // namespace
}  // namespace labyrinth::machine::testing
