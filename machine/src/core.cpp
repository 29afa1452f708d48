// Points and switches: who runs next, and how it gets there.
#include "core.hpp"

#include <algorithm>

#include "labyrinth/machine/machine.h"
#include "modification_orders.hpp"

namespace labyrinth::machine {

constinit Core core{};

void Core::jump_to(std::uint8_t fiber) noexcept {
  const std::uint8_t from = fiber_;
  Running* const here = now;
  fiber_ = fiber;
  own_stack_ = reinterpret_cast<std::uintptr_t>(fibers_[fiber].stack);
  ++outcome_->switches;
  jump(fibers_[from], fibers_[fiber]);
  fiber_ = from;
  own_stack_ = reinterpret_cast<std::uintptr_t>(fibers_[from].stack);
  now = here;
}

std::uint8_t Core::runnable_cpu() const noexcept {
  for (std::uint8_t cpu = 0; cpu < cpu_count_; ++cpu) {
    if (has_work(cpus[cpu])) return cpu;
  }
  return kNoCall;
}

void Core::switch_to_cpu(std::uint8_t cpu) noexcept {
  Cpu& target = cpus[cpu];
  if (target.running == kNoCall && target.top == kNoCall && target.tasks != 0) {
    target.running = target.top = static_cast<std::uint8_t>(std::countr_zero(target.tasks));
  }
  if (target.running != kNoCall) {
    if (target.running != fiber_) jump_to(target.running);
    return;
  }
  const auto idle_fiber = static_cast<std::uint8_t>(kMaxContexts + cpu);
  if (target.top == kNoCall) {  // Its handlers have not begun: a fresh fiber for them.
    Fiber& fiber = fibers_[idle_fiber];
    start(fiber, fiber_main);
  }
  if (idle_fiber != fiber_) jump_to(idle_fiber);
}

void Core::switch_to_task(std::uint8_t task) noexcept {
  Cpu& cpu = cpus[now->cpu];
  cpu.running = cpu.top = task;
  jump_to(task);
}

/// An idle CPU takes the interrupts that the schedule did not place, in program order.
void Core::idle(std::uint8_t cpu) noexcept {
  while (cpus[cpu].pending != 0) deliver(static_cast<std::uint8_t>(std::countr_zero(cpus[cpu].pending)));
}

void Core::deliver(std::uint8_t handler) noexcept {
  Running* const interrupted = now;
  Running& context = contexts[handler];
  Cpu& cpu = cpus[context.cpu];
  const Cpu before = cpu;
  // NOLINTNEXTLINE(clang-analyzer-core.BitwiseShift): is_possible() has seen a pending handler of that level.
  cpu.pending = static_cast<std::uint16_t>(cpu.pending & ~(1U << handler));
  cpu.top = handler;
  now = &context;
  // Handlers of one level and one CPU are one context to the target (labyrinth_machine_context()): they run
  // one after another on one CPU, so what one did happens before the next.
  Clock& lane = lanes_[context.cpu][static_cast<std::size_t>(context.level)];
  context.clock.join(lane);
  if (observer != nullptr) observer->on_handler(handler, true);
  run_body(handler);
  lane = context.clock;
  if (observer != nullptr) observer->on_handler(handler, false);
  context.finished = true;
  if (cpu.irq_off != before.irq_off || cpu.bh_off != before.bh_off || cpu.preempt_off != before.preempt_off)
    tell_mask();
  cpu.top = before.top;
  cpu.irq_off = before.irq_off;
  cpu.bh_off = before.bh_off;
  cpu.preempt_off = before.preempt_off;
  now = interrupted;
}

std::uint8_t Core::next_pending(const Cpu& cpu, model::Level level) const noexcept {
  for (unsigned left = cpu.pending; left != 0; left &= left - 1) {
    const auto handler = static_cast<std::uint8_t>(std::countr_zero(left));
    if (contexts[handler].level == level) return handler;
  }
  return kNoCall;
}

/// Whether the decision is possible here.
bool Core::is_possible(Decision decision) const noexcept {
  using Kind = Decision::Kind;
  const auto within = [&](unsigned set) {
    return decision.argument < 16 && (set >> decision.argument & 1U) != 0;
  };
  switch (decision.kind) {
    case Kind::kGoOn:
      return true;
    case Kind::kSpurious:
      return now->weak;
    case Kind::kCpu:
      return can_run(decision.argument);
    case Kind::kTask:
      return within(preempting_tasks());
    case Kind::kInterrupt:
      return within(deliverable_levels());
    case Kind::kMigrate:
      return can_migrate(decision.argument);
    case Kind::kOlder:
      return rc11 && decision.argument <= kMostOlder &&
             (modification_orders.choices(*now, now->spurious) >> decision.argument & 1U) != 0;
  }
  return false;
}

void Core::carry_out(Decision decision, const Point& point) noexcept {
  if (outcome_->departure_count == kMaxDepartures || point.access > kMaxAccess) return;
  outcome_->departures[outcome_->departure_count++] = {point.call, static_cast<std::uint16_t>(point.access),
                                                       decision};
  if (observer != nullptr) [[unlikely]] {
    observer->on_departure(static_cast<std::uint8_t>(decision.kind), decision.argument);
  }
  using Kind = Decision::Kind;
  switch (decision.kind) {
    case Kind::kGoOn:
      break;
    case Kind::kCpu:
      switch_to_cpu(decision.argument);
      break;
    case Kind::kTask:
      switch_to_task(decision.argument);
      break;
    case Kind::kInterrupt:
      deliver(next_pending(cpus[now->cpu], static_cast<model::Level>(decision.argument)));
      break;
    case Kind::kMigrate:
      migrate(decision.argument);
      break;
    case Kind::kSpurious:
      now->spurious = true;
      break;
    case Kind::kOlder:
      now->older = decision.argument;
      break;
  }
}

void Core::migrate(std::uint8_t cpu) noexcept {
  Cpu& from = cpus[now->cpu];
  Cpu& to = cpus[cpu];
  from.tasks = static_cast<std::uint16_t>(from.tasks & ~(1U << now->index));
  from.running = from.top = kNoCall;
  to.tasks = static_cast<std::uint16_t>(to.tasks | 1U << now->index);
  to.running = to.top = now->index;
  now->cpu = cpu;
  if (migrated != nullptr) migrated(now->index, cpu);
}

void Core::ask(const Coming& coming) noexcept {
  Running& me = *now;
  do {
    const Point point{me.call, me.index, me.access, coming};
    const Choice choice = strategy_->choose(point);
    me.ask_at = choice.ask_at;
    if (choice.decision.kind == Decision::Kind::kGoOn) continue;
    if (is_possible(choice.decision)) {
      carry_out(choice.decision, point);
    } else {
      ++outcome_->unmatched;
    }
  } while (me.ask_at == me.access);
}

void Core::stop_hard() noexcept {
  const Running& me = *now;
  if (me.bound != 0 && me.access - me.bound_from > me.bound) {
    fail({.clause = model::Clause::N3,
          .reason = "the call has taken more atomic steps than the target declares for it",
          .seen = me.access - me.bound_from,
          .permitted = me.bound});
  }
  give_up("the run has taken more than 30000 atomic steps");
}

void Core::slow_point(Coming coming) noexcept {
  const Running& me = *now;
  if (me.access >= me.hard_stop) [[unlikely]]
    stop_hard();
  if (me.access == me.ask_at) ask(coming);
  set_stop();
}

}  // namespace labyrinth::machine
