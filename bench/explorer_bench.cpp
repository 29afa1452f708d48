// What searching costs: the executions of an exploration, beside replaying the same schedules without one.
//
// The program: two CPUs, two calls each, on the reference allocator. `bench/rates` prints the ratios.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "labyrinth/machine/explorer.hpp"
#include "labyrinth/machine/machine.hpp"
#include "reference_target.hpp"

namespace {

using namespace labyrinth::machine;
using labyrinth::bench::reference;

/// Each CPU allocates a frame and frees it.
[[nodiscard]] Trace program(MemoryModel memory) {
  Trace trace;
  trace.memory = memory;
  trace.geometry = one_zone(2, 2, 0, 0, 1);
  trace.context_count = 2;
  trace.call_count = 4;
  for (std::uint8_t cpu = 0; cpu < 2; ++cpu) {
    const auto first = static_cast<std::uint8_t>(2 * cpu);
    trace.context_storage[cpu] = {labyrinth::model::Level::kTask, cpu, first, 2};
    trace.call_storage[first] = {.op = Op::kAlloc, .gfp = labyrinth::model::kAtomic.bits};
    trace.call_storage[first + 1U] = {.op = Op::kFree, .order = kOrderOfHandle, .handle = first};
  }
  return trace;
}

/// Calls `each` with every execution of the program; returns how many runs it took, redundant ones too.
template <class Each>
std::uint64_t search(Machine& machine, const Trace& trace, Explorer& explorer, Each each) {
  std::uint64_t runs = 0;
  machine.observe(&explorer);
  do {
    const Outcome& outcome = machine.run(trace, explorer);
    ++runs;
    if (explorer.end_run(outcome)) each(outcome);
  } while (explorer.next_run());
  machine.observe(nullptr);
  return runs;
}

void Explore(benchmark::State& state, MemoryModel memory) {
  Machine machine({.drain = false});
  machine.use(reference());
  const Trace trace = program(memory);
  Explorer explorer({.memory = memory});
  std::uint64_t runs = 0;
  for (auto _ : state) {
    explorer.begin();
    runs += search(machine, trace, explorer, [](const Outcome&) {});
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(runs));
  state.counters["executions"] = static_cast<double>(explorer.counts().executions);
}

void ReplayTheSame(benchmark::State& state, MemoryModel memory) {
  Machine machine({.drain = false});
  machine.use(reference());
  const Trace trace = program(memory);
  std::vector<Trace> schedules;
  Explorer explorer({.memory = memory});
  search(machine, trace, explorer, [&](const Outcome& outcome) {
    Trace& one = schedules.emplace_back(trace);
    // A trace has them by call and access, those of one point in the order they are carried out.
    for (std::uint8_t i = 0; i < outcome.departure_count; ++i) {
      const auto end = one.departure_storage.begin() + one.departure_count++;
      *end = outcome.departures[i];
      const auto after = [](const Departure& left, const Departure& right) {
        return left.call != right.call ? left.call < right.call : left.access < right.access;
      };
      std::rotate(std::upper_bound(one.departure_storage.begin(), end, *end, after), end, end + 1);
    }
  });
  std::uint64_t runs = 0;
  for (auto _ : state) {
    for (const Trace& one : schedules) {
      Replay replay(one);
      const Outcome& outcome = machine.run(one, replay);
      if (outcome.unmatched != 0) {
        state.SkipWithError("a schedule of the search does not replay");
        return;
      }
    }
    runs += schedules.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(runs));
}

BENCHMARK_CAPTURE(Explore, sc, MemoryModel::kSc)->MinTime(2);
BENCHMARK_CAPTURE(ReplayTheSame, sc, MemoryModel::kSc)->MinTime(2);
BENCHMARK_CAPTURE(Explore, rc11, MemoryModel::kRc11)->MinTime(2);
BENCHMARK_CAPTURE(ReplayTheSame, rc11, MemoryModel::kRc11)->MinTime(2);

}  // namespace

BENCHMARK_MAIN();
