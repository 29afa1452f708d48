// Recording a call, then stopping it before each of its instructions.
#include "step_search.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace labyrinth::step {

using machine::Outcome;

namespace {

/// What a run came to: its end, and what its calls were answered. FNV-1a.
[[nodiscard]] std::uint64_t digest(const Outcome& outcome, const machine::Trace& trace) {
  std::uint64_t value = 14695981039346656037U;
  const auto add = [&value](std::uint64_t word) { value = (value ^ word) * 1099511628211U; };
  add(static_cast<std::uint64_t>(outcome.kind));
  if (outcome.kind == Outcome::Kind::kViolation) {
    add(static_cast<std::uint64_t>(outcome.violation.clause));
    add(outcome.violation.call);
  }
  for (std::uint8_t call = 0; call < trace.call_count; ++call) {
    const machine::CallResult& result = outcome.results[call];
    add(static_cast<std::uint64_t>(result.state));
    if (result.state != machine::CallResult::State::kAnswered) continue;
    add(result.status);
    add(result.status == 0 ? result.pfn : 0);
    add(result.wake ? 1 : 0);
  }
  return value;
}

}  // namespace

Row Search::run(const Nesting& pair, std::string& error) {
  Row row;
  row.nesting = pair;
  const auto program = program_of(pair, error);
  if (!program) return row;
  row_ = &row;
  program_ = &*program;
  chain_.forget();
  const std::vector<Stop> stops = record(0);
  const bool enters_once = stepper_.tracer().entered_once();
  std::uint64_t before = 0;
  row.alone = static_cast<std::uint32_t>(stops.size());
  for (const Stop& at : stops) {
    if (!goes_on_()) break;
    if (at.number > kLastPoint) {
      row.left_out = fmt::format("a schedule names {} of {} instructions", kLastPoint, stops.size());
      break;
    }
    const bool counts = counts_ && at.distinct;
    stop(0, at, counts, enters_once);
    ++row.points;
    row.distinct += at.distinct ? 1 : 0;
    const std::uint64_t result = digest(run_once(1), program_->file.trace);
    if (!at.distinct && result != before) {
      ++row.unclear;
      row.left_out =
          fmt::format("instruction {} makes a difference, and touches no shared memory", at.number - 1);
    }
    before = result;
    if (counts) row.nested = std::max(row.nested, stepper_.tracer().instructions(program_->calls.front()));
  }
  forget(0);
  row.declared = machine_.declared_steps(program_->file.trace, program_->calls.front());
  return row;
}

std::uint64_t Search::distinct_points(const Nesting& nesting, std::string& error) {
  Row row;
  row.nesting = nesting;
  const auto program = program_of(nesting, error);
  if (!program) return 0;
  row_ = &row;
  program_ = &*program;
  chain_.forget();
  const std::vector<Stop> stops = record(0);
  forget(0);
  return static_cast<std::uint64_t>(
      std::count_if(stops.begin(), stops.end(), [](const Stop& at) { return at.distinct; }));
}

std::vector<Row> Search::run_threes(const Nesting& pair, std::string& error) {
  std::vector<Row> rows;
  std::vector<Program> programs;
  for (std::size_t third = 0; third < pair.scene->calls.size(); ++third) {
    Row row;
    row.nesting = {pair.scene, {pair.calls[0], pair.calls[1], third}, {pair.levels[0], model::Level::kNmi}};
    auto program = program_of(row.nesting, error);
    if (!program) return rows;
    rows.push_back(std::move(row));
    programs.push_back(std::move(*program));
  }
  row_ = &rows.front();
  program_ = &programs.front();
  chain_.forget();
  const std::vector<Stop> outer = record(0);
  for (const Stop& at : outer) {
    if (!at.distinct || at.number > kLastPoint) continue;
    // What the third call is makes no difference before it begins.
    row_ = &rows.front();
    program_ = &programs.front();
    stop(0, at, false, false);
    const std::vector<Stop> inner = record(1);
    for (std::size_t third = 0; third < rows.size(); ++third) {
      row_ = &rows[third];
      program_ = &programs[third];
      row_->alone = static_cast<std::uint32_t>(outer.size());
      for (const Stop& in_handler : inner) {
        if (!in_handler.distinct || in_handler.number > kLastPoint) continue;
        if (!goes_on_()) return rows;
        stop(1, in_handler, false, false);
        ++row_->points;
        ++row_->distinct;
        static_cast<void>(run_once(2));
      }
      forget(1);
    }
    forget(0);
  }
  return rows;
}

const Outcome& Search::run_once(std::size_t stops) {
  ++runs_;
  stepper_.begin_run();
  machine_.observe(&stepper_);
  const Outcome& outcome = machine_.run(program_->file.trace, chain_);
  stepper_.end_run();
  machine_.observe(nullptr);
  judge(outcome, stops);
  return outcome;
}

void Search::judge(const Outcome& outcome, std::size_t stops) {
  if (outcome.kind == Outcome::Kind::kClean && !stepper_.tracer().missed() && outcome.unmatched == 0 &&
      outcome.departure_count == stops)
    return;
  Broken broken{row_->nesting, instructions_, addresses_, stepper_.ended_at(), outcome.violation, ""};
  if (outcome.kind == Outcome::Kind::kClean) {
    broken.limit =
        "the run did not come to an instruction that it came to before: it is not a function of target and "
        "trace";
  } else if (outcome.kind != Outcome::Kind::kViolation) {
    broken.limit = outcome.limit;
  }
  ++(broken.limit.empty() ? row_->broken : row_->unclear);
  on_broken_(broken);
}

/// The stops of the call at that depth, with those of the calls below it as they are set.
std::vector<Stop> Search::record(std::size_t depth) {
  stepper_.plan(program_->calls[depth],
                {.way = Plan::Way::kRecord, .at = {}, .counts = false, .enters_once = false});
  const Outcome& outcome = run_once(depth);
  std::vector<Stop> stops = stepper_.tracer().recorded();
  if (stops.empty() && outcome.kind == Outcome::Kind::kClean)
    row_->left_out = fmt::format("{} is left out", kind_of(*row_->nesting.scene, row_->nesting.calls[depth]));
  return stops;
}

void Search::stop(std::size_t depth, const Stop& at, bool counts, bool enters_once) {
  const std::uint8_t call = program_->calls[depth];
  instructions_.resize(depth + 1);
  addresses_.resize(depth + 1);
  instructions_[depth] = at.number;
  addresses_[depth] = at.address;
  stepper_.plan(call, {Plan::Way::kStop, at, counts, enters_once});
  chain_.stop(call, at.number, row_->nesting.levels[depth]);
}

void Search::forget(std::size_t depth) {
  const std::uint8_t call = program_->calls[depth];
  instructions_.resize(depth);
  addresses_.resize(depth);
  stepper_.plan(call, {});
  chain_.stop(call, machine::kNeverAsk, {});
}

}  // namespace labyrinth::step
