// Edits of a trace that keep it valid: what a shrinker takes away.
#pragma once

#include <cstdint>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::tool {

/// The trace with only the calls and contexts whose bit is set; frees of dropped allocations go with them,
/// and so do departures at dropped calls or to dropped tasks.
[[nodiscard]] machine::Trace keep(const machine::Trace& trace, std::uint64_t calls, std::uint32_t contexts);

/// Without departures [first, first + count).
[[nodiscard]] machine::Trace without_departures(const machine::Trace& trace, std::uint8_t first,
                                                std::uint8_t count);

/// Without a CPU that has no context: those above move down. Departures to it are dropped.
[[nodiscard]] machine::Trace without_cpu(const machine::Trace& trace, std::uint8_t cpu);

}  // namespace labyrinth::tool
