// The explorer against an enumeration of every order of all steps: the same traces, each once.
#include "labyrinth/machine/explorer.hpp"

#include <gtest/gtest.h>

#include <array>

#include "explorer_random_program.hpp"

namespace labyrinth::machine::testing {
namespace {

/// `most`: runs a trace, at most. Redundant runs count, though they are given up early.
void same_as_enumeration(std::uint64_t seeds, const RandomProgram::Shape& shape, double most = 1.2,
                         bool ends = true) {
  std::uint64_t runs = 0;
  std::uint64_t traces = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomProgram program(seed * 977 + std::uint64_t{31} * shape.tasks + shape.handlers, shape);
    const Explored all = program.explore({.memory = shape.memory, .reduces = false, .depth = 80});
    const Explored reduced = program.explore({.memory = shape.memory, .depth = 80});
    ASSERT_TRUE(all.complete || !ends);
    ASSERT_EQ(reduced.complete, all.complete) << "seed " << seed << program.text;
    if (!all.complete) continue;
    for (const auto& [trace, log] : all.traces)
      ASSERT_TRUE(reduced.traces.contains(trace)) << log << "\nseed " << seed << program.text;
    ASSERT_EQ(reduced.traces.size(), all.traces.size()) << "seed " << seed << program.text;
    for (const auto& [outcome, times] : all.outcomes)
      ASSERT_TRUE(reduced.outcomes.contains(outcome)) << "seed " << seed << program.text;
    runs += reduced.counts.executions + reduced.counts.redundant;
    traces += all.traces.size();
  }
  EXPECT_LE(static_cast<double>(runs), most * static_cast<double>(traces));
}

TEST(Explorer, ReachesEveryTraceOfThreads) {
  same_as_enumeration(1000, {.cpus = 2, .tasks = 2, .steps = 4});
  same_as_enumeration(500, {.cpus = 3, .tasks = 3, .steps = 3});
}

/// Loops that poll for five to seven rounds and those that wait; where some wait for good, the search is as
/// incomplete as the enumeration.
TEST(Explorer, ReachesEveryTraceOfThreadsThatPoll) {
  same_as_enumeration(500, {.cpus = 2, .tasks = 2, .steps = 3, .polls = true}, 1.2, false);
  same_as_enumeration(300, {.cpus = 1, .tasks = 1, .handlers = 1, .steps = 3, .polls = true}, 1.3, false);
  same_as_enumeration(100, {.cpus = 2, .tasks = 2, .handlers = 1, .steps = 2, .polls = true}, 1.3, false);
}

TEST(Explorer, ReachesEveryTraceOfTasksOnOneCpu) {
  same_as_enumeration(500, {.cpus = 1, .tasks = 3, .steps = 3});
}

TEST(Explorer, ReachesEveryTraceOfInterrupts) {
  same_as_enumeration(1000, {.cpus = 1, .tasks = 1, .handlers = 1, .steps = 4});
  same_as_enumeration(1000, {.cpus = 1, .tasks = 1, .handlers = 2, .steps = 3});
  same_as_enumeration(1000, {.cpus = 1, .tasks = 2, .handlers = 2, .steps = 3});
  same_as_enumeration(500, {.cpus = 2, .tasks = 2, .handlers = 1, .steps = 3});
  same_as_enumeration(500, {.cpus = 2, .tasks = 2, .handlers = 2, .steps = 2});
}

TEST(Explorer, ReachesEveryTraceOfWeakExchanges) {
  same_as_enumeration(500, {.cpus = 2, .tasks = 2, .steps = 4, .weak = true});
  same_as_enumeration(500, {.cpus = 3, .tasks = 3, .steps = 3, .weak = true});
  same_as_enumeration(500, {.cpus = 1, .tasks = 1, .handlers = 2, .steps = 3, .weak = true});
}

TEST(Explorer, ReachesEveryGraphOfThreads) {
  constexpr auto kRc11 = MemoryModel::kRc11;
  same_as_enumeration(500, {.cpus = 2, .tasks = 2, .steps = 3, .memory = kRc11});
  same_as_enumeration(300, {.cpus = 2, .tasks = 2, .steps = 3, .weak = true, .memory = kRc11});
  same_as_enumeration(300, {.cpus = 1, .tasks = 3, .steps = 2, .memory = kRc11});
}

TEST(Explorer, ReachesEveryGraphOfInterrupts) {
  constexpr auto kRc11 = MemoryModel::kRc11;
  same_as_enumeration(500, {.cpus = 1, .tasks = 1, .handlers = 1, .steps = 4, .memory = kRc11});
  same_as_enumeration(500, {.cpus = 1, .tasks = 1, .handlers = 2, .steps = 2, .memory = kRc11});
  same_as_enumeration(300, {.cpus = 1, .tasks = 1, .handlers = 2, .steps = 3, .memory = kRc11});
  same_as_enumeration(300, {.cpus = 1, .tasks = 2, .handlers = 1, .steps = 2, .memory = kRc11});
  same_as_enumeration(300, {.cpus = 1, .tasks = 2, .handlers = 2, .steps = 2, .memory = kRc11});
  same_as_enumeration(300, {.cpus = 2, .tasks = 2, .handlers = 1, .steps = 2, .memory = kRc11});
  same_as_enumeration(300, {.cpus = 2, .tasks = 2, .handlers = 2, .steps = 2, .memory = kRc11});
}

/// A task comes between what a nested handler did and what the handler around it does, all to one location.
TEST(Explorer, ReachesATaskThatReadsANestedHandler) {
  std::array<Location, 3> at;
  Exploration exploration;
  exploration.begin([&] { at.fill(Location{}); });
  exploration.task(0, [&] { at[2].add(1, kRelaxed); });
  exploration.task(0, [&] { at[1].add(1, kRelaxed); });
  exploration.handler(Level::kSoftirq, 0, [&] {
    at[0].add(1, kRelaxed);
    at[2].add(1, kRelaxed);
  });
  exploration.handler(Level::kHardirq, 0, [&] { at[2].add(1, kRelaxed); });
  EXPECT_EQ(exploration.explore({.memory = MemoryModel::kRc11}).traces.size(), 6U);
}

TEST(Explorer, ReachesEveryTraceOfMaskedInterrupts) {
  same_as_enumeration(500, {.cpus = 1, .tasks = 3, .steps = 3, .masks = true});
  same_as_enumeration(1000, {.cpus = 1, .tasks = 1, .handlers = 1, .steps = 5, .masks = true});
  same_as_enumeration(2000, {.cpus = 1, .tasks = 2, .handlers = 2, .steps = 3, .masks = true});
  same_as_enumeration(1000, {.cpus = 2, .tasks = 2, .handlers = 2, .steps = 3, .masks = true});
  same_as_enumeration(
      500, {.cpus = 1, .tasks = 2, .handlers = 1, .steps = 2, .masks = true, .memory = MemoryModel::kRc11});
}

/// Each of two CPUs has a handler, and that of the second comes before what that of the first interrupts.
TEST(Explorer, ReachesAHandlerBeforeWhatAnotherCpuInterrupts) {
  std::array<Location, 3> at;
  Exploration exploration;
  exploration.begin([&] { at.fill(Location{}); });
  exploration.task(0, [&] {
    at[2].store(1, kSeqCst);
    at[0].load(kSeqCst);
  });
  exploration.task(1, [&] {
    at[1].add(1, kSeqCst);
    at[1].store(2, kSeqCst);
    at[0].add(1, kSeqCst);
  });
  exploration.handler(Level::kSoftirq, 1, [&] { at[2].compare_exchange(0, 2, false); });
  exploration.handler(Level::kSoftirq, 0, [&] {
    at[1].store(3, kSeqCst);
    at[0].load(kSeqCst);
  });
  const auto all = exploration.explore({.reduces = false}).traces.size();
  EXPECT_EQ(exploration.explore().traces.size(), all);
}

/// A handler comes within another, below which lies a section: what those two keep out is not asked to go
/// first.
TEST(Explorer, ReachesAHandlerWithinAHandlerBesideASection) {
  std::array<Location, 3> at;
  std::uint32_t seen = 0;
  for (const Level inner : {Level::kHardirq, Level::kNmi}) {
    Exploration exploration;
    exploration.begin([&] { at.fill(Location{}); });
    exploration.task(0, [&] {
      at[0].load(kSeqCst);
      labyrinth_machine_bh_disable();
      at[2].load(kSeqCst);
    });
    exploration.task(0, [&] { at[1].add(1, kSeqCst); });
    exploration.handler(Level::kSoftirq, 0, [&] {
      seen = at[0].load(kSeqCst);
      at[1].store(1 + seen % 2, kSeqCst);
    });
    exploration.handler(inner, 0, [&] { at[0].compare_exchange(at[1].load(kSeqCst), 1, false); });
    EXPECT_EQ(exploration.explore({.reduces = false}).traces.size(), 10U);
    EXPECT_EQ(exploration.explore().traces.size(), 10U);
  }
}

/// A trace counts as within a bound if one of its runs is.
void same_within_bounds(std::uint64_t seeds, const RandomProgram::Shape& shape) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    RandomProgram program(seed * 977 + std::uint64_t{31} * shape.tasks + shape.handlers, shape);
    for (std::int16_t bound = 0; bound < 4; ++bound) {
      const Explored all = program.explore({.reduces = false, .preemptions = bound});
      const Explored reduced = program.explore({.preemptions = bound});
      for (const auto& [trace, log] : all.traces)
        ASSERT_TRUE(reduced.traces.contains(trace)) << log << "\nbound " << bound << ", seed " << seed;
      ASSERT_EQ(reduced.traces.size(), all.traces.size()) << "bound " << bound << ", seed " << seed;
      ASSERT_LE(reduced.counts.preemptions, bound);
    }
  }
}

TEST(Explorer, ReachesEveryTraceWithinABound) {
  same_within_bounds(300, {.cpus = 3, .tasks = 3, .steps = 3});
  same_within_bounds(300, {.cpus = 1, .tasks = 1, .handlers = 2, .steps = 3});
  same_within_bounds(600, {.cpus = 2, .tasks = 2, .handlers = 1, .steps = 3});
  same_within_bounds(100, {.cpus = 1, .tasks = 2, .handlers = 1, .steps = 3, .masks = true});
}

}  // namespace
}  // namespace labyrinth::machine::testing
