// The schedules of the random engine: which strategy an execution gets, by name.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/strategies.hpp"

namespace labyrinth::tool {

enum class StrategyName : std::uint8_t { kWalk, kPct, kPos, kSurw };

[[nodiscard]] const char* name(StrategyName strategy) noexcept;
/// The walk if there is none of that name.
[[nodiscard]] StrategyName strategy_of_name(std::string_view text) noexcept;

class RandomSchedules {
 public:
  /// `depth` is PCT's.
  RandomSchedules(StrategyName name, std::uint32_t depth);

  /// The program of the runs that follow, on the target in use. Its survey is no execution, and what it ends
  /// with is not judged.
  void begin(const machine::Trace& trace);
  /// Schedule `number` of the stream that `seed` begins.
  [[nodiscard]] const machine::Outcome& run(machine::Machine& machine, const machine::Trace& trace,
                                            std::uint64_t seed, std::uint64_t number);

 private:
  StrategyName name_;
  std::uint32_t depth_;
  machine::Machine surveyor_{{.drain = false}};  ///< What is judged at the end of a run is no part of it.
  std::unique_ptr<machine::Survey> survey_;
  const machine::Estimate* estimate_ = nullptr;
};

}  // namespace labyrinth::tool
