// PCT: priorities of contexts that change at a few points of a run.
#include <algorithm>
#include <bit>
#include <utility>

#include "core.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/strategies.hpp"

namespace labyrinth::machine {

Pct::Pct(std::uint64_t seed, const StepwiseOptions& options, const Estimate& estimate,
         std::uint32_t depth) noexcept
    : Stepwise(seed, options, estimate),
      change_count_(std::clamp(depth, 1U, kMaxDepth) - 1),
      patience_(2 * estimate.points() + 100) {
  // The contexts of a program are the first of all; a random order of all is one of those.
  for (std::uint32_t i = 0; i < kMaxContexts; ++i)
    priority_[i] = static_cast<std::int32_t>(change_count_ + 1 + i);
  for (std::uint32_t i = kMaxContexts - 1; i != 0; --i)
    std::swap(priority_[i], priority_[random_below(state_, i + 1)]);
  for (std::uint32_t i = 0; i < change_count_; ++i)
    changes_[i] = {1 + random_below(state_, std::max(estimate.points(), 1U)),
                   static_cast<std::int32_t>(i + 1)};
  std::sort(changes_.begin(), changes_.begin() + change_count_, [](const Change& a, const Change& b) {
    return a.at != b.at ? a.at < b.at : a.priority < b.priority;
  });
}

/// Whether the context is at a point where its priority falls; then it has.
bool Pct::change_is_due(std::uint8_t context) noexcept {
  const std::uint32_t now = number();
  bool changed = false;
  for (; next_change_ < change_count_ && changes_[next_change_].at <= now; ++next_change_) {
    priority_[context] = changes_[next_change_].priority;
    changed = true;
  }
  return changed;
}

std::uint8_t Pct::decide(std::uint16_t enabled, const Point& point) noexcept {
  static_cast<void>(change_is_due(point.context));
  if (runner_ != point.context) {
    runner_ = point.context;
    since_ = number();
  } else if (number() - since_ >= patience_) {
    priority_[point.context] = --lowest_;
    since_ = number();
  }
  for (;;) {
    auto highest = static_cast<std::uint8_t>(std::countr_zero(unsigned{enabled}));
    for (unsigned left = enabled; left != 0; left &= left - 1) {
      const auto context = static_cast<std::uint8_t>(std::countr_zero(left));
      if (priority_[context] > priority_[highest]) highest = context;
    }
    if (has_begun(highest) || (considered_ >> highest & 1U) != 0) return highest;
    considered_ = static_cast<std::uint16_t>(considered_ | 1U << highest);
    ++handlers_;
    if (!change_is_due(highest)) return highest;
  }
}

/// Nothing can take the turn of a context that is above all others before its priority changes.
std::uint32_t Pct::steps_for_sure(const Point& point) noexcept {
  for (std::uint8_t i = 0; i < core.context_count(); ++i) {
    if (!core.contexts[i].finished && priority_[i] > priority_[point.context]) return 1;
  }
  const std::uint32_t now = number();
  std::uint32_t until = since_ + patience_;
  if (next_change_ < change_count_) until = std::min(until, changes_[next_change_].at);
  return until > now ? until - now : 1;
}

}  // namespace labyrinth::machine
