// libFuzzer as a front end of the harnesses: its loop, its mutator and its crossover.
#pragma once

#include "harness.hpp"

namespace labyrinth::fuzz {

/// Hand the process to libFuzzer with these arguments (argv[0] must be the path by which libFuzzer can start
/// children). Returns libFuzzer's exit code.
[[nodiscard]] int run_libfuzzer(int argc, char** argv, Harness& harness);

/// libFuzzer's callbacks carry no context. Whose machine mutations look at runs on; null: nobody's.
extern Harness* libfuzzers_harness;

}  // namespace labyrinth::fuzz
