// How many executions a fuzzer has done, where another process can read it while it runs: libFuzzer itself
// tells only now and then.
#pragma once

#include <cstdint>

namespace labyrinth::fuzz {

/// Names a descriptor of memory of eight bytes, in the environment.
inline constexpr const char* kExecutionsVariable = "LABYRINTH_FUZZ_EXECUTIONS";

/// Count in the memory that the variable names, if it does.
void share_executions();

/// One more.
void count_execution() noexcept;

}  // namespace labyrinth::fuzz
