// A run as one page for a browser: who did what on which CPU, which frames were whose, step by step.
#pragma once

#include <string>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::tool {

/// HTML that needs no other file and no network. Replays the trace for it; `path` is where it lies, for the
/// commands.
[[nodiscard]] std::string finding_page(machine::Machine& machine, const machine::Target& target,
                                       const machine::TraceFile& file, const std::string& path);

}  // namespace labyrinth::tool
