// The trace shrinker: the smallest trace it can find that breaks the same clause by the same kind of call.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "labyrinth/machine/machine.hpp"

namespace labyrinth::tool {

struct Shrunk {
  machine::Trace trace{};
  std::uint64_t tried = 0;     ///< Candidates that were run.
  std::uint64_t accepted = 0;  ///< Of these, kept.
  bool finished = false;       ///< Nothing more can be taken away; otherwise the budget ran out.
};

/// Greedy, to a fixed point, deterministic. `trace` breaks a clause with `signature` when replayed; so does
/// every trace on the way. `progress` is told the state now and then and stops the search by returning false.
[[nodiscard]] Shrunk shrink(machine::Machine& machine, const machine::Trace& trace,
                            const std::string& signature, std::uint64_t budget,
                            const std::function<bool(const Shrunk&)>& progress);

/// What is left of a candidate that still fails, its schedule as it was carried out; nothing if it does not.
using StillFails = std::function<std::optional<machine::Trace>(const machine::Trace&)>;

/// The same for any failure of any engine: `trace` fails, and so does every trace on the way.
[[nodiscard]] Shrunk shrink(const machine::Trace& trace, const StillFails& still_fails, std::uint64_t budget,
                            const std::function<bool(const Shrunk&)>& progress);

}  // namespace labyrinth::tool
