// What one execution costs. `bench/rates` sets it against the yardstick of bare_run.cpp.
//
// The program: two CPUs, three calls each (alloc, free, alloc), a switch to the other CPU at each atomic
// access.
#include <benchmark/benchmark.h>

#include "labyrinth/machine/machine.hpp"
#include "reference_target.hpp"

namespace {

using namespace labyrinth::machine;
using labyrinth::bench::reference;

[[nodiscard]] Trace program() {
  Trace trace;
  trace.geometry = labyrinth::machine::one_zone(2, 64, 4, 6, 8);
  trace.context_count = 2;
  trace.call_count = 6;
  for (std::uint8_t cpu = 0; cpu < 2; ++cpu) {
    const auto first = static_cast<std::uint8_t>(3 * cpu);
    trace.context_storage[cpu] = {labyrinth::model::Level::kTask, cpu, first, 3};
    trace.call_storage[first] = {.op = Op::kAlloc, .gfp = labyrinth::model::kAtomic.bits};
    trace.call_storage[first + 1U] = {.op = Op::kFree, .order = kOrderOfHandle, .handle = first};
    trace.call_storage[first + 2U] = {.op = Op::kAlloc, .gfp = labyrinth::model::kAtomic.bits};
  }
  return trace;
}

/// Switches to the other CPU at each access.
class Alternate final : public Strategy {
 public:
  [[nodiscard]] std::uint32_t first(std::uint8_t) noexcept override { return 1; }
  [[nodiscard]] Choice choose(const Point& point) noexcept override {
    return {{Decision::Kind::kCpu, static_cast<std::uint8_t>(1 - point.context)}, point.access + 1};
  }
};

template <class Chosen>
void execute(benchmark::State& state, bool drain) {
  Machine machine({.drain = drain});
  machine.use(reference());
  Chosen strategy;
  const Trace trace = program();
  for (auto _ : state) {
    const Outcome& outcome = machine.run(trace, strategy);
    if (outcome.kind != Outcome::Kind::kClean) {
      state.SkipWithError(outcome.violation.reason);
      return;
    }
  }
  state.counters["accesses"] = machine.outcome().accesses;
  state.counters["switches"] = machine.outcome().switches;
}

void ASwitchAtEachAccess(benchmark::State& state) { execute<Alternate>(state, false); }
void ASwitchAtEachAccessAndDraining(benchmark::State& state) { execute<Alternate>(state, true); }
void NoSwitches(benchmark::State& state) { execute<GoOn>(state, false); }

BENCHMARK(ASwitchAtEachAccess)->MinTime(1);
BENCHMARK(ASwitchAtEachAccessAndDraining)->MinTime(1);
BENCHMARK(NoSwitches)->MinTime(1);

}  // namespace

BENCHMARK_MAIN();
