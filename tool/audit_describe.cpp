// Observing both sides.
#include "audit_describe.hpp"

#include <nlohmann/json.hpp>

#include "observe_apart.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {

Described describe_here(AuditPair& pair, const machine::TraceFile& file, bool whole) {
  Described described;
  std::array<Timeline, 2> timelines;
  for (const Which side : kSides) {
    machine::Machine& machine = pair.machine(side);
    timelines.at(index(side)) = observe(machine, file);
    described.shown.at(index(side)) = shown_of(file.trace, machine.outcome());
  }
  described.rows = side_by_side(file, timelines, whole);
  return described;
}

Described describe_apart(AuditPair& pair, const machine::TraceFile& file, bool whole, double seconds) {
  Described described;
  std::array<Timeline, 2> timelines;
  for (const Which side : kSides) {
    Shown& shown = described.shown.at(index(side));
    std::vector<Step>& steps = timelines.at(index(side)).steps;
    const ObservedApart seen = observe_apart(
        [&]() -> machine::Machine& { return pair.machine(side); }, file, seconds,
        [&](const machine::Machine& machine) { return to_json(shown_of(file.trace, machine.outcome())); });
    shown = seen.death.empty() ? shown_from(seen.result) : shown_of_death(seen.death);
    steps = seen.timeline.steps;
    if (seen.death.empty()) continue;
    Step last = steps.empty() ? Step{} : steps.back();
    last.kind = Step::Kind::kAnswer;
    last.text = "(" + shown.words + ")";
    steps.push_back(last);
  }
  described.rows = side_by_side(file, timelines, whole);
  return described;
}

}  // namespace labyrinth::tool
