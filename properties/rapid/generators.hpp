// Generators of whole cases: geometry, program and schedule as one valid trace.
#pragma once

#include <rapidcheck.h>

#include <cstdint>

#include "aim.hpp"
#include "labyrinth/machine/trace.hpp"

namespace labyrinth::properties {

/// Machines with the parts that `aim` names, small ones mostly.
void draw_geometry(const Aim& aim, std::uint64_t seed, machine::Trace& out) noexcept;

/// The whole case; the same for the same aim, seed and size (0 to 100, as RapidCheck counts it). No heap.
void draw_trace(const Aim& aim, std::uint64_t seed, int size, machine::Trace& out) noexcept;

/// The same as a generator. Its values do not shrink by themselves: the project's trace shrinker does that
/// (tool/shrink.hpp), since it knows what a call without its handle means. `aim` outlives it.
[[nodiscard]] rc::Gen<machine::Trace> traces(const Aim& aim);

}  // namespace labyrinth::properties
