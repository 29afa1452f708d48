// Results for machines of what libFuzzer does in a process of its own.
#pragma once

#include <functional>
#include <string>

#include "results.hpp"

namespace labyrinth::tool {

/// What libFuzzer ends with after Ctrl-C, and for want of memory, whatever it is told; to users that is
/// inconclusive.
inline constexpr int kFuzzingStopped = 72, kFuzzingMemory = 71;

/// Where a run of libFuzzer puts what it finds.
struct FuzzRun {
  std::string name;      ///< What was run, for a person.
  std::string findings;  ///< The directory that inputs which crash lie in, too; "": somewhere else.
  ResultFiles files;
};

/// libFuzzer ends its process at what it finds, so `fuzz` is run in a child, and this process writes the
/// results once the child has ended, however it did. Ctrl-C is passed on. Returns the exit code.
[[nodiscard]] int fuzz_with_results(const FuzzRun& run, const std::function<int()>& fuzz);

}  // namespace labyrinth::tool
