// labyrinth replay: run traces again, and say what the model says of them.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "exit_codes.hpp"
#include "finding.hpp"
#include "finding_page.hpp"
#include "input.hpp"
#include "not_checked.hpp"
#include "report.hpp"
#include "timeline.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

using machine::Outcome;

/// What became of one file.
struct Replayed {
  int code = kClean;
  std::string verdict;
  std::string notes;  ///< Lines below the verdict.
  nlohmann::json json;
};

/// Holds the run against the record of an earlier one of the same build; "" if they agree.
[[nodiscard]] std::string difference(const std::vector<std::string>& recorded,
                                     const std::vector<std::string>& seen) {
  const auto [left, right] = std::mismatch(recorded.begin(), recorded.end(), seen.begin(), seen.end());
  if (left == recorded.end() && right == seen.end()) return "";
  return fmt::format(
      "step {} differs from the record of this very build:\n    recorded  {}\n    now       {}\n",
      left - recorded.begin() + 1, left != recorded.end() ? *left : "(the run ended)",
      right != seen.end() ? *right : "(the run ended)");
}

/// The departures of the schedule that were not carried out, by name.
[[nodiscard]] std::string unmatched(const machine::TraceFile& file, const Outcome& outcome) {
  std::string lines;
  std::vector<bool> used(outcome.departure_count, false);
  for (const machine::Departure& wanted : file.trace.departures()) {
    bool found = false;
    for (std::uint8_t i = 0; i < outcome.departure_count && !found; ++i) {
      if (used[i] || !(outcome.departures[i] == wanted)) continue;
      used[i] = found = true;
    }
    if (!found) {
      lines +=
          fmt::format("  not carried out: {}\n", machine::departure_text(file.trace, file.names, wanted));
    }
  }
  return lines;
}

[[nodiscard]] Replayed replay(machine::Machine& machine, const machine::Target& target,
                              const machine::TraceFile& file, const std::string& path,
                              const ReplayOptions& options) {
  Replayed result;
  const Timeline timeline = observe(machine, file);
  const std::vector<std::string> first = record(file, timeline);
  const std::vector<std::string> second = record(file, observe(machine, file));
  const Outcome& outcome = machine.outcome();
  result.verdict = summary(outcome);
  switch (outcome.kind) {
    case Outcome::Kind::kClean:
      break;
    case Outcome::Kind::kViolation:
      result.code = kViolation;
      break;
    case Outcome::Kind::kInconclusive:
    case Outcome::Kind::kRefused:
      result.code = kInconclusive;
      break;
  }
  result.json = {{"file", path},
                 {"verdict", result.verdict},
                 {"accesses", outcome.accesses},
                 {"switches", outcome.switches}};
  if (outcome.kind == Outcome::Kind::kViolation) {
    result.json["clause"] = model::name(outcome.violation.clause);
    result.json["signature"] = signature(file.trace, outcome.violation);
    result.json["reason"] = outcome.violation.reason;
    result.json["seen"] = outcome.violation.seen;
    result.json["permitted"] = outcome.violation.permitted;
  }
  std::string difference_found =
      first == second ? "" : "two replays differ: the target is not deterministic\n";
  if (difference_found.empty() && !file.recorded.empty() && file.build == target.build()) {
    difference_found = difference(file.recorded, first);
  }
  if (!difference_found.empty()) {
    result.code = worse(result.code, kInconclusive);
    result.notes += "  " + difference_found;
    result.json["difference"] = difference_found;
  }
  const std::string not_matched = unmatched(file, outcome);
  if (!not_matched.empty()) {
    result.notes += not_matched;
    result.json["unmatched"] = not_matched;
  }
  if (outcome.kind == Outcome::Kind::kViolation) {
    result.notes += "\n" + report(machine, target, file, path, options.verbose) + "\n";
  } else if (options.show || options.verbose) {
    result.notes += "\n" + table(file, timeline, options.verbose) + "\n";
  }
  return result;
}

}  // namespace

int verb_replay(const ReplayOptions& options) {
  if (!options.html.empty() && options.files.size() != 1) {
    fmt::print(stderr, "labyrinth: --html makes a page of one trace, and there are {}\n",
               options.files.size());
    return kBadUsage;
  }
  auto target = load_target(options.target);
  if (!target) return kUnreadable;
  machine::Machine machine;
  machine.use(target->table());
  int code = kClean;
  std::size_t clean = 0;
  nlohmann::json files = nlohmann::json::array();
  Results results("replay", target->table().name);
  for (const std::string& path : options.files) {
    const auto file = read_trace(path);
    if (!file) {
      code = worse(code, kUnreadable);
      files.push_back({{"file", path}, {"verdict", "unreadable"}});
      results.add({.name = path, .code = kUnreadable, .text = "unreadable", .file = path});
      continue;
    }
    const Replayed result = replay(machine, *target, *file, path, options);
    if (!options.html.empty() && !write_page(options.html, finding_page(machine, *target, *file, path)))
      code = worse(code, kInconclusive);
    code = worse(code, result.code);
    results.add({.name = path,
                 .code = result.code,
                 .clause = result.json.value("clause", ""),
                 .key = result.json.value("signature", ""),
                 .text = result.code == kClean ? "" : result.verdict + "\n" + result.notes,
                 .file = path});
    clean += result.code == kClean ? 1 : 0;
    if (options.json) {
      files.push_back(result.json);
    } else {
      fmt::print("{}: {}\n{}", path, result.verdict, result.notes);
    }
  }
  if (!results.write(options.results, code)) code = worse(code, kInconclusive);
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"target", target->table().name},
                                      {"build", target->build()},
                                      {"not_checked", not_checked_json(*target)},
                                      {"files", files}}
                           .dump(2));
    return code;
  }
  fmt::print("{}", not_checked_text(*target));
  if (options.files.size() > 1) fmt::print("summary: {} traces, {} clean\n", options.files.size(), clean);
  return code;
}

}  // namespace labyrinth::tool
