// A finding: a trace that breaks a clause, its signature, and the file it is kept in.
#pragma once

#include <ctime>
#include <optional>
#include <string>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "whole_file.hpp"

namespace labyrinth::tool {

/// Requirement, call and contexts: "X1-alloc-hardirq". What findings are grouped by, and what a shrinker
/// keeps.
[[nodiscard]] std::string signature(const machine::Trace& trace, const machine::Violation& violation);

/// A trace file from a trace and what its run did: its schedule is what was carried out, in canonical order.
[[nodiscard]] machine::TraceFile with_schedule(const machine::Trace& trace, const machine::Outcome& outcome);

struct Origin {
  std::string engine;                 ///< "fuzz", "run", "minimize".
  std::string seed;                   ///< As its option takes it; empty where chance played no part.
  std::string how{};                  ///< "found as crash-1f by libfuzzer"; a line of its own, or none.
  std::optional<std::time_t> when{};  ///< None: now.
};

/// Fill in comment, build and record of a finding that breaks a clause when replayed now. Two replays must
/// agree; if not, says so and returns false.
[[nodiscard]] bool describe(machine::Machine& machine, const machine::Target& target, const Origin& origin,
                            machine::TraceFile& file);

/// The canonical text without what differs between two finds of the same trace: comment and record.
[[nodiscard]] std::string bare_text(machine::TraceFile file);

/// "2026-11-22", in UTC.
[[nodiscard]] std::string date_text(std::time_t when);

/// Save under `directory`, never over another file: the name is the signature and a hash of the trace.
/// Returns the path; the same trace saved before is left as it is. If it cannot be saved, says why and prints
/// the trace on stderr.
[[nodiscard]] std::optional<std::string> save(const std::string& directory, const std::string& signature,
                                              const machine::TraceFile& file);

}  // namespace labyrinth::tool
