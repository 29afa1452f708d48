// What counts as coverage: ranges of bytes, each byte a counter of the last execution. A fuzzer takes all of
// them and nothing else.
#pragma once

#include <cstdint>
#include <span>

namespace labyrinth::machine {

/// Edge counters of the loaded targets, an instrumented object each.
[[nodiscard]] std::span<const std::span<std::uint8_t>> coverage() noexcept;

}  // namespace labyrinth::machine
