// One fuzzed execution, and the loop that libFuzzer makes of it.
#include "interleaved.hpp"

#include <span>
#include <utility>

#include "labyrinth/machine/trace_binary.hpp"

extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*callback)(const std::uint8_t* data, std::size_t size));

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
  return LLVMFuzzerRunDriver(&argc, &argv, fuzz_one);
}

}  // namespace labyrinth::fuzz
