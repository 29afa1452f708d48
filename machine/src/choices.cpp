// What a strategy may choose at a point, by the context rules of the model.
#include <bit>

#include "core.hpp"

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

}  // namespace labyrinth::machine
