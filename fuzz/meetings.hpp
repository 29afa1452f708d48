// Where contexts of a run meet: two accesses of one location, one of which may write. There the schedule
// matters.
#pragma once

#include <cstdint>
#include <optional>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace.hpp"

namespace labyrinth::fuzz {

/// Runs the trace and draws one such pair: a departure that lets the second context go before the first
/// one's access, where it can; nothing if no contexts meet. The machine's outcome is that of this run.
[[nodiscard]] std::optional<machine::Departure> draw_meeting(machine::Machine& machine,
                                                             const machine::Trace& trace,
                                                             std::uint64_t& chance) noexcept;

}  // namespace labyrinth::fuzz
