// The edge counters of the loaded targets, one a compiler's edge (-fsanitize-coverage=inline-8bit-counters):
// after a run, how often that run took each, modulo 256. What creating the target takes is not counted.
#pragma once

#include <span>

namespace labyrinth::machine {

/// One range for each instrumented object, in the order in which they were loaded.
[[nodiscard]] std::span<const std::span<char>> edge_counters() noexcept;

}  // namespace labyrinth::machine
