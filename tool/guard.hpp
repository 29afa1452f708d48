// A verb in a process of its own, so that a target that takes the process with it ends in a verdict about the
// target.
//
//     verb ──fork──> the verb goes on; each run is in the journal, which both processes see
//       └── waits; tells of what died, saves its trace, returns the exit code of the whole
#pragma once

#include <optional>
#include <span>
#include <string>

#include "death.hpp"
#include "finding.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

struct Guarded {
  const Common& options;
  std::span<const machine::Target> targets;  ///< All that may run.
  Origin origin;                             ///< Of the traces.
  bool ends_itself = false;  ///< libFuzzer's way: exit codes, and a deadly signal's too, are its own.
};

/// Nothing in the child, which goes on; in the parent, when the child has ended, the exit code. Ctrl-C goes
/// to the child, and is to be caught there behind this.
[[nodiscard]] std::optional<int> guard(const Guarded& guarded);

/// How loading it ends a process; "": it does not. What it prints is left to who loads it then.
[[nodiscard]] std::string death_of_loading(const std::string& path);
/// load_target(), but a target that ends the process as it is loaded is none.
[[nodiscard]] std::optional<machine::Target> load_guarded(const std::string& path);

}  // namespace labyrinth::tool
