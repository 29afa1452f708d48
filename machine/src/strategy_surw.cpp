// SURW: who takes the next interesting step, by how many of them each context has left.
#include <algorithm>
#include <bit>

#include "core.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/strategies.hpp"

namespace labyrinth::machine {

namespace {

template <class Do>
void each_of(unsigned contexts, Do with) noexcept {
  for (; contexts != 0; contexts &= contexts - 1) with(static_cast<std::uint8_t>(std::countr_zero(contexts)));
}

}  // namespace

Surw::Surw(std::uint64_t seed, const StepwiseOptions& options, const Estimate& estimate) noexcept
    : Stepwise(seed, options, estimate), estimate_(&estimate) {
  spend_in_one_stretch(estimate);
  for (std::uint8_t i = 0; i < kMaxContexts; ++i) left_[i] = estimate.interesting(i);
}

/// Whether what the context does next is for drawing.
bool Surw::is_held(std::uint8_t context) const noexcept {
  return has_begun(context) ? estimate_->is_interesting(coming(context)) : left_[context] != 0;
}

std::uint32_t Surw::weight(std::uint8_t context) const noexcept {
  if (core.contexts[context].finished) return 0;
  return left_[context] == 0 && is_held(context) ? 1 : left_[context];
}

std::uint8_t Surw::by_weight(std::uint16_t contexts) noexcept {
  std::uint32_t sum = 0;
  each_of(contexts, [&](std::uint8_t context) { sum += weight(context); });
  if (sum == 0) return kNobody;
  std::uint32_t drawn = random_below(state_, sum);
  std::uint8_t chosen = kNobody;
  each_of(contexts, [&](std::uint8_t context) {
    if (chosen != kNobody) return;
    if (drawn < weight(context)) chosen = context;
    drawn -= weight(context);
  });
  return chosen;
}

/// A block of a handler's steps has as many places as there are steps left below it, and one more.
std::uint8_t Surw::handler_to_begin(std::uint16_t enabled, std::uint8_t cpu) noexcept {
  std::array<std::uint32_t, model::kLevels> blocks{};
  std::array<std::uint32_t, model::kLevels> steps{};
  std::array<std::uint8_t, model::kLevels> first{};
  first.fill(kNobody);
  for (std::uint8_t i = 0; i < core.context_count(); ++i) {
    const Running& context = core.contexts[i];
    const auto level = static_cast<std::size_t>(context.level);
    if (context.cpu != cpu) continue;
    steps[level] += weight(i);
    if (has_begun(i) || weight(i) == 0) continue;
    ++blocks[level];
    if ((enabled >> i & 1U) != 0) first[level] = i;
  }
  for (std::size_t level = model::kLevels - 1; level != 0; --level) {
    if (first[level] == kNobody) continue;
    std::uint32_t below = 0;
    for (std::size_t lower = 0; lower < level; ++lower) below += steps[lower];
    if (random_below(state_, blocks[level] + below) < blocks[level]) return first[level];
  }
  return kNobody;
}

std::uint8_t Surw::intend(std::uint16_t enabled) noexcept {
  // The CPU by all that is left for it to do, whoever of it can do something now.
  unsigned can = 0;
  each_of(enabled, [&](std::uint8_t context) {
    if (weight(context) != 0) can |= 1U << core.contexts[context].cpu;
  });
  std::uint16_t of_these = 0;
  for (std::uint8_t i = 0; i < core.context_count(); ++i) {
    if ((can >> core.contexts[i].cpu & 1U) != 0) of_these = static_cast<std::uint16_t>(of_these | 1U << i);
  }
  const std::uint8_t drawn = by_weight(of_these);
  if (drawn == kNobody) return kNobody;
  const std::uint8_t cpu = core.contexts[drawn].cpu;
  const std::uint8_t handler = handler_to_begin(enabled, cpu);
  if (handler != kNobody) return handler;
  unsigned begun = 0;
  unsigned all = 0;
  each_of(enabled, [&](std::uint8_t context) {
    if (core.contexts[context].cpu != cpu) return;
    all |= 1U << context;
    if (has_begun(context)) begun |= 1U << context;
  });
  const std::uint8_t task = by_weight(static_cast<std::uint16_t>(begun));
  return task != kNobody ? task : by_weight(static_cast<std::uint16_t>(all));
}

std::uint8_t Surw::decide(std::uint16_t enabled, const Point&) noexcept {
  if (intended_ == kNobody || (enabled >> intended_ & 1U) == 0) intended_ = intend(enabled);
  unsigned free = 0;
  each_of(enabled, [&](std::uint8_t context) {
    if (context == intended_ || !is_held(context)) free |= 1U << context;
  });
  return one_of(free == 0 ? enabled : static_cast<std::uint16_t>(free));
}

void Surw::on_step(std::uint8_t context) noexcept {
  if (!has_begun(context) || !is_held(context)) return;
  if (left_[context] != 0) --left_[context];
  if (context == intended_) intended_ = kNobody;
}

}  // namespace labyrinth::machine
