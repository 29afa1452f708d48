// Two timelines side by side: what is alike stands in one row.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "labyrinth/machine/trace_text.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {

struct SideRow {
  std::array<std::string, 2> text;  ///< "": nothing happened there.
  bool alike = false;
};

/// `whole`: every access. Else, of long runs, accesses in one go are one row that says how many there were.
[[nodiscard]] std::vector<SideRow> side_by_side(const machine::TraceFile& file,
                                                const std::array<Timeline, 2>& timelines, bool whole);
[[nodiscard]] nlohmann::json to_json(const std::vector<SideRow>& rows);
[[nodiscard]] std::vector<SideRow> rows_from(const nlohmann::json& json);

/// In columns, each line behind `indent`: ` ` between what is alike, `|` where both differ, `<` and `>` where
/// only one has something. Unless `whole`, of long stretches that are alike only both ends.
[[nodiscard]] std::string columns(const std::vector<SideRow>& rows, const std::string& indent, bool whole);

}  // namespace labyrinth::tool
