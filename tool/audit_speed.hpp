// Speed of both sides, alternating, so that whatever else the processor does slows both.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "audit_pair.hpp"

namespace labyrinth::tool {

struct SpeedRatio {
  std::array<double, 2> per_second{};  ///< Calls; medians.
  double median = 1;                   ///< Of NEW's time by OLD's, pair by pair.
  /// The median of other pairs like these lies in there with 95 %.
  double low = 1, high = 1;
  std::size_t pairs = 0;
};

/// Runs the programs, in the order of their calls, on one side and the other in turn; in this process. Both
/// sides are clean on them.
[[nodiscard]] SpeedRatio compare_speed(AuditPair& plain, const std::vector<machine::Trace>& programs,
                                       double seconds);

/// "no difference seen", "12 % slower", …
[[nodiscard]] std::string words_of(const SpeedRatio& speed);

}  // namespace labyrinth::tool
