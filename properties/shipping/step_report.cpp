// Tables, findings and JSON.
#include "step_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exit_codes.hpp"

namespace labyrinth::step {
namespace {

/// The most of each kind of call.
struct Longest {
  std::uint32_t alone = 0;
  std::uint32_t nested = 0;
  std::uint32_t declared = 0;
};

[[nodiscard]] std::map<std::string, Longest> longest(const std::vector<Row>& rows) {
  std::map<std::string, Longest> result;
  for (const Row& row : rows) {
    // Frees are told apart by what they free, which is the scene's.
    const std::string kind = kind_of(*row.nesting.scene, row.nesting.calls.front());
    const bool names = kind.find(" order=") == std::string::npos && kind.find("free") != std::string::npos;
    Longest& most =
        result[names || kind.starts_with("free") ? fmt::format("{} ({})", kind, row.nesting.scene->name)
                                                 : kind];
    most.alone = std::max(most.alone, row.alone);
    most.nested = std::max(most.nested, row.nested);
    most.declared = std::max(most.declared, row.declared);
  }
  return result;
}

[[nodiscard]] std::string dash(std::uint32_t number) { return number == 0 ? "-" : fmt::format("{}", number); }

[[nodiscard]] std::string verdict_of(std::uint64_t broken, std::uint64_t unclear) {
  if (broken != 0) return fmt::format("{} broken", broken);
  return unclear != 0 ? fmt::format("{} unclear", unclear) : "clean";
}

[[nodiscard]] std::string interrupted_at(const Finding& finding, std::size_t depth) {
  const Nesting& nesting = finding.broken.nesting;
  return fmt::format("{} in `{}` before instruction {} of `{}`", machine::level_name(nesting.levels[depth]),
                     kind_of(*nesting.scene, nesting.calls[depth + 1]), finding.broken.instructions[depth],
                     kind_of(*nesting.scene, nesting.calls[depth]));
}

}  // namespace

std::uint64_t Total::points() const {
  std::uint64_t sum = 0;
  for (const Row& row : rows) sum += row.points;
  return sum;
}

int Total::exit_code() const {
  int code = tool::kClean;
  for (const Finding& finding : findings)
    code = tool::worse(code, finding.broken.limit.empty() ? tool::kViolation : tool::kInconclusive);
  const bool partly =
      std::any_of(rows.begin(), rows.end(), [](const Row& row) { return !row.left_out.empty(); });
  return tool::worse(code, stopped || partly ? tool::kInconclusive : tool::kClean);
}

std::string text_of(const Finding& finding, const Text& text) {
  const Broken& broken = finding.broken;
  std::string result = fmt::format("finding {}: scene {}: {}\n", finding.signature,
                                   broken.nesting.scene->name, name_of(broken.nesting));
  for (std::size_t i = 0; i < finding.instructions.size(); ++i) {
    const bool of_stop = i < broken.instructions.size();
    const std::uintptr_t address = of_stop ? broken.addresses[i] : broken.ended_at;
    result += fmt::format("  {}: {:#x}: {}\n", of_stop ? interrupted_at(finding, i) : "it ended at",
                          address - text.base, finding.instructions[i].text);
    const std::string& lines = finding.instructions[i].lines;
    for (std::size_t from = 0; from < lines.size();) {
      const std::size_t end = lines.find('\n', from);
      result += fmt::format("    {}{}\n", from == 0 ? "" : "in ", lines.substr(from, end - from));
      from = end + 1;
    }
  }
  result += finding.verdict;
  if (finding.runs > 1) result += fmt::format("  and {} more runs break the same\n", finding.runs - 1);
  result += fmt::format("\n  {}\n", finding.command);
  switch (finding.trace.state) {
    case FoundTrace::State::kNotLooked:
      break;
    case FoundTrace::State::kFound:
      result += fmt::format("\n  The hooked build shows {} (after {} executions):\n\n{}",
                            finding.trace.same_clause ? "the same clause broken" : "another clause broken",
                            finding.trace.executions, finding.trace.report);
      break;
    case FoundTrace::State::kNone:
      result +=
          fmt::format("\n  The hooked build does not show it: {} executions, {}\n", finding.trace.executions,
                      finding.trace.complete ? "which are all" : "stopped there");
      break;
  }
  return result;
}

std::string table_of_rows(const std::vector<Row>& rows) {
  std::string text = fmt::format("{:<14} {:>7} {:>8} {:>6} {:>7} {:>9}  {}\n", "scene", "points", "distinct",
                                 "alone", "nested", "verdict", "interrupted call / handlers");
  for (const Row& row : rows) {
    text += fmt::format("{:<14} {:>7} {:>8} {:>6} {:>7} {:>9}  {}{}{}\n", row.nesting.scene->name, row.points,
                        row.distinct, row.alone, dash(row.nested), verdict_of(row.broken, row.unclear),
                        name_of(row.nesting), row.left_out.empty() ? "" : ": ", row.left_out);
  }
  return text;
}

std::string table_of_scenes(const Total& total) {
  struct Sum {
    std::uint64_t nestings = 0, points = 0, broken = 0, unclear = 0;
  };
  std::map<std::string, Sum> sums;
  for (const Row& row : total.rows) {
    Sum& sum = sums[row.nesting.scene->name];
    ++sum.nestings;
    sum.points += row.points;
    sum.broken += row.broken;
    sum.unclear += row.unclear;
  }
  std::string text =
      fmt::format("{:<14} {:>6} {:>9} {:>12}  {}\n", "scene", "calls", "nestings", "instructions", "verdict");
  for (const Scene& scene : scenes()) {
    const auto at = sums.find(scene.name);
    if (at == sums.end()) continue;
    const Sum& sum = at->second;
    text += fmt::format("{:<14} {:>6} {:>9} {:>12}  {}\n", scene.name, scene.calls.size(), sum.nestings,
                        sum.points, verdict_of(sum.broken, sum.unclear));
  }
  return text;
}

std::string table_of_calls(const std::vector<Row>& rows) {
  std::string text =
      fmt::format("{:<44} {:>6} {:>7} {:>9}\n", "most instructions of a call", "alone", "nested", "declared");
  for (const auto& [kind, most] : longest(rows))
    text +=
        fmt::format("{:<44} {:>6} {:>7} {:>9}\n", kind, most.alone, dash(most.nested), dash(most.declared));
  return text;
}

std::string summary(const Total& total) {
  std::uint64_t broken = 0;
  std::uint64_t unclear = 0;
  for (const Row& row : total.rows) {
    broken += row.broken;
    unclear += row.unclear;
  }
  return fmt::format(
      "summary: {} nestings, {} instructions, {} runs, {:.0f} a second, {} broken, {} unclear{}{}",
      total.rows.size(), total.points(), total.runs,
      total.seconds > 0 ? static_cast<double>(total.runs) / total.seconds : 0.0, broken, unclear,
      total.too_long != 0 ? fmt::format(", {} nestings too long", total.too_long) : "",
      total.stopped ? ", stopped before the end" : "");
}

tool::Results results_of(const Total& total, const Text& text, const std::string& target) {
  tool::Results results("step", target);
  for (const Finding& finding : total.findings) {
    const bool unclear = !finding.broken.limit.empty();
    results.add({.name = fmt::format("{} in {}: {}", finding.signature, finding.broken.nesting.scene->name,
                                     name_of(finding.broken.nesting)),
                 .code = unclear ? tool::kInconclusive : tool::kViolation,
                 .clause = tool::clause_of(finding.signature),
                 .key = finding.signature,
                 .text = text_of(finding, text),
                 .file = finding.trace.path});
  }
  // What is broken in a nesting is told above, once for each signature.
  for (const Row& row : total.rows) {
    if (row.broken + row.unclear != 0) continue;
    results.add({.name = fmt::format("{}: {}", row.nesting.scene->name, name_of(row.nesting)),
                 .code = row.left_out.empty() ? tool::kClean : tool::kInconclusive,
                 .text = row.left_out});
  }
  if (total.stopped) results.add({.name = "step", .code = tool::kInconclusive, .text = "stopped by Ctrl-C"});
  return results;
}

std::string json_text(const Total& total, const Text& text) {
  using Json = nlohmann::ordered_json;
  Json nestings = Json::array();
  for (const Row& row : total.rows) {
    nestings.push_back({{"scene", row.nesting.scene->name},
                        {"nesting", name_of(row.nesting)},
                        {"instructions", row.points},
                        {"distinct", row.distinct},
                        {"broken", row.broken},
                        {"unclear", row.unclear},
                        {"alone", row.alone},
                        {"nested", row.nested},
                        {"left_out", row.left_out}});
  }
  Json calls = Json::array();
  for (const auto& [kind, most] : longest(total.rows))
    calls.push_back(
        {{"call", kind}, {"alone", most.alone}, {"nested", most.nested}, {"declared_steps", most.declared}});
  Json findings = Json::array();
  for (const Finding& finding : total.findings) {
    Json stops = Json::array();
    for (std::size_t i = 0; i < finding.instructions.size(); ++i) {
      const bool of_stop = i < finding.broken.instructions.size();
      stops.push_back(
          {{"number", of_stop ? finding.broken.instructions[i] : 0},
           {"address", (of_stop ? finding.broken.addresses[i] : finding.broken.ended_at) - text.base},
           {"instruction", finding.instructions[i].text},
           {"lines", finding.instructions[i].lines}});
    }
    findings.push_back({{"signature", finding.signature},
                        {"scene", finding.broken.nesting.scene->name},
                        {"nesting", name_of(finding.broken.nesting)},
                        {"inconclusive", finding.broken.limit},
                        {"runs", finding.runs},
                        {"stops", std::move(stops)},
                        {"verdict", finding.verdict},
                        {"command", finding.command},
                        {"trace", finding.trace.path},
                        {"trace_signature", finding.trace.signature},
                        {"trace_same_clause", finding.trace.same_clause}});
  }
  return Json{
      {"nestings", std::move(nestings)}, {"calls", std::move(calls)}, {"findings", std::move(findings)},
      {"instructions", total.points()},  {"runs", total.runs},        {"seconds", total.seconds},
      {"too_long", total.too_long},      {"stopped", total.stopped}}
      .dump(2);
}

}  // namespace labyrinth::step
