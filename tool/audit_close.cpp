// Shrinking a difference, and describing it.
#include "audit_close.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "audit_side.hpp"
#include "corpus_apart.hpp"
#include "death.hpp"
#include "finding.hpp"
#include "shrink.hpp"

namespace labyrinth::tool {
namespace {

using Kind = Candidate::Kind;

constexpr std::uint64_t kTries = 200'000;
constexpr double kSecondsToShrink = 10;
/// Each try is a process of its own, and one that hangs takes all of its time.
constexpr std::uint64_t kTriesOfDeaths = 300;
constexpr double kSecondsOfDeath = 1;  // --timeout, if that is less.
/// To see whether the other side can be broken, too: the traces are small by then.
constexpr std::uint64_t kExecutions = 20'000;

/// What is left of a trace that still shows the difference, and nothing if it does not.
class Differs {
 public:
  Differs(AuditPair& pair, const Candidate& candidate) : pair_(pair), candidate_(candidate) {}

  [[nodiscard]] std::optional<machine::Trace> operator()(const machine::Trace& trace) const {
    switch (candidate_.kind) {
      case Kind::kWrong:
        return wrong(trace);
      case Kind::kParting: {
        std::array<Shown, 2> shown;
        machine::Trace in_order = trace;
        in_order.departure_count = 0;
        if (pair_.in_order(in_order, shown).key != candidate_.key) return std::nullopt;
        return in_order;
      }
      case Kind::kPossible:
        break;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<machine::Trace> wrong(const machine::Trace& trace) const {
    const Which side = candidate_.side;
    if (pair_.replay(other(side), trace).kind != Shown::Kind::kClean) return std::nullopt;
    machine::Replay strategy(trace);
    const machine::Outcome& outcome = pair_.machine(side).run(trace, strategy);
    if (outcome.kind != machine::Outcome::Kind::kViolation) return std::nullopt;
    if (signature(trace, outcome.violation) != candidate_.key) return std::nullopt;
    return with_schedule(trace, outcome).trace;
  }

  AuditPair& pair_;
  const Candidate& candidate_;
};

[[nodiscard]] machine::TraceFile named(const machine::Trace& trace) {
  machine::TraceFile file{};
  file.trace = trace;
  file.names = machine::default_names(trace);
  return file;
}

[[nodiscard]] nlohmann::json to_json(const machine::TraceFile& file, const Described& described) {
  return {{"trace", machine::print_trace(file)},
          {"shown", {to_json(described.shown[0]), to_json(described.shown[1])}},
          {"rows", to_json(described.rows)}};
}

/// Of a trace that breaks one side: the schedules of its program on the other one.
[[nodiscard]] nlohmann::json look_at_other(AuditPair& pair, const machine::Trace& trace, Which side,
                                           const std::string& signature) {
  const SideExplored explored = explore_side(pair, other(side), trace, kExecutions);
  const char* const who = name(other(side));
  if (!explored.broken.empty())
    return {{"both", explored.broken.contains(signature)},
            {"certainty", fmt::format("another schedule of this program breaks {}, too: {}", who,
                                      explored.broken.begin()->first)}};
  return {
      {"both", false},
      {"certainty", explored.cut.empty()
                        ? fmt::format("no schedule of this program breaks {} ({} executions, all there are)",
                                      who, explored.executions)
                        : fmt::format("none of {} schedules of this program breaks {}; there are more",
                                      explored.executions, who)}};
}

/// In a child: everything at once.
[[nodiscard]] nlohmann::json look_here(AuditPair& pair, const Candidate& candidate, bool whole) {
  const Differs differs(pair, candidate);
  machine::Trace trace = candidate.trace;
  if (candidate.kind != Kind::kPossible) {
    const auto still = differs(trace);
    if (!still) return to_json(named(trace), describe_here(pair, named(trace), whole));
    const StatusLine clock;
    trace = shrink(*still, differs, kTries, [&](const Shrunk&) {
              return clock.elapsed() < kSecondsToShrink;
            }).trace;
  }
  nlohmann::json json = to_json(named(trace), describe_here(pair, named(trace), whole));
  if (candidate.kind == Kind::kWrong) json.update(look_at_other(pair, trace, candidate.side, candidate.key));
  return json;
}

/// A trace that kills a process is made smaller by processes that it kills.
[[nodiscard]] machine::Trace shrink_death(AuditPair& pair, const Candidate& candidate, double seconds) {
  const StatusLine clock;
  const StillFails dies = [&](const machine::Trace& trace) -> std::optional<machine::Trace> {
    if (clock.elapsed() > kSecondsToShrink || interrupted()) return std::nullopt;
    if (replay_apart(pair, candidate.side, trace, seconds).signature != candidate.key) return std::nullopt;
    if (replay_apart(pair, other(candidate.side), trace, seconds).kind != Shown::Kind::kClean)
      return std::nullopt;
    return trace;
  };
  return shrink(candidate.trace, dies, kTriesOfDeaths, [](const Shrunk&) { return !interrupted(); }).trace;
}

/// Whether what was seen is what the candidate says.
[[nodiscard]] bool is_there(const Candidate& candidate, const std::array<Shown, 2>& shown) {
  if (candidate.kind != Kind::kWrong) return true;
  return shown.at(index(candidate.side)).signature == candidate.key;
}

}  // namespace

Shown replay_apart(AuditPair& pair, Which side, const machine::Trace& trace, double seconds) {
  Shown shown{Shown::Kind::kUnclear, "", "interrupted"};
  work_apart(
      1, seconds, [&](std::size_t) { return to_json(pair.replay(side, trace)); },
      [&](std::size_t, const Apart& apart) {
        shown = apart.death.empty() ? shown_from(apart.result) : shown_of_death(apart.death);
        return true;
      });
  return shown;
}

void found_dead(AuditSession& session, const machine::Journal& journal, const std::string& death,
                const std::string& origin) {
  AuditPair& pair = session.pair();
  const Which side = journal.target == &pair.target(Which::kNew).table() ? Which::kNew : Which::kOld;
  const auto last = last_run(journal);
  std::array<Shown, 2> shown;
  if (last && !is_from_outside(death)) {
    for (const Which which : kSides)
      shown.at(index(which)) = replay_apart(pair, which, last->trace, session.options().timeout);
    if (shown.at(index(side)).kind == Shown::Kind::kDied) {
      if (shown.at(index(other(side))).wrong())
        session.wrong_on_both(origin, shown);
      else
        session.found({Candidate::Kind::kWrong, side, last->trace, shown.at(index(side)).signature, origin});
      return;
    }
  }
  session.undecided(
      fmt::format("{}: a run on {} {}, and by itself it does not", origin, name(side), words_of_death(death)),
      side == Which::kNew);
}

Closer look_closer(AuditPair& pair, const Candidate& candidate, const AuditOptions& options) {
  Closer closer;
  closer.file = named(candidate.trace);
  bool done = false;
  if (!candidate.key.starts_with("died-")) {
    constexpr double kSecondsInAll = 6 * kSecondsToShrink;
    work_apart(
        1, kSecondsInAll, [&](std::size_t) { return look_here(pair, candidate, options.verbose); },
        [&](std::size_t, const Apart& apart) {
          if (!apart.death.empty()) return true;
          auto read = machine::parse_trace(apart.result.at("trace").get<std::string>());
          if (auto* const file = std::get_if<machine::TraceFile>(&read)) closer.file = std::move(*file);
          for (std::size_t i = 0; i < closer.seen.shown.size(); ++i)
            closer.seen.shown.at(i) = shown_from(apart.result.at("shown").at(i));
          closer.seen.rows = rows_from(apart.result.at("rows"));
          closer.certainty = apart.result.value("certainty", "");
          closer.both = apart.result.value("both", false);
          done = true;
          return true;
        });
  } else if (replay_apart(pair, candidate.side, candidate.trace, options.timeout).signature ==
             candidate.key) {
    closer.file = named(shrink_death(pair, candidate, std::min(kSecondsOfDeath, options.timeout)));
  }
  if (!done)
    closer.seen =
        describe_apart(pair, closer.file, options.verbose, std::min(kSecondsOfDeath, options.timeout));
  closer.there = is_there(candidate, closer.seen.shown);
  return closer;
}

}  // namespace labyrinth::tool
