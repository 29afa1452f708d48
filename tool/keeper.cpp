// Saving and reporting what exploring finds.
#include "keeper.hpp"

#include <fmt/format.h>

#include "finding.hpp"
#include "report.hpp"

namespace labyrinth::tool {

void Keeper::knows(const Resume& resume) {
  for (const auto& [finding, times] : resume.total.found) kept_.insert(finding);
  for (const auto& [program, search] : resume.shared) {
    for (const auto& [finding, times] : search.known.found) kept_.insert(finding);
  }
}

void Keeper::keep(const machine::Trace& trace, const machine::Outcome& outcome, const std::string& name) {
  const std::string finding = signature(trace, outcome.violation);
  if (!kept_.insert(finding).second) return;
  machine::TraceFile file = with_schedule(trace, outcome);
  if (outcome.violation.clause == model::Clause::N2) return keep_waiting(file, outcome, finding);
  if (!describe(machine_, target_, {"explore", name}, file)) return;
  const auto path = save(options_.findings, finding, file);
  if (!options_.json)
    fmt::print("{}", report(machine_, target_, file, path.value_or("(not saved)"), options_.verbose));
}

/// What does not return alone breaks nothing when it is replayed: there the others run.
void Keeper::keep_waiting(machine::TraceFile& file, const machine::Outcome& outcome,
                          const std::string& finding) {
  file.comment =
      fmt::format("{}The schedule leads to a state from which the call waits, if nobody else runs.",
                  verdict_text(file, outcome.violation));
  const auto path = save(options_.findings, finding, file);
  if (!options_.json) fmt::print("{}\nsaved as {}\n", file.comment, path.value_or("(not saved)"));
}

}  // namespace labyrinth::tool
