// The edge counters of the loaded targets.
#pragma once

#include <cstddef>
#include <span>

#include "labyrinth/machine/coverage.hpp"

namespace labyrinth::machine {

/// Set all of them to zero.
void forget_coverage() noexcept;

/// Until return_to_coverage() nothing counts.
void keep_coverage() noexcept;
void return_to_coverage() noexcept;

/// Where the edges' addresses stand, for each range of counters.
[[nodiscard]] std::span<const std::span<std::byte>> edge_tables() noexcept;

}  // namespace labyrinth::machine
