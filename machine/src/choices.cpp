// What a strategy may choose at a point, by the context rules of the model.
#include <bit>

#include "core.hpp"
#include "modification_orders.hpp"

namespace labyrinth::machine {

std::uint16_t Core::preempting_tasks() const noexcept {
  if (!model::may_preempt(situation())) return 0;
  return static_cast<std::uint16_t>(cpus[now->cpu].tasks & ~(1U << now->index));
}

std::uint8_t Core::deliverable_levels() const noexcept {
  const model::Situation here = situation();
  unsigned levels = 0;
  for (unsigned left = cpus[now->cpu].pending; left != 0; left &= left - 1) {
    const model::Level level = contexts[static_cast<std::size_t>(std::countr_zero(left))].level;
    if (model::may_interrupt(level, here)) levels |= 1U << static_cast<unsigned>(level);
  }
  return static_cast<std::uint8_t>(levels);
}

bool Core::can_migrate(std::uint8_t cpu) const noexcept {
  if (cpu >= cpu_count_ || cpu == now->cpu || !model::may_preempt(situation())) return false;
  const Cpu& to = cpus[cpu];
  return to.top == to.running && to.irq_off + to.bh_off + to.preempt_off == 0;
}

namespace {

[[nodiscard]] bool is_blocked(const Running& context) noexcept {
  return (context.waits_on != nullptr && *context.waits_on != 0) || context.sleeps_on.holds();
}

/// Of each level, only the first handler that waits can be delivered.
[[nodiscard]] unsigned deliverable(const Cpu& cpu, const model::Situation& here) noexcept {
  unsigned handlers = 0;
  unsigned levels = 0;
  for (unsigned left = cpu.pending; left != 0; left &= left - 1) {
    const auto handler = static_cast<std::size_t>(std::countr_zero(left));
    const model::Level level = core.contexts[handler].level;
    const unsigned bit = 1U << static_cast<unsigned>(level);
    if ((levels & bit) == 0 && model::may_interrupt(level, here)) handlers |= 1U << handler;
    levels |= bit;
  }
  return handlers;
}

}  // namespace

/// An idle CPU takes its handlers in program order, but a later one of a higher level can interrupt the first
/// before that has taken a step.
std::uint16_t Core::enabled() const noexcept {
  unsigned set = 0;
  for (std::uint8_t number = 0; number < cpu_count_; ++number) {
    const Cpu& cpu = cpus[number];
    if (cpu.top == kNoCall && cpu.tasks == 0) {
      if (cpu.pending == 0) continue;
      const auto first = static_cast<std::size_t>(std::countr_zero(cpu.pending));
      set |= 1U << first;
      set |= deliverable(cpu, {contexts[first].level, false, false, false});
      continue;
    }
    const model::Level level = cpu.top == kNoCall ? model::Level::kTask : contexts[cpu.top].level;
    const model::Situation here{level, cpu.irq_off != 0, cpu.bh_off != 0, cpu.preempt_off != 0};
    unsigned runnable = cpu.top == kNoCall ? 0U : 1U << cpu.top;
    if (model::may_preempt(here)) runnable |= cpu.tasks;
    for (unsigned left = runnable; left != 0; left &= left - 1) {
      if (is_blocked(contexts[static_cast<std::size_t>(std::countr_zero(left))])) runnable &= ~(left & -left);
    }
    set |= runnable | deliverable(cpu, here);
  }
  return static_cast<std::uint16_t>(set);
}

Decision Core::towards(std::uint8_t context) const noexcept {
  using Kind = Decision::Kind;
  const Running& wanted = contexts[context];
  if (wanted.cpu != now->cpu) return {Kind::kCpu, wanted.cpu};
  if (wanted.level == model::Level::kTask) return {Kind::kTask, context};
  return {Kind::kInterrupt, static_cast<std::uint8_t>(wanted.level)};
}

std::uint16_t Point::cpus() const noexcept {
  unsigned set = 0;
  for (std::uint8_t cpu = 0; cpu < core.cpu_count(); ++cpu) set |= core.can_run(cpu) ? 1U << cpu : 0U;
  return static_cast<std::uint16_t>(set);
}

std::uint16_t Point::tasks() const noexcept { return core.preempting_tasks(); }

std::uint8_t Point::levels() const noexcept { return core.deliverable_levels(); }

std::uint16_t Point::migrate() const noexcept {
  unsigned set = 0;
  for (std::uint8_t cpu = 0; cpu < core.cpu_count(); ++cpu) set |= core.can_migrate(cpu) ? 1U << cpu : 0U;
  return static_cast<std::uint16_t>(set);
}

std::uint32_t Point::older(bool spurious) const noexcept {
  return core.rc11 ? modification_orders.choices(*core.now, spurious) : 1U;
}

bool Point::weak() const noexcept { return core.now->weak; }

std::uint32_t Point::message(std::uint8_t k) const noexcept {
  return modification_orders.id(core.now->pending, k);
}

}  // namespace labyrinth::machine
