// One fuzzed execution, and the loop that libFuzzer makes of it.
#include "interleaved.hpp"

#include <array>
#include <span>
#include <utility>

#include "labyrinth/machine/trace_binary.hpp"
#include "mutate.hpp"

extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*callback)(const std::uint8_t* data, std::size_t size));

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace labyrinth::fuzz {
namespace {

/// libFuzzer's callback carries no context, so the harness stands in static storage, like the machine it
/// drives.
struct Harness {
  machine::Machine machine{};
  machine::Trace trace{};
  OnViolation on_violation{};
};

Harness* harness = nullptr;

/// libFuzzer finds counters besides edges by this section's name, and clears them before each execution.
[[gnu::section("__libfuzzer_extra_counters")]] std::array<std::uint8_t, machine::kMeetingCounters> meetings;

int fuzz_one(const std::uint8_t* data, std::size_t size) {
  machine::decode_trace({data, size}, harness->trace);
  machine::Replay strategy(harness->trace);
  const machine::Outcome& outcome = harness->machine.run(harness->trace, strategy);
  if (outcome.kind == machine::Outcome::Kind::kViolation) [[unlikely]]
    harness->on_violation(harness->trace, outcome);
  return 0;
}

}  // namespace

int run_libfuzzer(int argc, char** argv, const struct labyrinth_target& target, OnViolation on_violation) {
  static Harness instance;
  harness = &instance;
  instance.on_violation = std::move(on_violation);
  instance.machine.use(target);
  instance.machine.count_meetings(meetings);
  return LLVMFuzzerRunDriver(&argc, &argv, fuzz_one);
}

}  // namespace labyrinth::fuzz

// libFuzzer looks for these by name (its documentation: "Structure-Aware Fuzzing"). Half of the mutations are
// libFuzzer's own, of bytes: they reach what no edit draws, such as other machines, and use its dictionaries.
extern "C" {

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned seed) {
  using labyrinth::fuzz::harness;
  if (harness != nullptr && (seed & 1U) != 0) {
    const std::size_t mutated =
        labyrinth::fuzz::mutate({data, max_size}, size, &harness->machine, std::uint64_t{seed});
    if (mutated != 0) return mutated;
  }
  return LLVMFuzzerMutate(data, size, max_size);
}

std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                      const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                      std::size_t max_size, unsigned seed) {
  return labyrinth::fuzz::cross({one, one_size}, {other, other_size}, {out, max_size}, std::uint64_t{seed});
}

}  // extern "C"
