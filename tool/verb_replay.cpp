// labyrinth replay: run traces again, and say what the model says of them.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "corpus_apart.hpp"
#include "exit_codes.hpp"
#include "finding.hpp"
#include "finding_page.hpp"
#include "guard.hpp"
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

[[nodiscard]] nlohmann::json to_json(const Replayed& replayed) {
  return {{"code", replayed.code},
          {"verdict", replayed.verdict},
          {"notes", replayed.notes},
          {"json", replayed.json}};
}

[[nodiscard]] Replayed replayed_from(const nlohmann::json& json) {
  return {json.at("code"), json.at("verdict"), json.at("notes"), json.at("json")};
}

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

/// Of a run that took its process with it.
[[nodiscard]] Replayed died(const machine::Target& target, const machine::TraceFile& file,
                            const std::string& path, const std::string& death, const ReplayOptions& options) {
  Replayed result;
  if (is_from_outside(death)) {
    result.code = kInconclusive;
    result.verdict = "inconclusive: its process was ended from outside: " + death;
    result.json = {{"file", path}, {"verdict", result.verdict}};
    return result;
  }
  const ToldDeath told = tell_of_death(file, path, {death}, target, options);
  result.code = kViolation;
  result.verdict = words_of_death(death);
  result.notes = "\n" + told.text + "\n";
  result.json = {{"file", path}, {"verdict", result.verdict}, {"signature", told.signature}};
  return result;
}

/// Each in a child process, in turn: what takes it along costs the others nothing.
class Replays {
 public:
  Replays(const machine::Target& target, const ReplayOptions& options) : target_(target), options_(options) {
    machine_.use(target.table());
    for (const std::string& path : options.files) files_.push_back(read_trace(path));
  }

  void run(const std::function<void(std::size_t, const Replayed&)>& seen) {
    std::size_t told = 0;
    work_apart(
        files_.size(), options_.timeout > 0 ? options_.timeout : kForEver,
        [&](std::size_t i) { return here(i); },
        [&](std::size_t i, const Apart& apart) {
          seen(i, apart.death.empty() ? replayed_from(apart.result)
                                      : died(target_, *files_[i], options_.files[i], apart.death, options_));
          told = i + 1;
          return true;
        });
    for (; told < files_.size(); ++told)
      seen(told, not_replayed(options_.files[told], "interrupted", kInconclusive));
  }

 private:
  static constexpr double kForEver = 1e9;  // Seconds.

  [[nodiscard]] static Replayed not_replayed(const std::string& path, const std::string& why, int code) {
    return {code, why, "", {{"file", path}, {"verdict", why}}};
  }

  [[nodiscard]] nlohmann::json here(std::size_t i) {
    const std::string& path = options_.files[i];
    if (!files_[i]) return to_json(not_replayed(path, "unreadable", kUnreadable));
    Replayed result = replay(machine_, target_, *files_[i], path, options_);
    if (!options_.html.empty() &&
        !write_page(options_.html, finding_page(machine_, target_, *files_[i], path)))
      result.code = worse(result.code, kInconclusive);
    return to_json(result);
  }

  const machine::Target& target_;
  const ReplayOptions& options_;
  machine::Machine machine_;
  std::vector<std::optional<machine::TraceFile>> files_;
};

}  // namespace

int verb_replay(const ReplayOptions& options) {
  if (!options.html.empty() && options.files.size() != 1) {
    fmt::print(stderr, "labyrinth: --html makes a page of one trace, and there are {}\n",
               options.files.size());
    return kBadUsage;
  }
  const auto target = load_guarded(options.target);
  if (!target) return kUnreadable;
  catch_interrupt();
  int code = kClean;
  std::size_t clean = 0;
  nlohmann::json files = nlohmann::json::array();
  Results results("replay", target->table().name);
  Replays(*target, options).run([&](std::size_t i, const Replayed& result) {
    const std::string& path = options.files[i];
    code = worse(code, result.code);
    results.add({.name = path,
                 .code = result.code,
                 .clause = result.json.value("clause", ""),
                 .key = result.json.value("signature", ""),
                 .text = result.code == kClean ? "" : result.verdict + "\n" + result.notes,
                 .file = path});
    clean += result.code == kClean ? 1 : 0;
    if (options.json)
      files.push_back(result.json);
    else if (result.code != kUnreadable)
      fmt::print("{}: {}\n{}", path, result.verdict, result.notes);
  });
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
