// Programs of threads whose number of executions has a formula, and the limits of a search.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "explorer_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

[[nodiscard]] std::uint64_t factorial(std::uint64_t n) { return n < 2 ? 1 : n * factorial(n - 1); }
[[nodiscard]] std::uint64_t choose(std::uint64_t n, std::uint64_t k) {
  return k == 0 ? 1 : choose(n - 1, k - 1) * n / k;
}
[[nodiscard]] std::uint64_t power_of_two(unsigned exponent) { return std::uint64_t{1} << exponent; }

/// Tasks, spread over the CPUs, that share some locations, which begin with 0.
class ExplorerCount : public ::testing::Test {
 protected:
  ExplorerCount() { clear(); }
  void clear() {
    exploration = std::make_unique<Exploration>();
    tasks = 0;
    exploration->begin([this] { at.fill(Location{}); });
  }
  void task(Exploration::Body body) {
    exploration->task(static_cast<std::uint8_t>(tasks++ % kMaxCpus), std::move(body));
  }
  /// The number of executions of a complete search, of which no two are equivalent.
  std::uint64_t count(const ExplorerOptions& options = {}) {
    explored = exploration->explore(options);
    EXPECT_TRUE(explored.complete);
    EXPECT_TRUE(explored.violations.empty());
    EXPECT_EQ(explored.traces.size(), explored.counts.executions);
    return explored.counts.executions;
  }
  [[nodiscard]] std::set<std::string> outcomes() const {
    std::set<std::string> words;
    for (const auto& [outcome, times] : explored.outcomes) words.insert(outcome);
    return words;
  }

  std::unique_ptr<Exploration> exploration;
  Explored explored;
  std::array<Location, 16> at;
  unsigned tasks = 0;
};

TEST_F(ExplorerCount, OneLocationTakesItsWritersInAnyOrder) {
  for (unsigned n = 1; n <= 6; ++n) {
    clear();
    for (unsigned i = 0; i < n; ++i) task([this, i] { at[0].store(i + 1, kRelaxed); });
    EXPECT_EQ(count(), factorial(n)) << n;
  }
}

TEST_F(ExplorerCount, ReadModifyWritesOfOneLocationComeInAnyOrder) {
  for (unsigned n = 1; n <= 6; ++n) {
    clear();
    for (unsigned i = 0; i < n; ++i) task([this] { at[0].add(1, kRelaxed); });
    exploration->outcome([this] { return std::to_string(at[0].peek()); });
    EXPECT_EQ(count(), factorial(n)) << n;
    EXPECT_EQ(outcomes(), std::set{std::to_string(n)});
  }
}

/// Each reader before or after the writer; readers do not mind each other.
TEST_F(ExplorerCount, EachReaderSeesTheWriterOrNot) {
  for (unsigned n = 1; n <= 8; ++n) {
    clear();
    task([this] { at[0].store(1, kRelaxed); });
    for (unsigned i = 0; i < n; ++i) task([this] { static_cast<void>(at[0].load(kRelaxed)); });
    EXPECT_EQ(count(), power_of_two(n)) << n;
  }
}

TEST_F(ExplorerCount, IndependentThreadsHaveOneExecution) {
  for (unsigned n = 1; n <= 8; ++n) {
    clear();
    for (unsigned i = 0; i < n; ++i) {
      task([this, i] {
        at[i].store(1, kRelaxed);
        at[i].store(2, kRelaxed);
        static_cast<void>(at[15].load(kRelaxed));
      });
    }
    EXPECT_EQ(count(), 1U) << n;
  }
}

/// A thread that accesses nothing is a step all the same, but one that nothing depends on.
TEST_F(ExplorerCount, ThreadsWithoutAccessesAddNothing) {
  for (unsigned i = 0; i < 3; ++i) task([] {});
  EXPECT_EQ(count(), 1U);
}

