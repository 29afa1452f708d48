// What both sides do on one trace: what they show, and their timelines.
#pragma once

#include <array>
#include <vector>

#include "audit_pair.hpp"
#include "audit_rows.hpp"

namespace labyrinth::tool {

struct Described {
  std::array<Shown, 2> shown;
  std::vector<SideRow> rows;
};

/// Both runs in this process. `whole`: every access.
[[nodiscard]] Described describe_here(AuditPair& pair, const machine::TraceFile& file, bool whole);

/// Each in a process of its own, which has so many seconds; of one that dies the timeline goes as far as it
/// came.
[[nodiscard]] Described describe_apart(AuditPair& pair, const machine::TraceFile& file, bool whole,
                                       double seconds);

}  // namespace labyrinth::tool
