// Every run of a program, or so many.
#include "audit_side.hpp"

#include <nlohmann/json.hpp>

#include "exploration.hpp"
#include "finding.hpp"
#include "labyrinth/machine/explorer.hpp"
#include "timeline.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

/// "ok, exhausted, ok"; "" if a call was not answered: such a run tells less than a whole one.
[[nodiscard]] std::string answers_of(const machine::Trace& trace, const machine::Outcome& outcome) {
  std::string text;
  for (std::uint8_t call = trace.live_count(); call < trace.call_count; ++call) {
    const machine::CallResult& result = outcome.results[call];
    const bool skipped = result.state == machine::CallResult::State::kSkipped;
    if (!skipped && result.state != machine::CallResult::State::kAnswered) return "";
    text += (text.empty() ? "" : ", ") + (skipped ? "left out" : status_name(result.status));
  }
  return text;
}

}  // namespace

nlohmann::json to_json(const SideExplored& explored) {
  return {{"executions", explored.executions}, {"cut", explored.cut},
          {"refused", explored.refused},       {"broken", explored.broken},
          {"answers", explored.answers},       {"steps", explored.steps.rows()}};
}

SideExplored side_explored_from(const nlohmann::json& json) {
  SideExplored explored;
  explored.executions = json.at("executions");
  explored.cut = json.at("cut");
  explored.refused = json.at("refused");
  explored.broken = json.at("broken").get<std::map<std::string, std::string>>();
  explored.answers = json.at("answers").get<std::map<std::string, std::string>>();
  explored.steps.set_rows(json.at("steps"));
  return explored;
}

SideExplored explore_side(AuditPair& pair, Which side, const machine::Trace& given,
                          std::uint64_t executions) {
  machine::Trace program = given;
  program.departure_count = 0;
  machine::Machine& machine = pair.machine(side);
  machine::ExplorerOptions search;
  search.memory = program.memory;
  machine::Explorer explorer(search);
  SideExplored result;
  const auto text_of = [&](const machine::Outcome& outcome) {
    return machine::print_trace(with_schedule(program, outcome));
  };
  const StatusLine clock;
  const Explored explored = explore(
      machine, program, explorer, {.executions = executions, .look_every = 1},
      [&](const machine::Trace& trace, const machine::Outcome& outcome) {
        result.broken.emplace(signature(trace, outcome.violation), text_of(outcome));
      },
      [&](const machine::Explorer&) {
        const machine::Outcome& outcome = machine.outcome();
        if (outcome.kind == machine::Outcome::Kind::kClean) {
          const std::string answers = answers_of(program, outcome);
          if (!answers.empty() && !result.answers.contains(answers))
            result.answers.emplace(answers, text_of(outcome));
        }
        return clock.elapsed() < kSecondsOfProgram;
      });
  result.executions = explored.counts.executions;
  result.cut = explored.cut;
  result.refused = explored.refused != 0;
  result.steps = explored.steps;
  return result;
}

}  // namespace labyrinth::tool
