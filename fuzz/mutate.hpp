// Mutations that know what a trace is: calls and departures are put in, taken out, moved, changed; programs
// are spliced; the schedule is bent where contexts meet.
//
// One implementation for every fuzzer: inputs are the binary form (trace_binary.hpp), before and after.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "labyrinth/machine/machine.hpp"
#include "meetings.hpp"

namespace labyrinth::fuzz {

/// A few edits of `trace`, drawn from `chance`; it stays valid. `machine`: runs the trace where that shows
/// what to edit; null: those edits are not made.
void edit(machine::Trace& trace, machine::Machine* machine, std::uint64_t& chance) noexcept;

/// A departure more, where contexts met when `meetings` looked at `trace`.
void bend(machine::Trace& trace, const Meetings& meetings, std::uint64_t& chance) noexcept;

/// The program of `trace` with a stretch of calls of `other`, and its departures there.
void splice(machine::Trace& trace, const machine::Trace& other, std::uint64_t& chance) noexcept;

/// Both for inputs: the first `size` bytes of `bytes` are the input before, and the number returned that
/// after. 0 if there is no room for it.
[[nodiscard]] std::size_t mutate(std::span<std::uint8_t> bytes, std::size_t size, machine::Machine* machine,
                                 std::uint64_t seed) noexcept;
[[nodiscard]] std::size_t cross(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other,
                                std::span<std::uint8_t> out, std::uint64_t seed) noexcept;

}  // namespace labyrinth::fuzz
