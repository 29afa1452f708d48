// How a case is judged, for properties that are about single runs.
#include "finding.hpp"
#include "linearize_naive.hpp"
#include "property.hpp"

namespace labyrinth::properties {

using machine::Outcome;
using machine::Trace;

namespace {

/// Shows the runs of a machine to an observer as long as it lives.
class Watching {
 public:
  Watching(machine::Machine& machine, machine::Observer* observer) : machine_(machine) {
    machine.observe(observer);
  }
  ~Watching() { machine_.observe(nullptr); }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

 private:
  machine::Machine& machine_;
};

[[nodiscard]] std::optional<Failure> failure_of(const Trace& trace, const Outcome& outcome,
                                                const machine::Violation& violation, bool by_machine) {
  return Failure{violation, by_machine, !by_machine, tool::with_schedule(trace, outcome).trace, std::nullopt};
}

/// The verdict of the machine, if there is one; counts runs that show nothing.
[[nodiscard]] std::optional<Failure> verdict_of(Bench& bench, const Trace& trace, const Outcome& outcome) {
  if (outcome.kind == Outcome::Kind::kViolation) return failure_of(trace, outcome, outcome.violation, true);
  if (outcome.kind != Outcome::Kind::kClean) ++bench.inconclusive;
  return std::nullopt;
}

[[nodiscard]] std::uint8_t context_of(const Trace& trace, std::uint8_t call) noexcept {
  for (std::uint8_t i = 0; i < trace.context_count; ++i) {
    const machine::Context& context = trace.context_storage[i];
    if (call >= context.first_call && call < context.first_call + context.calls) return i;
  }
  return 0;
}

}  // namespace

std::optional<Failure> check_run(Bench& bench, const Trace& trace) {
  Judge* const judge = bench.judge.get();
  const Watching watching(bench.machine, judge);
  if (judge != nullptr) judge->begin(bench.machine, trace);
  machine::Replay schedule(trace);
  const Outcome& outcome = bench.machine.run(trace, schedule);
  if (auto failure = verdict_of(bench, trace, outcome)) {
    // The judge sees an answer before the machine stops at it.
    failure->by_property = judge != nullptr && judge->breach().has_value();
    return failure;
  }
  if (judge == nullptr) return std::nullopt;
  if (outcome.kind == Outcome::Kind::kClean) judge->finish(outcome);
  if (!judge->breach()) return std::nullopt;
  const Breach& breach = *judge->breach();
  return failure_of(trace, outcome,
                    {.call = breach.call,
                     .context = context_of(trace, breach.call),
                     .reason = breach.reason,
                     .seen = breach.seen,
                     .permitted = breach.permitted},
                    false);
}

std::optional<Failure> check_alone(Bench& bench, const Trace& trace) {
  machine::Explorer& explorer = bench.explorer;
  const Watching watching(bench.machine, &explorer);
  explorer.begin();
  // The runs that an exhaustive search begins with; all of them is what `labyrinth explore --alone` is for.
  int runs = 2;
  do {
    const Outcome& outcome = bench.machine.run(trace, explorer);
    if (!explorer.end_run(outcome)) continue;
    if (auto failure = verdict_of(bench, trace, outcome)) return failure;
    if (outcome.kind != Outcome::Kind::kClean) return std::nullopt;
    while (explorer.next_alone()) {
      const Outcome& there = bench.machine.run(trace, explorer);
      const machine::Explorer::Alone alone = explorer.end_alone(there);
      if (there.kind == Outcome::Kind::kViolation) {
        machine::Violation found = there.violation;
        const bool spins = found.clause == model::Clause::N3 && found.context == alone.context;
        if (spins) found.clause = model::Clause::N2;  // Nobody else took a step in that time.
        return failure_of(trace, there, found, !spins);
      }
      if (alone.cut || alone.finished || alone.may_sleep || alone.call >= trace.call_count) continue;
      if (there.results[alone.call].slept) continue;
      return failure_of(trace, there,
                        {.clause = model::Clause::N2,
                         .call = alone.call,
                         .context = alone.context,
                         .reason = "with all others stopped where they are, the call does not return; steps",
                         .seen = alone.steps},
                        false);
    }
  } while (--runs != 0 && explorer.next_run());
  return std::nullopt;
}

std::optional<Failure> check_history(Bench& bench, const Trace& trace) {
  constexpr std::size_t kShort = 6;  // Operations whose every order is tried.
  bench.machine.record(&bench.history);
  machine::Replay schedule(trace);
  const Outcome& outcome = bench.machine.run(trace, schedule);
  bench.machine.record(nullptr);
  const auto verdict = verdict_of(bench, trace, outcome);
  const bool whole = outcome.kind == Outcome::Kind::kClean || outcome.kind == Outcome::Kind::kViolation;
  if (!whole || bench.history.why_not() != nullptr) return verdict;
  const auto at = [&](std::uint8_t operation) { return bench.history.operations()[operation]; };
  if (bench.history.operations().size() <= kShort &&
      !machine::testing::NaiveOwners(bench.history).explains()) {
    return failure_of(trace, outcome,
                      {.clause = model::Clause::L1,
                       .call = at(0).call,
                       .context = at(0).context,
                       .reason = "no order of the calls explains who owns what; of all orders, calls",
                       .seen = static_cast<std::int64_t>(bench.history.operations().size())},
                      false);
  }
  const machine::Linearizer::Result result = bench.linearizer.judge(bench.history);
  if (result.verdict != machine::Linearizer::Verdict::kUnexplained) return verdict;
  return failure_of(trace, outcome,
                    {.clause = model::Clause::L1,
                     .call = at(result.operation).call,
                     .context = at(result.operation).context,
                     .reason = result.reason,
                     .seen = at(result.operation).rank,
                     .permitted = bench.history.answers()},
                    false);
}

}  // namespace labyrinth::properties
