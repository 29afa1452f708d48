// Recording a call, then stopping it before each of its instructions.
#include "step_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace labyrinth::step {

using machine::Outcome;

Row Search::run(const Nesting& nesting, const OnBroken& on_broken, const std::function<bool()>& goes_on,
                std::string& error) {
  row_ = {};
  row_.nesting = nesting;
  instructions_.clear();
  addresses_.clear();
  on_broken_ = &on_broken;
  goes_on_ = &goes_on;
  chain_.forget();
  auto program = program_of(nesting, error);
  if (!program) return row_;
  program_ = std::move(*program);
  explore(0);
  row_.declared = machine_.declared_steps(program_.file.trace, program_.calls.front());
  return row_;
}

const Outcome& Search::run_once(std::size_t stops) {
  ++runs_;
  stepper_.begin_run();
  machine_.observe(&stepper_);
  const Outcome& outcome = machine_.run(program_.file.trace, chain_);
  stepper_.end_run();
  machine_.observe(nullptr);
  judge(outcome, stops);
  return outcome;
}

void Search::judge(const Outcome& outcome, std::size_t stops) {
  Broken broken{row_.nesting, instructions_, addresses_, stepper_.ended_at(), outcome.violation, ""};
  if (outcome.kind == Outcome::Kind::kClean) {
    if (!stepper_.missed() && outcome.unmatched == 0 && outcome.departure_count == stops) return;
    broken.limit = "the run did not come to an instruction that it came to before: it is not a function of target and trace";
  } else if (outcome.kind != Outcome::Kind::kViolation) {
    broken.limit = outcome.limit;
  }
  ++(broken.limit.empty() ? row_.broken : row_.unclear);
  (*on_broken_)(broken);
}

/// The stops of the call at that depth, with those of the calls below it as they are set.
std::vector<Stop> Search::record(std::size_t depth) {
  const std::uint8_t call = program_.calls[depth];
  stepper_.plan(call, {.way = Plan::Way::kRecord});
  chain_.stop(call, machine::kNeverAsk, {});
  const Outcome& outcome = run_once(depth);
  std::vector<Stop> stops;
  stops.reserve(stepper_.recorded().size());
  std::unordered_map<std::uintptr_t, std::uint32_t> occurrences;
  for (const std::uintptr_t address : stepper_.recorded()) stops.push_back({address, ++occurrences[address]});
  if (depth == 0) row_.alone = static_cast<std::uint32_t>(stops.size());
  if (stops.empty() && outcome.kind == Outcome::Kind::kClean)
    row_.left_out = fmt::format("{} is left out", kind_of(*row_.nesting.scene, row_.nesting.calls[depth]));
  return stops;
}

void Search::explore(std::size_t depth) {
  std::vector<Stop> stops = record(depth);
  if (stops.size() > kLastPoint) {
    row_.left_out = fmt::format("a schedule names {} of {} instructions", kLastPoint, stops.size());
    stops.resize(kLastPoint);
  }
  const std::uint8_t call = program_.calls[depth];
  const bool innermost = depth + 2 == program_.calls.size();
  instructions_.push_back(0);
  addresses_.push_back(0);
  for (std::size_t i = 0; i < stops.size() && (*goes_on_)(); ++i) {
    const auto instruction = static_cast<std::uint32_t>(i + 1);
    instructions_.back() = instruction;
    addresses_.back() = stops[i].address;
    stepper_.plan(call, {Plan::Way::kStop, stops[i], instruction, counts_ && depth == 0});
    chain_.stop(call, instruction, row_.nesting.levels[depth]);
    if (!innermost) {
      explore(depth + 1);
      continue;
    }
    ++row_.points;
    static_cast<void>(run_once(depth + 1));
    row_.nested = std::max(row_.nested, counts_ ? stepper_.instructions(program_.calls.front()) : 0);
  }
  instructions_.pop_back();
  addresses_.pop_back();
  stepper_.plan(call, {});
  chain_.stop(call, machine::kNeverAsk, {});
}

}  // namespace labyrinth::step
