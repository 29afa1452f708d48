// Replays in child processes, and the shrinker over what they show.
#include "triage.hpp"

#include <fmt/format.h>

#include "corpus_apart.hpp"
#include "report.hpp"
#include "shrink.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {
namespace {

using machine::Outcome;

/// What was not carried out. That nothing older can be seen is what the memory orders of right code see to,
/// and what has no weak compare-exchange has none that fails.
[[nodiscard]] std::string unmatched(const machine::TraceFile& file, const Outcome& outcome) {
  std::vector<machine::Departure> done(outcome.departures.begin(),
                                       outcome.departures.begin() + outcome.departure_count);
  std::string names;
  for (const machine::Departure& wanted : file.trace.departures()) {
    const auto at = std::ranges::find(done, wanted);
    if (at != done.end()) {
      done.erase(at);
    } else if (wanted.decision.kind != machine::Decision::Kind::kOlder &&
               wanted.decision.kind != machine::Decision::Kind::kSpurious) {
      names += (names.empty() ? "" : "; ") + machine::departure_text(file.trace, file.names, wanted);
    }
  }
  return names;
}

[[nodiscard]] nlohmann::json look_here(machine::Machine& machine, const machine::TraceFile& file) {
  const std::vector<std::string> first = record(file, observe(machine, file));
  const std::vector<std::string> second = record(file, observe(machine, file));
  const Outcome& outcome = machine.outcome();
  nlohmann::json json{{"verdict", summary(outcome)}, {"unmatched", unmatched(file, outcome)}};
  Look::Kind kind = outcome.kind == Outcome::Kind::kClean ? Look::Kind::kClean : Look::Kind::kInconclusive;
  if (outcome.kind == Outcome::Kind::kViolation) {
    kind = Look::Kind::kViolation;
    const machine::Violation& violation = outcome.violation;
    json["signature"] = signature(file.trace, violation);
    json["clause"] = model::name(violation.clause);
    json["shows"] =
        fmt::format("{}: seen {}, permitted {}", violation.reason, violation.seen, violation.permitted);
  }
  if (first != second) {
    kind = Look::Kind::kFickle;
    json["verdict"] = "two replays differ: the target is not deterministic";
  }
  json["kind"] = kind;
  return json;
}

[[nodiscard]] Look look_of(const Apart& apart, const CorpusInput& input) {
  Look look;
  look.calls = input.file.trace.call_count;
  look.departures = input.file.trace.departure_count;
  if (!apart.death.empty()) {
    look.kind = Look::Kind::kDied;
    look.verdict = apart.death;
    look.signature = "died-" + apart.death;
    return look;
  }
  look.kind = apart.result.at("kind");
  look.verdict = apart.result.at("verdict");
  look.unmatched = apart.result.at("unmatched");
  look.signature = apart.result.value("signature", "");
  look.clause = apart.result.value("clause", "");
  look.shows = apart.result.value("shows", "");
  return look;
}

/// Of what cannot be replayed in this process: as it was found, described from outside.
[[nodiscard]] std::string text_of_death(const machine::Target& target, const CorpusInput& input,
                                        const Look& look) {
  machine::TraceFile file = input.file;
  file.comment =
      fmt::format("{}\nsignature {}, engine {}{}{}, {}\n{}{}target {} build {}\n",
                  look.verdict == "timeout" ? "The run does not end."
                                            : "Kills the process that runs it: " + look.verdict + ".",
                  look.signature, input.origin.engine, input.origin.seed.empty() ? "" : ", seed ",
                  input.origin.seed, date_text(input.origin.when.value_or(0)), input.origin.how,
                  input.origin.how.empty() ? "" : "\n", target.table().name, target.build());
  file.recorded.clear();
  file.build.clear();
  return machine::print_trace(file);
}

}  // namespace

void look_at(machine::Machine& machine, const std::vector<CorpusInput>& inputs, double seconds,
             const std::function<bool(std::size_t, const Look&)>& seen) {
  work_apart(
      inputs.size(), seconds, [&](std::size_t i) { return look_here(machine, inputs[i].file); },
      [&](std::size_t i, const Apart& apart) { return seen(i, look_of(apart, inputs[i])); });
}

Look look_at(machine::Machine& machine, const CorpusInput& input) {
  Look look;
  look.kind = Look::Kind::kInconclusive;
  look.verdict = "interrupted";
  work_apart(
      1, kSecondsEach, [&](std::size_t) { return look_here(machine, input.file); },
      [&](std::size_t, const Apart& apart) {
        look = look_of(apart, input);
        return true;
      });
  return look;
}

std::string make_small(machine::Machine& machine, const machine::Target& target, const CorpusInput& input,
                       const Look& look, std::uint64_t budget) {
  if (look.kind == Look::Kind::kDied) return text_of_death(target, input, look);
  constexpr double kSecondsInAll = 600;
  std::string text;
  const auto shrunken = [&](std::size_t) {
    const Shrunk shrunk =
        shrink(machine, input.file.trace, look.signature, budget, [](const Shrunk&) { return true; });
    machine::TraceFile file{};
    file.trace = shrunk.trace;
    file.names = machine::default_names(file.trace);
    return describe(machine, target, input.origin, file) ? machine::print_trace(file) : std::string();
  };
  work_apart(1, kSecondsInAll, shrunken, [&](std::size_t, const Apart& apart) {
    if (apart.death.empty()) text = apart.result;
    return true;
  });
  if (!text.empty()) return text;
  // What it was shrunk to killed the process, or took too long: as it was found it did not.
  const auto whole = [&](std::size_t) {
    machine::TraceFile file = input.file;
    return describe(machine, target, input.origin, file) ? machine::print_trace(file) : std::string();
  };
  work_apart(1, kSecondsEach, whole, [&](std::size_t, const Apart& apart) {
    if (apart.death.empty()) text = apart.result;
    return true;
  });
  return text;
}

}  // namespace labyrinth::tool
