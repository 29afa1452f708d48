// Replays in child processes, and the shrinker over what they show.
#include "triage.hpp"

#include <fmt/format.h>

#include "corpus_apart.hpp"
#include "death.hpp"
#include "interleaved.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "report.hpp"
#include "shared_object.hpp"
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

/// The schedules near inputs.
class Near {
 public:
  explicit Near(const machine::Target& target)
      : harness_(target, [this](const fuzz::Find& find) {
          if (!found_) found_ = with_schedule(find.trace, find.outcome);
        }) {}

  /// The first of them that breaks a clause.
  [[nodiscard]] std::optional<machine::TraceFile> seek(const CorpusInput& input) {
    found_.reset();
    const std::vector<std::uint8_t> bytes(input.bytes.begin(), input.bytes.end());
    harness_.run(bytes);
    for (unsigned i = 0; i < fuzz::kNear && !found_ && harness_.run_near(i); ++i) {
    }
    if (found_) found_->names = machine::default_names(found_->trace);
    return std::move(found_);
  }

 private:
  std::optional<machine::TraceFile> found_{};
  fuzz::Interleaved harness_;
};

[[nodiscard]] Look look_of(const Apart& apart, const CorpusInput& input, const machine::Journal& journal) {
  Look look;
  if (!apart.death.empty()) {
    look.kind = Look::Kind::kDied;
    look.verdict = apart.death;
    look.signature = "died-" + apart.death;
    if (input.binary) look.near = last_run(journal);
  } else if (apart.result.contains("near")) {
    const auto parsed = machine::parse_trace(apart.result.at("near").get<std::string>());
    if (const auto* const file = std::get_if<machine::TraceFile>(&parsed)) look.near = *file;
  }
  const machine::Trace& trace = look.near ? look.near->trace : input.file.trace;
  look.calls = trace.call_count;
  look.departures = trace.departure_count;
  if (!apart.death.empty()) return look;
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

void look_at(machine::Machine& machine, const machine::Target& target, const std::vector<CorpusInput>& inputs,
             double seconds, const std::function<bool(std::size_t, const Look&)>& seen) {
  const SharedObject<machine::Journal> journal("memory to share with the process that replays");
  std::optional<Near> near;  // The child's.
  const auto look = [&](std::size_t i) {
    nlohmann::json json = look_here(machine, inputs[i].file);
    if (json["kind"] != Look::Kind::kClean || !inputs[i].binary) return json;
    if (!near) near.emplace(target);
    const auto failing = near->seek(inputs[i]);
    if (!failing) return json;
    json = look_here(machine, *failing);
    json["near"] = machine::print_trace(*failing);
    return json;
  };
  work_apart(
      inputs.size(), Patience(seconds, journal.get(), seconds), look,
      [&](std::size_t i, const Apart& apart) { return seen(i, look_of(apart, inputs[i], journal.get())); });
}

Look look_at(machine::Machine& machine, const machine::Target& target, const CorpusInput& input) {
  Look look;
  look.kind = Look::Kind::kInconclusive;
  look.verdict = "interrupted";
  look_at(machine, target, {input}, kSecondsEach, [&](std::size_t, const Look& only) {
    look = only;
    return true;
  });
  return look;
}

void take_near(CorpusInput& input, const machine::TraceFile& near) {
  if (machine::same(near.trace, input.file.trace)) return;
  input.file = near;
  input.origin.how +=
      input.origin.how.empty() ? "under a schedule near its own" : ", under a schedule near its own";
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
