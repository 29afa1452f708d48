// The smallest trace whose run still takes its process with it, or never ends: each candidate runs in a
// process of its own.
#pragma once

#include <optional>
#include <string>

#include "death.hpp"
#include "shrink.hpp"

namespace labyrinth::tool {

/// How a run died, and in which kind of call; two deaths of one cause agree in both.
struct DeathSeen {
  std::string how;                ///< As Apart has it.
  std::optional<machine::Op> in;  ///< Nothing: outside of any call, as while the target is created.
  friend bool operator==(const DeathSeen&, const DeathSeen&) = default;
};

/// Runs the trace once; nothing if it comes to its end. `seconds`: after which it counts as endless.
[[nodiscard]] std::optional<DeathSeen> death_of_run(const machine::Target& target,
                                                    const machine::TraceFile& file, double seconds);

/// `file` dies as `death` says. Ctrl-C ends the search with what it has; so does `budget`, in runs. Progress
/// goes to stderr.
[[nodiscard]] Shrunk shrink_death(const machine::Target& target, const machine::TraceFile& file,
                                  const DeathSeen& death, std::uint64_t budget, double seconds);

}  // namespace labyrinth::tool
