// Exploring the program of a finding on the hooked target.
#include "step_trace.hpp"

#include <fmt/format.h>

#include <optional>

#include "finding.hpp"
#include "labyrinth/machine/explorer.hpp"
#include "report.hpp"

namespace labyrinth::step {
namespace {

constexpr std::uint64_t kMostExecutions = 200'000;

}  // namespace

FoundTrace find_trace(machine::Machine& machine, const machine::Target& hooked, const Broken& broken,
                      const std::string& findings, const std::function<bool()>& goes_on) {
  FoundTrace result;
  std::string error;
  const auto program = program_of(broken.nesting, error);
  if (!program) return result;
  machine.turn_to(hooked.table());
  machine::Explorer explorer({});
  std::optional<machine::TraceFile> found;
  bool more = true;
  for (; more && !result.same_clause && result.executions < kMostExecutions && goes_on();
       ++result.executions) {
    machine.observe(&explorer);
    const machine::Outcome& outcome = machine.run(program->file.trace, explorer);
    machine.observe(nullptr);
    const bool judged = explorer.end_run(outcome);
    if (judged && outcome.kind == machine::Outcome::Kind::kViolation) {
      const bool same = outcome.violation.clause == broken.violation.clause;
      if (same || !found) {
        result.signature = tool::signature(program->file.trace, outcome.violation);
        result.same_clause = same;
        found = tool::with_schedule(program->file.trace, outcome);
      }
    }
    more = explorer.next_run();
  }
  result.complete = !more;
  result.state = FoundTrace::State::kNone;
  if (found) {
    found->names = machine::complete_names(found->trace, program->file.names);
    if (tool::describe(
            machine, hooked,
            {"step", "", fmt::format("of {}, {}", broken.nesting.scene->name, name_of(broken.nesting))},
            *found)) {
      result.state = FoundTrace::State::kFound;
      result.path = tool::save(findings, result.signature, *found).value_or("");
      result.report =
          tool::report(machine, hooked, *found, result.path.empty() ? "(not saved)" : result.path, false);
    }
  }
  return result;
}

}  // namespace labyrinth::step
