// A search that explorers divide among themselves, at any moment, comes to what one of them alone comes to.
#include <gtest/gtest.h>

#include "explorer_random_program.hpp"

namespace labyrinth::machine::testing {
namespace {

/// Over all programs of a shape.
struct Sums {
  std::uint64_t executions = 0, executions_in_parts = 0, traces = 0, divisions = 0;
};

/// `surplus`: executions and redundant runs in parts for each of one search, at most. Each third run divides
/// something: far more often than workers that are idle ask for it.
Sums same_in_parts(std::uint64_t seeds, const RandomProgram::Shape& shape, double surplus,
                   const ExplorerOptions& options = {}, bool same_addresses = true) {
  Sums sums;
  std::uint64_t runs = 0;
  std::uint64_t runs_in_parts = 0;
  std::uint64_t parts_taken = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomProgram program(seed * 977 + std::uint64_t{31} * shape.tasks + shape.handlers, shape);
    const Explored whole = program.explore(options);
    const Explored parts = program.explore_in_parts(options, seed + 1, same_addresses);
    for (const auto& [trace, log] : whole.traces)
      EXPECT_TRUE(parts.traces.contains(trace)) << log << "\nseed " << seed << program.text;
    EXPECT_EQ(parts.traces.size(), whole.traces.size()) << "seed " << seed << program.text;
    EXPECT_EQ(parts.complete, whole.complete) << "seed " << seed << program.text;
    if (::testing::Test::HasFailure()) return sums;
    sums.traces += whole.traces.size();
    sums.executions += whole.counts.executions;
    sums.executions_in_parts += parts.counts.executions;
    runs += whole.counts.executions + whole.counts.redundant;
    runs_in_parts += parts.counts.executions + parts.counts.redundant;
    parts_taken += parts.parts;
  }
  sums.divisions = parts_taken - seeds;
  if (options.preemptions < 0) {
    EXPECT_GT(sums.divisions, 0U);
  }
  EXPECT_LE(static_cast<double>(runs_in_parts), surplus * static_cast<double>(runs));
  return sums;
}

/// Where one search takes each trace once, all parts together do.
TEST(ExplorerSplit, Threads) {
  for (const std::uint8_t cpus : {std::uint8_t{2}, std::uint8_t{3}}) {
    const Sums sums = same_in_parts(500, {.cpus = cpus, .tasks = cpus, .steps = 4}, 1.2);
    EXPECT_EQ(sums.executions, sums.traces);
    EXPECT_EQ(sums.executions_in_parts, sums.traces);
  }
}

TEST(ExplorerSplit, WeakExchanges) {
  same_in_parts(500, {.cpus = 2, .tasks = 2, .steps = 4, .weak = true}, 1.2);
  same_in_parts(200, {.cpus = 3, .tasks = 3, .steps = 4, .weak = true}, 1.2);
}

TEST(ExplorerSplit, Handlers) {
  same_in_parts(500, {.cpus = 1, .tasks = 1, .handlers = 2, .steps = 4}, 1.3);
  same_in_parts(500, {.cpus = 1, .tasks = 2, .handlers = 2, .steps = 3}, 1.3);
  same_in_parts(500, {.cpus = 2, .tasks = 2, .handlers = 1, .steps = 3}, 1.3);
  same_in_parts(500, {.cpus = 2, .tasks = 2, .handlers = 2, .steps = 2, .weak = true}, 1.3);
}

TEST(ExplorerSplit, Rc11) {
  constexpr auto kRc11 = MemoryModel::kRc11;
  const ExplorerOptions options{.memory = kRc11};
  same_in_parts(500, {.cpus = 2, .tasks = 2, .steps = 4, .memory = kRc11}, 1.3, options);
  same_in_parts(300, {.cpus = 3, .tasks = 3, .steps = 3, .weak = true, .memory = kRc11}, 1.6, options);
  same_in_parts(300, {.cpus = 1, .tasks = 1, .handlers = 2, .steps = 3, .memory = kRc11}, 1.4, options);
}

/// Who holds back whom is found anew in each run, whichever part it is of.
TEST(ExplorerSplit, Masks) {
  same_in_parts(500, {.cpus = 1, .tasks = 1, .handlers = 1, .steps = 5, .masks = true}, 1.2);
  same_in_parts(300, {.cpus = 1, .tasks = 2, .handlers = 2, .steps = 3, .masks = true}, 1.2);
  same_in_parts(300, {.cpus = 2, .tasks = 2, .handlers = 2, .steps = 3, .masks = true}, 1.3);
}

/// Without sleep sets each choice that is there only since a state is shared is explored in full.
TEST(ExplorerSplit, Bounds) {
  std::uint64_t divisions = 0;
  for (std::int16_t bound = 0; bound < 5; ++bound) {
    const ExplorerOptions options{.preemptions = bound};
    divisions += same_in_parts(200, {.cpus = 3, .tasks = 3, .steps = 3}, 1.5, options).divisions;
    same_in_parts(200, {.cpus = 2, .tasks = 2, .handlers = 1, .steps = 3}, 1.5, options);
    same_in_parts(100, {.cpus = 1, .tasks = 2, .handlers = 1, .steps = 3, .masks = true}, 1.5, options);
  }
  EXPECT_GT(divisions, 0U);
}

TEST(ExplorerSplit, NoReduction) {
  const Sums sums = same_in_parts(100, {.cpus = 2, .tasks = 2, .steps = 3}, 1, {.reduces = false});
  EXPECT_EQ(sums.executions_in_parts, sums.executions);
}

/// Who is held back, and when, is the same in all runs of a trace, whoever explores it.
TEST(ExplorerSplit, Spinning) {
  Exploration exploration;
  Location lock;
  Location counter;
  std::string order;
  exploration.begin([&] {
    lock = counter = Location{};
    order.clear();
  });
  exploration.outcome([&] { return order + std::to_string(counter.peek()); });
  for (std::uint8_t cpu = 0; cpu < 3; ++cpu) {
    exploration.task(cpu, [&, cpu] {
      while (!lock.compare_exchange(0, 1, false)) {
        while (lock.load(kSeqCst) != 0) {
        }
      }
      order += static_cast<char>('a' + cpu);
      counter.store(counter.load(kSeqCst) * 2 + cpu, kSeqCst);
      lock.store(0, kSeqCst);
    });
  }
  const Explored whole = exploration.explore({});
  EXPECT_GT(whole.counts.spins, 0U);
  for (std::uint64_t seed = 1; seed < 5; ++seed) {
    const Explored parts = exploration.explore_in_parts({}, seed, true);
    EXPECT_EQ(parts.complete, whole.complete);
    EXPECT_EQ(parts.traces.size(), whole.traces.size());
    for (const auto& [trace, log] : whole.traces) EXPECT_TRUE(parts.traces.contains(trace));
    EXPECT_EQ(parts.outcomes.size(), whole.outcomes.size());
    for (const auto& [outcome, times] : whole.outcomes)
      EXPECT_TRUE(parts.outcomes.contains(outcome)) << outcome;
  }
}

/// What sleeps beyond the arena is forgotten on the way to another machine: some runs come twice.
TEST(ExplorerSplit, AmongMachines) {
  same_in_parts(200, {.cpus = 3, .tasks = 3, .steps = 4}, 8, {}, false);
  same_in_parts(200, {.cpus = 2, .tasks = 2, .handlers = 2, .steps = 2}, 8, {}, false);
}

}  // namespace
}  // namespace labyrinth::machine::testing