/// All steps conflict: an execution is a way to shuffle them, (2k)! / (k! k!).
TEST_F(ExplorerCount, ConflictingStepsAreShuffled) {
  for (unsigned k = 1; k <= 4; ++k) {
    clear();
    for (unsigned i = 0; i < 2; ++i) {
      task([this, k] {
        for (unsigned n = 0; n < k; ++n) at[0].add(1, kRelaxed);
      });
    }
    EXPECT_EQ(count(), choose(2 * k, k)) << k;
  }
}

/// Load and store, twice: 6 shuffles, less the 2 that only swap adjacent loads.
TEST_F(ExplorerCount, IncrementsInTwoStepsLoseOne) {
  for (unsigned i = 0; i < 2; ++i) task([this] { at[0].store(at[0].load(kRelaxed) + 1, kRelaxed); });
  exploration->outcome([this] { return std::to_string(at[0].peek()); });
  EXPECT_EQ(count(), 4U);
  EXPECT_EQ(outcomes(), (std::set<std::string>{"1", "2"}));
}

/// One location of each pair comes to be 2^n ways: thread 0 first or thread 1 first, free of the others,
/// since both take the locations in the same order.
TEST_F(ExplorerCount, PairsOfWritesAreOrderedApart) {
  for (unsigned n = 1; n <= 7; ++n) {
    clear();
    for (unsigned i = 0; i < 2; ++i) {
      task([this, n] {
        for (unsigned k = 0; k < n; ++k) at[k].store(1, kRelaxed);
      });
    }
    EXPECT_EQ(count(), power_of_two(n)) << n;
  }
}

/// The same, one of them backwards: once thread 1 wins a location, it has won those that it took before: n
/// + 1.
TEST_F(ExplorerCount, OppositeWritesAreOrderedTogether) {
  for (unsigned n = 1; n <= 7; ++n) {
    clear();
    task([this, n] {
      for (unsigned k = 0; k < n; ++k) at[k].store(1, kRelaxed);
    });
    task([this, n] {
      for (unsigned k = n; k-- > 0;) at[k].store(1, kRelaxed);
    });
    EXPECT_EQ(count(), n + 1) << n;
  }
}

/// "lastzero" of Abdulla et al.: writer j copies location j - 1, plus one, to j; a reader looks for the last
/// 0 from n downwards. Writers alone: 2^(n-1), each before or after its neighbour. The reader ends at n or at
/// 0 in all of these, and at any i between in the half where writer i + 1 did not see writer i: 2 * 2^(n-1) +
/// (n-1) * 2^(n-2).
TEST_F(ExplorerCount, LastZero) {
  for (unsigned n = 2; n <= 8; ++n) {
    clear();
    task([this, n] {
      unsigned i = n;
      while (at[i].load(kSeqCst) != 0) --i;
    });
    for (unsigned j = 1; j <= n; ++j) task([this, j] { at[j].store(at[j - 1].load(kSeqCst) + 1, kSeqCst); });
    EXPECT_EQ(count(), (n + 3) * power_of_two(n) / 4) << n;
  }
}

/// An execution with at most k of n failures that need not be: the sum of C(n, i), i to k.
TEST_F(ExplorerCount, WeakExchangesFailAsOftenAsIsPermitted) {
  constexpr unsigned kExchanges = 5;
  task([this] {
    for (unsigned i = 0; i < kExchanges; ++i) at[i].compare_exchange(0, 1, true);
  });
  std::uint64_t sum = 0;
  for (std::uint8_t failures = 0; failures <= kExchanges; ++failures) {
    sum += choose(kExchanges, failures);
    EXPECT_EQ(count({.spurious = failures}), sum) << static_cast<int>(failures);
  }
}

TEST_F(ExplorerCount, StrongExchangesAndThoseThatFailAnywayDoNotFailForNothing) {
  task([this] {
    at[0].compare_exchange(0, 1, false);
    at[1].compare_exchange(7, 1, true);
  });
  EXPECT_EQ(count({.spurious = 2}), 1U);
}

