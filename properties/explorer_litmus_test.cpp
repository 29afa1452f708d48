// The classical litmus tests under the explorer: of each the exact set of outcomes, and the exact number of
// executions.
//
// Under sc an execution is a way to order the conflicting pairs (one location, one of them a write) that has
// no cycle with program order. Under rc11 it is a graph: what each read reads, and an order of each
// location's writes; there are no load-buffering cycles. The tests are those of Alglave, Maranget, Tautschnig
// (Herding Cats, TOPLAS 2014); which order forbids what is RC11's (Lahav and others, PLDI 2017), and
// explorer_rc11_test.cpp holds more of it against the axioms.
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
  Expected sc;  ///< Under rc11 too, if all accesses are seq_cst.
  Expected relaxed;
  Expected release_acquire;
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

[[nodiscard]] Outcomes all(std::size_t reads) { return all_but(reads, ""); }

[[nodiscard]] std::vector<Litmus> tests() {
  // Under sc two conflicting pairs can be ordered in 4 ways, one of which is a cycle; three in 8, four in 16.
  // The graphs of these tests are as many: the weak ones have the cycle too.
  const Expected kSb{{"01", "10", "11"}, 3};
  const Expected kMp{{"00", "01", "11"}, 3};
  const Expected kLb{{"00", "01", "10"}, 3};
  const Expected kS{{"01", "02", "11"}, 3};
  const Expected kR{{"01", "11", "12"}, 3};
  const Expected k2Plus2W{{"12", "21", "22"}, 3};
  const Expected kWrc{all_but(3, "110"), 7};
  const Expected kRwc{all_but(3, "100"), 7};
  const Expected kLb3{all_but(3, "111"), 7};
  const Expected kCoRR{{"00", "01", "11"}, 3};
  const Expected kCoWW{{"2", "3"}, 3};
  const Expected kCoWR{{"11", "12", "22"}, 3};
  const Expected kCoRW{{"01", "02", "21"}, 3};
  const Expected kCoWWRR{{"00", "01", "02", "11", "12", "22"}, 6};
  const Expected kCoRR2{agreeing_readers(), 72};
  const Expected kAll2{all(2), 4};
  const Expected kAll3{all(3), 8};
  return {
      {"SB", {"x=1 y?", "y=1 x?"}, "", kSb, kAll2, kAll2},
      {"MP", {"x=1 y=1", "y? x?"}, "", kMp, kAll2, kMp},
      {"LB", {"x? y=1", "y? x=1"}, "", kLb, kLb, kLb},
      {"S", {"x=2 y=1", "y? x=1"}, "x", kS, {{"01", "02", "11", "12"}, 4}, kS},
      {"R", {"x=1 y=1", "y=2 x?"}, "y", kR, {{"01", "02", "11", "12"}, 4}, {{"01", "02", "11", "12"}, 4}},
      {"W2Plus2",
       {"x=1 y=2", "y=1 x=2"},
       "xy",
       k2Plus2W,
       {{"11", "12", "21", "22"}, 4},
       {{"11", "12", "21", "22"}, 4}},
      {"WRC", {"x=1", "x? y=1", "y? x?"}, "", kWrc, kAll3, kWrc},
      {"RWC", {"x=1", "x? y?", "y=1 x?"}, "", kRwc, kAll3, kAll3},
      {"ISA2", {"x=1 y=1", "y? z=1", "z? x?"}, "", kWrc, kAll3, kWrc},
      {"SB3", {"x=1 y?", "y=1 z?", "z=1 x?"}, "", {all_but(3, "000"), 7}, kAll3, kAll3},
      {"LB3", {"x? y=1", "y? z=1", "z? x=1"}, "", kLb3, kLb3, kLb3},
      {"IRIW", {"x=1", "y=1", "x? y?", "y? x?"}, "", {all_but(4, "1010"), 15}, {all(4), 16}, {all(4), 16}},
      // One access has 3 places among the two of the other thread. Coherence is the same for every order.
      {"CoRR", {"x=1", "x? x?"}, "", kCoRR, kCoRR, kCoRR},
      {"CoWW", {"x=1 x=2", "x=3"}, "x", kCoWW, kCoWW, kCoWW},
      {"CoWR", {"x=1 x?", "x=2"}, "x", kCoWR, kCoWR, kCoWR},
      {"CoRW", {"x? x=1", "x=2"}, "x", kCoRW, kCoRW, kCoRW},
      // Two reads have C(4, 2) places around two writes, which come in order.
      {"CoWWRR", {"x=1 x=2", "x? x?"}, "", kCoWWRR, kCoWWRR, kCoWWRR},
      // 2 orders of the writes, and in each C(4, 2) places for each reader's two reads.
      {"CoRR2", {"x=1", "x=2", "x? x?", "x? x?"}, "x", kCoRR2, kCoRR2, kCoRR2},
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

/// The orders make no difference.
const Expected& under_sc(const Litmus& test, const Orders&) { return test.sc; }
const Expected& under_rc11(const Litmus& test, const Orders& orders) {
  if (orders.reads == kSeqCst) return test.sc;
  return orders.reads == kAcquire ? test.release_acquire : test.relaxed;
}

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

INSTANTIATE_TEST_SUITE_P(
    Tests, ExplorerLitmus,
    ::testing::Combine(::testing::ValuesIn(tests()),
                       ::testing::Values(Orders{"Relaxed", kRelaxed, kRelaxed},
                                         Orders{"ReleaseAcquire", kRelease, kAcquire},
                                         Orders{"SeqCst", kSeqCst, kSeqCst}),
                       ::testing::Values(Mode{"sc", {}, under_sc},
                                         Mode{"rc11", {.memory = MemoryModel::kRc11}, under_rc11})),
    [](const auto& named) {
      return std::get<0>(named.param).name + std::get<1>(named.param).name + "Under" +
             std::get<2>(named.param).name;
    });

}  // namespace
}  // namespace labyrinth::machine::testing
