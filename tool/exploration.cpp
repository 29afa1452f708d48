// The loop over the runs of a search.
#include "exploration.hpp"

#include <algorithm>
#include <optional>

#include "finding.hpp"

namespace labyrinth::tool {

using machine::Outcome;

void Explored::join(const Explored& other) {
  counts.executions += other.counts.executions;
  counts.redundant += other.counts.redundant;
  counts.cut += other.counts.cut;
  counts.steps += other.counts.steps;
  counts.spins += other.counts.spins;
  counts.loops += other.counts.loops;
  counts.pruned += other.counts.pruned;
  counts.deepest = std::max(counts.deepest, other.counts.deepest);
  counts.preemptions = std::max(counts.preemptions, other.counts.preemptions);
  programs += other.programs;
  refused += other.refused;
  traces += other.traces;
  steps.join(other.steps);
  runs_alone += other.runs_alone;
  steps_alone.join(other.steps_alone);
  histories.join(other.histories);
  for (const auto& [name, times] : other.found) found[name] += times;
  if (cut.empty()) cut = other.cut;
}

namespace {

/// The runs alone that the last run gives rise to. False: one does not end.
bool run_alone(machine::Machine& machine, const machine::Trace& trace, machine::Explorer& explorer,
               Explored& result, const OnViolation& on_violation) {
  bool good = true;
  while (explorer.next_alone()) {
    const Outcome& outcome = machine.run(trace, explorer);
    const machine::Explorer::Alone alone = explorer.end_alone(outcome);
    ++result.runs_alone;
    if (alone.cut) {
      result.cut = "a context that ran alone reached a limit within the run";
      continue;
    }
    const bool broken = outcome.kind == Outcome::Kind::kViolation;
    if (!broken && (alone.call >= trace.call_count || outcome.results[alone.call].slept)) continue;
    if (!broken && alone.finished) {
      result.steps_alone.count(trace.call_storage[alone.call], trace, alone.steps,
                               machine.declared_steps(trace, alone.call));
      continue;
    }
    if (!broken && alone.may_sleep) continue;
    Outcome found = outcome;
    if (!broken) {
      found.violation = {.clause = model::Clause::N2,
                         .call = alone.call,
                         .context = alone.context,
                         .reason = "with all others stopped where they are, the call does not return; steps",
                         .seen = alone.steps};
    }
    good = false;
    if (++result.found[signature(trace, found.violation)] > 1) continue;
    machine.observe(nullptr);
    on_violation(trace, found);
    machine.observe(&explorer);
  }
  return good;
}

/// L1 of the last run. What it finds breaks nothing when it is replayed, so nothing else is to be run for it.
bool is_linearizable(HistoryJudge& judge, const machine::Trace& trace, const Outcome& outcome,
                     Explored& result, const OnViolation& on_violation) {
  const machine::Violation broken = judge.judge(trace, outcome, result.histories);
  if (broken.clause == model::Clause::kNone) return true;
  if (++result.found[signature(trace, broken)] > 1) return false;
  Outcome found = outcome;
  found.violation = broken;
  on_violation(trace, found);
  return false;
}

}  // namespace

Explored explore(machine::Machine& machine, const machine::Trace& trace, machine::Explorer& explorer,
                 const ExplorationLimits& limits, const OnViolation& on_violation,
                 const OnProgress& on_progress, std::span<const std::uint64_t> stopped) {
  explorer.begin();
  Explored result;
  result.programs = 1;
  std::uint64_t runs = 0;
  std::string limit;
  std::optional<HistoryJudge> judge;
  if (limits.linearizability) judge.emplace(machine);
  bool more = stopped.empty() || !explorer.restore(stopped) || explorer.is_new() || explorer.next_run();
  machine.observe(&explorer);
  for (; more; more = explorer.next_run()) {
    const Outcome& outcome = machine.run(trace, explorer);
    if (outcome.kind == Outcome::Kind::kRefused) {
      result.refused = 1;
      break;
    }
    if (explorer.end_run(outcome)) {
      result.steps.count(machine, trace, outcome);
      if (outcome.kind == Outcome::Kind::kInconclusive && limit.empty()) limit = outcome.limit;
      if (judge && !is_linearizable(*judge, trace, outcome, result, on_violation) && !limits.keep_going) {
        result.cut = "it was stopped at a violation";
        break;
      }
    }
    // What runs alone overwrites the outcome.
    if (limits.alone && outcome.kind == Outcome::Kind::kClean) {
      if (!run_alone(machine, trace, explorer, result, on_violation) && !limits.keep_going) {
        result.cut = "it was stopped at a violation";
        break;
      }
    } else if (outcome.kind == Outcome::Kind::kViolation) {
      const bool first = ++result.found[signature(trace, outcome.violation)] == 1;
      if (first) {
        const Outcome broken = outcome;
        machine.observe(nullptr);
        on_violation(trace, broken);
        machine.observe(&explorer);
      }
      if (!limits.keep_going) {
        result.cut = "it was stopped at a violation";
        break;
      }
    }
    if (++runs % limits.look_every == 0 && !on_progress(explorer)) {
      result.cut = "it was interrupted, or its time was over";
      result.stopped = explorer.save();
      break;
    }
    if (limits.executions != 0 && explorer.counts().executions >= limits.executions) {
      if (explorer.next_run()) result.cut = "the limit on executions was reached";
      break;
    }
  }
  machine.observe(nullptr);
  result.counts = explorer.counts();
  result.traces = explorer.traces().size();
  if (result.cut.empty() && result.counts.cut != 0)
    result.cut = limit.empty() ? "runs were cut off, or touched more locations than are told apart" : limit;
  if (result.cut.empty() && explorer.misses_migrations())
    result.cut = "migrations are not tried in every order with handlers";
  if (result.cut.empty() && result.counts.loops != 0)
    result.cut = "a loop that might end by itself was not followed for more rounds (--rounds N)";
  if (result.cut.empty() && result.counts.pruned != 0) result.cut = "more preemptions were not permitted";
  return result;
}

}  // namespace labyrinth::tool
