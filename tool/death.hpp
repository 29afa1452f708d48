// A run that takes its process with it, or never ends: a verdict about the target, with the trace saved.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "finding.hpp"
#include "labyrinth/machine/journal.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

/// How a process ended that ran a target.
struct Death {
  std::string how;     ///< As Apart has it; "": not known, so it is looked at again.
  bool in_run = true;  ///< Else between two runs, as where one has damaged memory that is none of its own.
};

struct ToldDeath {
  std::string signature;  ///< "died-SIGSEGV"
  std::string text;       ///< For a person.
  std::string file;       ///< It was saved as; "": it could not be, or there was no run yet.
};

/// The run that a process has left, with the schedule that it came to; nothing, if there was none, or what
/// died has written over it.
[[nodiscard]] std::optional<machine::TraceFile> last_run(const machine::Journal& journal);

/// Looks at the run again, in a process of its own, saves it under `options.findings`, and puts it in words.
/// `journal`: what the process that is gone has left.
[[nodiscard]] ToldDeath tell_of_death(const machine::Journal& journal, const Death& death,
                                      const machine::Target& target, const Common& options,
                                      const Origin& origin);
/// Where a trace of that signature is kept: its path, or "" if it cannot be.
using Keep = std::function<std::string(const machine::TraceFile& file, const std::string& signature)>;
/// The same of a trace that is at hand, which `keep` saves.
[[nodiscard]] ToldDeath tell_of_death(machine::TraceFile file, const Death& death,
                                      const machine::Target& target, const Common& options,
                                      const Origin& origin, const Keep& keep);
/// And of one that is in a file already.
[[nodiscard]] ToldDeath tell_of_death(const machine::TraceFile& file, const std::string& path,
                                      const Death& death, const machine::Target& target,
                                      const Common& options);

/// "kills the process that runs it: SIGSEGV"
[[nodiscard]] std::string words_of_death(const std::string& how);

}  // namespace labyrinth::tool
