// The schedules of the random engine.
#include "random_schedule.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace labyrinth::tool {

namespace {

constexpr std::array<const char*, 4> kNames{"walk", "pct", "pos", "surw"};  // By StrategyName.

}  // namespace

const char* name(StrategyName strategy) noexcept { return kNames[static_cast<std::size_t>(strategy)]; }

StrategyName strategy_of_name(std::string_view text) noexcept {
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  return found == kNames.end() ? StrategyName::kWalk
                               : static_cast<StrategyName>(std::distance(kNames.begin(), found));
}

RandomSchedules::RandomSchedules(StrategyName name, std::uint32_t depth) : name_(name), depth_(depth) {
  if (name != StrategyName::kWalk) survey_ = std::make_unique<machine::Survey>(name == StrategyName::kSurw);
}

void RandomSchedules::begin(const machine::Trace& trace) {
  if (survey_ == nullptr) return;
  survey_->reset();
  estimate_ = &survey_->finish(surveyor_.run(trace, *survey_));
}

const machine::Outcome& RandomSchedules::run(machine::Machine& machine, const machine::Trace& trace,
                                             std::uint64_t seed, std::uint64_t number) {
  const std::uint64_t mixed = seed ^ (number << 20);
  const machine::StepwiseOptions options{.migrates = number % 8 == 7};
  switch (name_) {
    case StrategyName::kPct: {
      machine::Pct strategy(mixed, options, *estimate_, depth_);
      return machine.run(trace, strategy);
    }
    case StrategyName::kPos: {
      machine::Pos strategy(mixed, options, *estimate_);
      return machine.run(trace, strategy);
    }
    case StrategyName::kSurw: {
      machine::Surw strategy(mixed, options, *estimate_);
      return machine.run(trace, strategy);
    }
    case StrategyName::kWalk:
      break;
  }
  machine::RandomWalk walk(mixed, 1 + static_cast<std::uint32_t>(number % 8));
  return machine.run(trace, walk);
}

}  // namespace labyrinth::tool
