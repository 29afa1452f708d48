// Pairs of batches, the ratio of each, and the median of those.
#include "audit_speed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace labyrinth::tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPairs = 61;
/// Less than that two copies of one build differ by, for where they lie in memory.
constexpr double kSmallest = 0.02;

[[nodiscard]] double middle(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

/// Seconds that all programs take so many times over.
[[nodiscard]] double batch(AuditPair& pair, Which side, const std::vector<machine::Trace>& programs,
                           std::uint64_t times) {
  machine::GoOn in_order;
  machine::Machine& machine = pair.machine(side);
  const auto begin = Clock::now();
  for (std::uint64_t i = 0; i < times; ++i)
    for (const machine::Trace& program : programs) static_cast<void>(machine.run(program, in_order));
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

SpeedRatio compare_speed(AuditPair& plain, const std::vector<machine::Trace>& programs, double seconds) {
  std::uint64_t calls = 0;
  for (const machine::Trace& program : programs) calls += program.call_count;
  // The first batches make the targets, and say how many make a good one.
  const double once = (batch(plain, Which::kOld, programs, 1) + batch(plain, Which::kNew, programs, 1)) / 2;
  const double wanted = seconds / (2.0 * kPairs);
  const auto times = static_cast<std::uint64_t>(std::clamp(wanted / std::max(once, 1e-7), 1.0, 1e6));
  std::vector<double> ratios;
  std::array<std::vector<double>, 2> rates;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < kPairs; ++i) {
    // Each one is first as often as the other.
    const std::array order = i % 2 == 0 ? kSides : std::array{Which::kNew, Which::kOld};
    std::array<double, 2> took{};
    for (const Which side : order) {
      took.at(index(side)) = batch(plain, side, programs, times);
      rates.at(index(side)).push_back(static_cast<double>(calls * times) / took.at(index(side)));
    }
    ratios.push_back(took[1] / took[0]);
    if (std::chrono::duration<double>(Clock::now() - begin).count() > 3 * seconds) break;
  }
  std::ranges::sort(ratios);
  // Order statistics, as of the sign test: the normal approximation of the binomial distribution.
  const auto n = static_cast<double>(ratios.size());
  const double half = 0.98 * std::sqrt(n);
  const auto low = static_cast<std::size_t>(std::max(0.0, std::floor(n / 2 - half)));
  const std::size_t high = ratios.size() - 1 - low;
  return {{middle(rates[0]), middle(rates[1])}, middle(ratios), ratios[low], ratios[high], ratios.size()};
}

std::string words_of(const SpeedRatio& speed) {
  const bool within = speed.low <= 1 && speed.high >= 1;
  if (within || std::abs(speed.median - 1) < kSmallest) return "no difference seen";
  return speed.median > 1 ? fmt::format("worse: {:.0f} % more time", 100 * (speed.median - 1))
                          : fmt::format("better: {:.0f} % less time", 100 * (1 - speed.median));
}

}  // namespace labyrinth::tool
