// The verbs below `fuzz`: those that are not libFuzzer's.
#pragma once

#include <optional>

namespace labyrinth::tool {

/// Carries out `labyrinth fuzz start DIR …` and the like, and returns the exit code. Nothing: the second word
/// is no such verb, so all that follows `fuzz` is for libFuzzer.
[[nodiscard]] std::optional<int> run_fuzz_verb(int argc, char** argv);

}  // namespace labyrinth::tool
