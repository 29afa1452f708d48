// Looking closer at one difference: the smallest trace that shows it, what each side does on it, and whether
// other schedules show the same on the other side. All of it in child processes.
#pragma once

#include <string>

#include "audit_describe.hpp"
#include "audit_session.hpp"
#include "labyrinth/machine/journal.hpp"

namespace labyrinth::tool {

/// A side that never came back so often is not asked any more in that part of the audit.
inline constexpr unsigned kMostTimeouts = 4;

struct Closer {
  bool there = false;  ///< It was seen again.
  bool both = false;   ///< Other schedules break the other side, too, by the same signature.
  machine::TraceFile file{};
  Described seen;
  std::string certainty;
};

[[nodiscard]] Closer look_closer(AuditPair& pair, const Candidate& candidate, const AuditOptions& options);

/// What a trace shows on one side, in a child process.
[[nodiscard]] Shown replay_apart(AuditPair& pair, Which side, const machine::Trace& trace, double seconds);

/// A process is gone that ran both sides: which one it was, on what, and whether it is wrong on one alone.
void found_dead(AuditSession& session, const machine::Journal& journal, const std::string& death,
                const std::string& origin);

}  // namespace labyrinth::tool
