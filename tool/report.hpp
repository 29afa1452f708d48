// What a person is told of a finding.
#pragma once

#include <string>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::tool {

/// The timeline, the broken clause in words, and the two commands to paste. Replays the trace for it.
[[nodiscard]] std::string report(machine::Machine& machine, const machine::Target& target,
                                 const machine::TraceFile& file, const std::string& path, bool verbose);

/// The broken clause in words, with the numbers that show it.
[[nodiscard]] std::string verdict_text(const machine::TraceFile& file, const machine::Violation& violation);

/// "clean", "violation of X1", "inconclusive: …", "refused: …".
[[nodiscard]] std::string summary(const machine::Outcome& outcome);

/// A page for a browser, in the place of what is there; false, after saying why it could not be written.
[[nodiscard]] bool write_page(const std::string& path, const std::string& page);

}  // namespace labyrinth::tool
