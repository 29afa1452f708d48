// The edge counters of the loaded targets.
#pragma once

namespace labyrinth::machine {

/// Set all of them to zero.
void forget_coverage() noexcept;

}  // namespace labyrinth::machine