/// Who comes first succeeds, and the other fails: 2. Or who comes first fails for nothing: 2 more.
TEST_F(ExplorerCount, WeakExchangesOfOneLocationRace) {
  for (unsigned i = 0; i < 2; ++i) task([this] { at[0].compare_exchange(0, 1, true); });
  exploration->outcome([this] { return std::to_string(at[0].peek()); });
  EXPECT_EQ(count({.spurious = 0}), 2U);
  EXPECT_EQ(count({.spurious = 1}), 4U);
  EXPECT_EQ(outcomes(), std::set<std::string>{"1"});
}

/// Without preemptions each thread runs to its end, n! ways; all steps conflict, so no two are equivalent.
TEST_F(ExplorerCount, WithoutPreemptionsThreadsTakeTurns) {
  for (unsigned n = 2; n <= 4; ++n) {
    clear();
    for (unsigned i = 0; i < n; ++i) {
      task([this] {
        for (unsigned k = 0; k < 3; ++k) at[0].add(1, kRelaxed);
      });
    }
    explored = exploration->explore({.preemptions = 0});
    EXPECT_EQ(explored.counts.executions, factorial(n)) << n;
    EXPECT_GT(explored.counts.pruned, 0U);
    EXPECT_EQ(explored.counts.preemptions, 0U);
    EXPECT_FALSE(explored.complete);
  }
}

/// Two threads of k steps: who begins, and if it is preempted, after which of its first k - 1 steps.
TEST_F(ExplorerCount, OnePreemptionComesAnywhereWithinAThread) {
  for (unsigned k = 1; k <= 6; ++k) {
    clear();
    for (unsigned i = 0; i < 2; ++i) {
      task([this, k] {
        for (unsigned n = 0; n < k; ++n) at[0].add(1, kRelaxed);
      });
    }
    explored = exploration->explore({.preemptions = 1});
    EXPECT_EQ(explored.counts.executions, 2 * k) << k;
    EXPECT_EQ(explored.complete, k == 1) << k;
  }
}

TEST_F(ExplorerCount, ALooseBoundLeavesNothingOut) {
  for (unsigned i = 0; i < 3; ++i) {
    task([this, i] {
      const std::uint32_t seen = at[i].load(kSeqCst);
      at[(i + 1) % 3].store(seen + 1, kSeqCst);
      at[0].add(seen, kSeqCst);
    });
  }
  exploration->outcome([this] {
    return std::to_string(at[0].peek()) + std::to_string(at[1].peek()) + std::to_string(at[2].peek());
  });
  static_cast<void>(count());
  const std::set<std::string> all = outcomes();
  const std::size_t traces = explored.traces.size();
  explored = exploration->explore({.preemptions = 9});
  EXPECT_EQ(outcomes(), all);
  EXPECT_EQ(explored.traces.size(), traces);
  EXPECT_EQ(explored.counts.pruned, 0U);
  EXPECT_TRUE(explored.complete);
  EXPECT_GT(explored.counts.preemptions, 1U);
}

/// Before one of its n steps, to one of the others of k CPUs, or not at all.
TEST_F(ExplorerCount, ATaskMovesBeforeAnyOfItsSteps) {
  constexpr unsigned kSteps = 5;
  task([this] {
    for (unsigned i = 0; i < kSteps; ++i) at[i].store(1, kRelaxed);
  });
  for (std::uint8_t cpus = 1; cpus <= kMaxCpus; ++cpus) {
    explored = exploration->explore({.migrations = 1}, cpus);
    EXPECT_TRUE(explored.complete);
    EXPECT_EQ(explored.counts.executions, 1 + kSteps * (cpus - 1U)) << static_cast<int>(cpus);
  }
}

TEST_F(ExplorerCount, RunsThatAreTooLongAreCutOff) {
  task([this] {
    for (unsigned i = 0; i < 10; ++i) at[0].add(1, kRelaxed);
  });
  explored = exploration->explore({.depth = 9});
  EXPECT_EQ(explored.counts.cut, 1U);
  EXPECT_EQ(explored.counts.executions, 0U);
  EXPECT_FALSE(explored.complete);
  EXPECT_EQ(count({.depth = 10}), 1U);
}

}  // namespace
}  // namespace labyrinth::machine::testing
