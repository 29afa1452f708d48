// The longest common subsequence of two timelines, and what lies between.
#include "audit_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace labyrinth::tool {
namespace {

/// Below that, all accesses are shown: a page has room for them.
constexpr std::size_t kShort = 48;
/// Lines of one side that are compared; comparing takes the product of both.
constexpr std::size_t kMostLines = 2000;

using Lines = std::vector<std::string>;

[[nodiscard]] std::string line_of(const machine::TraceFile& file, const Step& step) {
  std::string context = machine::context_name(file.trace, step.context);
  context = context.substr(0, context.find(" cpu"));
  return fmt::format("{} {:<9}{:{}}{}", step.cpu, context, "",
                     1 + 2 * (step.depth + (step.is_access() ? 1 : 0)), step.text);
}

[[nodiscard]] Lines lines_of(const machine::TraceFile& file, const Timeline& timeline, bool whole) {
  Lines lines;
  const std::vector<Step>& steps = timeline.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::size_t end = i;
    while (end < steps.size() && steps[end].is_access() && steps[end].context == steps[i].context) ++end;
    if (whole || end <= i + 1) {
      lines.push_back(line_of(file, steps[i]));
      continue;
    }
    Step folded = steps[i];
    folded.text = fmt::format("({} accesses)", end - i);
    lines.push_back(line_of(file, folded));
    i = end - 1;
  }
  if (lines.size() > kMostLines) {
    lines.resize(kMostLines);
    lines.emplace_back("(the run goes on)");
  }
  return lines;
}

/// What lies between two rows that are alike, line beside line.
void add_unlike(std::vector<SideRow>& rows, const Lines& left, std::size_t left_from, std::size_t left_to,
                const Lines& right, std::size_t right_from, std::size_t right_to) {
  const std::size_t count = std::max(left_to - left_from, right_to - right_from);
  for (std::size_t i = 0; i < count; ++i) {
    rows.push_back({{left_from + i < left_to ? left[left_from + i] : "",
                     right_from + i < right_to ? right[right_from + i] : ""},
                    false});
  }
}

}  // namespace

std::vector<SideRow> side_by_side(const machine::TraceFile& file, const std::array<Timeline, 2>& timelines,
                                  bool whole) {
  const bool all = whole || std::max(timelines[0].steps.size(), timelines[1].steps.size()) <= kShort;
  const Lines left = lines_of(file, timelines[0], all);
  const Lines right = lines_of(file, timelines[1], all);
  // common[i][j]: of left from i on and right from j on.
  const std::size_t width = right.size() + 1;
  std::vector<std::uint16_t> common((left.size() + 1) * width);
  for (std::size_t i = left.size(); i-- > 0;) {
    for (std::size_t j = right.size(); j-- > 0;) {
      common[i * width + j] = left[i] == right[j]
                                  ? static_cast<std::uint16_t>(common[(i + 1) * width + j + 1] + 1)
                                  : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::vector<SideRow> rows;
  std::size_t i = 0, j = 0, left_from = 0, right_from = 0;
  while (i < left.size() && j < right.size()) {
    if (left[i] == right[j]) {
      add_unlike(rows, left, left_from, i, right, right_from, j);
      rows.push_back({{left[i], right[j]}, true});
      left_from = ++i;
      right_from = ++j;
    } else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  add_unlike(rows, left, left_from, left.size(), right, right_from, right.size());
  return rows;
}

nlohmann::json to_json(const std::vector<SideRow>& rows) {
  nlohmann::json list = nlohmann::json::array();
  for (const SideRow& row : rows)
    list.push_back({{"old", row.text[0]}, {"new", row.text[1]}, {"alike", row.alike}});
  return list;
}

std::vector<SideRow> rows_from(const nlohmann::json& json) {
  std::vector<SideRow> rows;
  for (const nlohmann::json& row : json) rows.push_back({{row.at("old"), row.at("new")}, row.at("alike")});
  return rows;
}

std::string columns(const std::vector<SideRow>& rows, const std::string& indent, bool whole) {
  constexpr std::size_t kEnds = 3;
  std::vector<SideRow> shown;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::size_t end = i;
    while (end < rows.size() && rows[end].alike) ++end;
    if (whole || end <= i + 2 * kEnds + 1) {
      shown.push_back(rows[i]);
      continue;
    }
    shown.insert(shown.end(), rows.begin() + static_cast<std::ptrdiff_t>(i),
                 rows.begin() + static_cast<std::ptrdiff_t>(i + kEnds));
    const std::string left_out = fmt::format("… {} steps alike", end - i - 2 * kEnds);
    shown.push_back({{left_out, left_out}, true});
    shown.insert(shown.end(), rows.begin() + static_cast<std::ptrdiff_t>(end - kEnds),
                 rows.begin() + static_cast<std::ptrdiff_t>(end));
    i = end - 1;
  }
  std::size_t width = 3;
  for (const SideRow& row : shown) width = std::max(width, row.text[0].size());
  std::string text = fmt::format("{}{:<{}}   {}\n", indent, "OLD", width, "NEW");
  for (const SideRow& row : shown) {
    const char mark = row.alike ? ' ' : row.text[0].empty() ? '>' : row.text[1].empty() ? '<' : '|';
    std::string line = fmt::format("{}{:<{}} {} {}", indent, row.text[0], width, mark, row.text[1]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace labyrinth::tool
