// What counts as coverage: ranges of bytes, each byte a counter of the last execution. A fuzzer takes all of
// them and nothing else.
#pragma once

#include <cstdint>
#include <span>

namespace labyrinth::machine {

/// Edge counters of the loaded targets, an instrumented object each, and what was added.
[[nodiscard]] std::span<const std::span<std::uint8_t>> coverage() noexcept;

/// Counters for good, of something other than edges. Those that are there already are not added again.
void add_coverage(std::span<std::uint8_t> counters) noexcept;

}  // namespace labyrinth::machine
