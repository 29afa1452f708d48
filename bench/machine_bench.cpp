// What one execution costs, against the bare fiber switches and hook calls it cannot do without.
//
//   build/default/bench/bench_machine            ratios to Bare are printed as counters
//
// The program: two CPUs, three calls each (alloc, free, alloc), a switch to the other CPU at each atomic
// access.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <variant>

#include "fiber.hpp"
#include "labyrinth/machine/machine.hpp"

namespace {

using namespace labyrinth::machine;

[[nodiscard]] const labyrinth_target& reference() {
  static const auto target = [] {
    auto loaded =
        Target::load(std::filesystem::canonical("/proc/self/exe").parent_path() / "../targets/reference.so");
    if (const auto* error = std::get_if<std::string>(&loaded)) {
      std::cerr << *error << '\n';
      std::exit(66);
    }
    return std::get<Target>(loaded);
  }();
  return target.table();
}

[[nodiscard]] Trace program() {
  Trace trace;
  trace.geometry = {.cpus = 2, .frames = 64, .min = 4, .low = 6, .high = 8};
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
    const auto other = static_cast<std::uint8_t>(1 - point.context);
    return {{Decision::Kind::kCpu, other}, point.access + 1};
  }
};

std::uint32_t switches_of_one_run = 0;
std::uint32_t accesses_of_one_run = 0;
double bare_nanoseconds = 0;

void count_one_run() {
  if (switches_of_one_run != 0) return;
  Machine machine({.drain = false});
  machine.use(reference());
  Alternate strategy;
  const Trace trace = program();
  const Outcome& outcome = machine.run(trace, strategy);
  switches_of_one_run = outcome.switches;
  accesses_of_one_run = outcome.accesses;
}

void ratio(benchmark::State& state, double seconds) {
  const double each = seconds * 1e9 / static_cast<double>(state.iterations());
  state.counters["executions/s"] = 1e9 / each;
  if (bare_nanoseconds != 0) state.counters["times_bare"] = each / bare_nanoseconds;
}

[[nodiscard]] double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

__attribute__((noinline)) void hook(std::uint32_t& count) { benchmark::DoNotOptimize(++count); }

Fiber caller, fibers[2];
std::uint32_t calls = 0;

/// As many switches and as many calls of a function as the run makes, and nothing else.
void Bare(benchmark::State& state) {
  count_one_run();
  alignas(64) static std::byte stacks[2][kStackBytes];
  const double begin = now();
  for (auto _ : state) {
    for (int i = 0; i < 2; ++i) {
      fibers[i].stack = stacks[i];
      fibers[i].saved = boost::context::detail::make_fcontext(
          stacks[i] + kStackBytes, kStackBytes, [](boost::context::detail::transfer_t from) {
            const auto self = static_cast<Fiber*>(from.data) == &caller ? 0 : 1;
            arrived(fibers[self], from);
            for (std::uint32_t step = 0; step < switches_of_one_run / 2; ++step) {
              hook(calls);
              jump(fibers[self], fibers[1 - self]);
            }
            jump(fibers[self], caller);
          });
    }
    jump(caller, fibers[0]);
  }
  bare_nanoseconds = (now() - begin) * 1e9 / static_cast<double>(state.iterations());
  state.counters["switches"] = switches_of_one_run;
  ratio(state, bare_nanoseconds * 1e-9 * static_cast<double>(state.iterations()));
}
BENCHMARK(Bare)->MinTime(1);

template <bool kDrain>
void Execution(benchmark::State& state) {
  Machine machine({.drain = kDrain});
  machine.use(reference());
  Alternate strategy;
  const Trace trace = program();
  const double begin = now();
  for (auto _ : state) {
    if (machine.run(trace, strategy).kind != Outcome::Kind::kClean) {
      state.SkipWithError(machine.run(trace, strategy).violation.reason);
      return;
    }
  }
  ratio(state, now() - begin);
  state.counters["accesses"] = accesses_of_one_run;
}
void Execution_AlternatingCpus(benchmark::State& state) { Execution<false>(state); }
void Execution_AlternatingCpusAndDrain(benchmark::State& state) { Execution<true>(state); }
BENCHMARK(Execution_AlternatingCpus)->MinTime(1);
BENCHMARK(Execution_AlternatingCpusAndDrain)->MinTime(1);

void Execution_WithoutSwitches(benchmark::State& state) {
  Machine machine({.drain = false});
  machine.use(reference());
  GoOn strategy;
  const Trace trace = program();
  const double begin = now();
  for (auto _ : state) benchmark::DoNotOptimize(machine.run(trace, strategy).accesses);
  ratio(state, now() - begin);
}
BENCHMARK(Execution_WithoutSwitches)->MinTime(1);

}  // namespace

BENCHMARK_MAIN();
