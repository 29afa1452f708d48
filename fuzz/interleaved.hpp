// The interleaved harness: any bytes become a trace, the trace runs on the machine, the model judges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/target.h"

namespace labyrinth::fuzz {

/// Called with a trace that broke a clause, its schedule already replaced by the departures that took place.
/// Expected not to return: a fuzzer must see the process die to keep the input.
using OnViolation = std::function<void(const machine::Trace&, const machine::Outcome&)>;

/// Hand the process to libFuzzer with these arguments (argv[0] must be the path by which libFuzzer can start
/// children). Returns libFuzzer's exit code.
[[nodiscard]] int run_libfuzzer(int argc, char** argv, const struct labyrinth_target& target,
                                OnViolation on_violation);

}  // namespace labyrinth::fuzz
