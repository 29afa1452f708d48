// The verdict as text and as JSON.
#include "audit_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "exit_codes.hpp"
#include "input.hpp"

namespace labyrinth::tool {
namespace {

[[nodiscard]] std::string indented(const std::string& text, const std::string& indent) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) result += line.empty() ? "\n" : indent + line + '\n';
  return result;
}

/// So many of a section with their timelines; of the rest, a page has room for what they are.
constexpr std::size_t kInFull = 2;

void print_finding(std::string& text, const AuditFinding& finding, std::size_t number,
                   const std::array<AuditSide, 2>& sides, bool verbose) {
  text += fmt::format("  {}. {}\n     found    {}\n", number, finding.what, places_of(finding));
  for (const Which side : kSides)
    if (!finding.shown.at(index(side)).words.empty())
      text += fmt::format("     {}      {}\n", name(side), finding.shown.at(index(side)).words);
  if (!finding.certainty.empty()) text += fmt::format("     besides  {}\n", finding.certainty);
  if (finding.trace.empty()) return;
  if (number > kInFull && !verbose) {
    text += fmt::format("     trace    {}\n", finding.file.empty() ? "(not saved)" : finding.file);
    return;
  }
  text += '\n' + indented(finding.trace, "     ") + '\n' + columns(finding.rows, "     ", verbose);
  const std::string commands = commands_of(finding, sides);
  text += commands.empty() ? "\n" : '\n' + indented(commands, "     ") + '\n';
}

}  // namespace

std::string headline(const AuditSession& session) {
  const auto has = [&](AuditFinding::Kind kind) {
    return std::ranges::any_of(session.findings(), [kind](const auto& it) { return it.kind == kind; });
  };
  const int code = session.code();
  if (code == kViolation) return "Something that was right became wrong.";
  if (code == kInconclusive)
    return "Whether something that was right became wrong could not be decided in full.";
  if (has(AuditFinding::Kind::kBetter)) return "Nothing that was right became wrong; something got better.";
  if (has(AuditFinding::Kind::kNoticeable))
    return "Nothing that was right became wrong, and a caller could notice the change.";
  return "No difference was found that a caller could notice.";
}

std::string places_of(const AuditFinding& finding) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(finding.found.size(), kShown); ++i)
    text += (i == 0 ? "" : "; ") + finding.found[i];
  return finding.found.size() <= kShown ? text
                                        : fmt::format("{} and {} more", text, finding.found.size() - kShown);
}

std::string words_of(AuditSession& session, const AuditSide& side, Which which) {
  const machine::Target& target = session.pair().target(which);
  return fmt::format("{}{} ({}, build {})", side.said,
                     side.revision.empty() ? "" : fmt::format(", commit {}", side.revision.substr(0, 12)),
                     target.table().name,
                     target.build().empty() ? "without an id" : target.build().substr(0, 12));
}

std::string commands_of(const AuditFinding& finding, const std::array<AuditSide, 2>& sides) {
  if (finding.file.empty()) return "";
  return fmt::format("labyrinth replay --show --target {} {}\nlabyrinth replay --show --target {} {}\n",
                     quoted(sides[0].path), quoted(finding.file), quoted(sides[1].path),
                     quoted(finding.file));
}

std::string audit_text(AuditSession& session, const std::array<AuditSide, 2>& sides) {
  std::string text = fmt::format("OLD  {}\nNEW  {}\n\n{}\n", words_of(session, sides[0], Which::kOld),
                                 words_of(session, sides[1], Which::kNew), headline(session));
  for (const AuditSection& section : kAuditSections) {
    std::size_t number = 0;
    for (const AuditFinding& finding : session.findings()) {
      if (finding.kind != section.kind) continue;
      if (number == 0) text += fmt::format("\n{}\n", section.title);
      print_finding(text, finding, ++number, sides, session.options().verbose);
    }
  }
  if (!session.measures().empty()) text += "\nBetter or worse\n";
  for (const AuditMeasure& measure : session.measures()) {
    if (measure.side[0] == measure.side[1])
      text += fmt::format("  {}: {} on both sides\n", measure.what, measure.side[0]);
    else
      text += fmt::format("  {}: {}\n    OLD  {}\n    NEW  {}\n", measure.what, measure.verdict,
                          measure.side[0], measure.side[1]);
  }
  if (!session.open().empty()) text += "\nWhat could not be decided\n";
  for (const std::string& open : session.open()) text += fmt::format("  {}\n", open);
  text += "\nWhat was done\n";
  for (const std::string& done : session.done()) text += fmt::format("  {}\n", done);
  std::array<std::size_t, kAuditSections.size()> counts{};
  for (const AuditFinding& finding : session.findings())
    for (std::size_t i = 0; i < counts.size(); ++i)
      counts.at(i) += finding.kind == kAuditSections.at(i).kind ? 1 : 0;
  text += fmt::format(
      "summary: {} became wrong, {} could be noticed besides, {} became right, {} wrong on both, {} "
      "not decided\n",
      counts[0], counts[1], counts[2], counts[3], session.open().size());
  return text;
}

nlohmann::json audit_json(AuditSession& session, const std::array<AuditSide, 2>& sides) {
  using OfFinding = AuditFinding::Kind;
  nlohmann::json both = nlohmann::json::object();
  for (const Which which : kSides) {
    const AuditSide& side = sides.at(index(which));
    const machine::Target& target = session.pair().target(which);
    both[which == Which::kOld ? "old" : "new"] = {{"said", side.said},           {"revision", side.revision},
                                                  {"path", side.path},           {"plain", side.plain},
                                                  {"name", target.table().name}, {"build", target.build()}};
  }
  nlohmann::json findings = nlohmann::json::array();
  for (const AuditFinding& finding : session.findings()) {
    nlohmann::json shown = nlohmann::json::object();
    for (const Which side : kSides)
      shown[side == Which::kOld ? "old" : "new"] = {{"signature", finding.shown.at(index(side)).signature},
                                                    {"words", finding.shown.at(index(side)).words}};
    findings.push_back({{"kind", finding.kind == OfFinding::kWorse    ? "became wrong"
                                 : finding.kind == OfFinding::kBetter ? "became right"
                                 : finding.kind == OfFinding::kBoth   ? "wrong on both"
                                                                      : "could be noticed"},
                        {"what", finding.what},
                        {"found", finding.found},
                        {"trace", finding.trace},
                        {"file", finding.file},
                        {"shown", shown},
                        {"certainty", finding.certainty},
                        {"timelines", to_json(finding.rows)}});
  }
  nlohmann::json measures = nlohmann::json::array();
  for (const AuditMeasure& measure : session.measures())
    measures.push_back({{"what", measure.what},
                        {"old", measure.side[0]},
                        {"new", measure.side[1]},
                        {"verdict", measure.verdict}});
  return {{"verdict", headline(session)},   {"exit_code", session.code()},
          {"seed", session.options().seed}, {"sides", both},
          {"findings", findings},           {"measures", measures},
          {"undecided", session.open()},    {"done", session.done()},
          {"interrupted", interrupted()}};
}

}  // namespace labyrinth::tool
