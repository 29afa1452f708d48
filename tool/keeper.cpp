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
  if (outcome.violation.clause == model::Clause::N2)
    return keep_quiet(file, outcome, finding,
                      "leads to a state from which the call waits, if nobody else runs");
  if (outcome.violation.clause == model::Clause::L1)
    return keep_quiet(file, outcome, finding, "is one of those that --linearizability objects to");
  if (!describe(machine_, target_, {"explore", name}, file)) return;
  const auto path = save(options_.findings, finding, file);
  if (!options_.json)
    fmt::print("{}", report(machine_, target_, file, path.value_or("(not saved)"), options_.verbose));
}

std::string Keeper::keep_death(const machine::Journal& journal, const Death& death,
                               const std::string& name) const {
  const ToldDeath told = tell_of_death(journal, death, target_, options_, {"explore", name});
  if (!options_.json) fmt::print("{}", told.text);
  return told.signature;
}

/// What breaks nothing when it is replayed: there others run, and only the online rules judge.
void Keeper::keep_quiet(machine::TraceFile& file, const machine::Outcome& outcome, const std::string& finding,
                        const char* schedule) {
  file.comment = fmt::format("{}The schedule {}.", verdict_text(file, outcome.violation), schedule);
  const auto path = save(options_.findings, finding, file);
  if (!options_.json) fmt::print("{}\nsaved as {}\n", file.comment, path.value_or("(not saved)"));
}

}  // namespace labyrinth::tool
