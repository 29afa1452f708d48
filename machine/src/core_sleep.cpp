// Sleeping, waking and waiting of tasks, and calls within calls: what only those need that may sleep.
#include <algorithm>
#include <bit>

#include "core.hpp"

namespace labyrinth::machine {

void count_release(Running& me) noexcept {
  if (++me.fences > kMaxFences) core.give_up("a context has made more than 1300 release fences");
  me.clock.advance(me.index);
}

void Core::lift_bound() noexcept {
  now->bound = 0;
  now->hard_stop = steps_left() + 1;
  set_stop();
}

Core::Inner Core::begin_inner(std::uint32_t bound, bool may_not_sleep) noexcept {
  Running& me = *now;
  const Inner outer{me.hard_stop, me.bound, me.bound_from, me.may_not_sleep, me.inner};
  me.bound = bound;
  me.bound_from = me.access;
  if (bound != 0) me.hard_stop = std::min(me.hard_stop, me.access + bound + 1);
  me.may_not_sleep = me.may_not_sleep || may_not_sleep;
  me.inner = true;
  set_stop();
  return outer;
}

void Core::end_inner(const Inner& outer) noexcept {
  Running& me = *now;
  me.hard_stop = outer.hard_stop;
  me.bound = outer.bound;
  me.bound_from = outer.bound_from;
  me.may_not_sleep = outer.may_not_sleep;
  me.inner = outer.inner;
  set_stop();
}

void Core::sleep_until_woken() noexcept {
  Running& me = *now;
  meet(Observer::kSleepingSide, true);
  if (!me.woken) {
    Cpu& own = cpus[me.cpu];
    own.tasks = static_cast<std::uint16_t>(own.tasks & ~(1U << me.index));
    own.running = own.top = kNoCall;
    me.asleep = true;
    const std::uint8_t next = own.tasks != 0 || own.pending != 0 ? me.cpu : runnable_cpu();
    // Nobody left to wake it: the run is over, and this fiber is never gone on with.
    next == kNoCall ? jump_to(kCaller) : switch_to_cpu(next);
  }
  me.woken = false;
  me.clock.join(wakes_);
  if (plain) order_calls();
}

void Core::wake() noexcept {
  if (!has_sleepers_) return;
  meet(Observer::kSleepingSide, true);
  wakes_.join(now->clock);
  count_release(*now);
  for (std::uint8_t i = 0; i < context_count_; ++i) {
    Running& context = contexts[i];
    context.woken = true;
    if (!context.asleep) continue;
    context.asleep = false;
    Cpu& cpu = cpus[context.cpu];
    cpu.tasks = static_cast<std::uint16_t>(cpu.tasks | 1U << i);
  }
}

std::uint16_t Core::idle_tasks() const noexcept {
  unsigned idle = 0;
  for (std::uint8_t i = 0; i < context_count_; ++i) idle |= contexts[i].waits ? 1U << i : 0U;
  return static_cast<std::uint16_t>(idle);
}

void Core::deliver_pending() noexcept {
  const Cpu& own = cpus[now->cpu];
  while (own.pending != 0) deliver(static_cast<std::uint8_t>(std::countr_zero(own.pending)));
}

/// As an idle CPU does, it takes the interrupts first that the schedule did not place.
bool Core::sleep_on(Awaited awaited) noexcept {
  if (!awaited.holds()) return true;
  Running& me = *now;
  if (cpus[me.cpu].pending != 0) {
    deliver_pending();
    if (plain) order_calls();
    return true;
  }
  me.sleeps_on = awaited;
  const unsigned others = enabled();
  if (others != 0) {
    const std::uint32_t holder = *awaited.word - 1;  // If it is a lock's.
    const bool held = holder < context_count_ && (others >> holder & 1U) != 0;
    const auto next = static_cast<std::uint8_t>(held ? static_cast<int>(holder) : std::countr_zero(others));
    const bool is_task = contexts[next].level == model::Level::kTask;
    Cpu& cpu = cpus[contexts[next].cpu];
    if (is_task && contexts[next].cpu == me.cpu) {
      switch_to_task(next);
    } else {
      // A task that sleeps makes room for one that does not.
      if (is_task && cpu.running != kNoCall && cpu.top == cpu.running &&
          contexts[cpu.running].sleeps_on.holds()) {
        cpu.running = cpu.top = next;
      }
      switch_to_cpu(contexts[next].cpu);
    }
  }
  me.sleeps_on = {};
  if (plain) order_calls();
  return others != 0;
}

/// The same for what is not known.
bool Core::wait_for_others() noexcept {
  Running& me = *now;
  meet(Observer::kSleepingSide, true);
  if (cpus[me.cpu].pending != 0) {
    deliver_pending();
    if (plain) order_calls();
    return true;
  }
  me.waits = true;
  const unsigned idle = idle_tasks();
  bool others = false;
  for (std::uint8_t i = 0; i < cpu_count_ && !others; ++i) {
    const auto number = static_cast<std::uint8_t>((me.cpu + i) % cpu_count_);
    Cpu& cpu = cpus[number];
    const unsigned busy = cpu.tasks & ~idle;
    if (busy == 0 && (cpu.tasks != 0 || !has_work(cpu))) continue;
    others = true;
    if (number == me.cpu) {
      switch_to_task(static_cast<std::uint8_t>(std::countr_zero(busy)));
    } else {
      // A task that only waits makes room for one that does not.
      if (cpu.running != kNoCall && cpu.top == cpu.running && (idle >> cpu.running & 1U) != 0) {
        cpu.running = cpu.top = static_cast<std::uint8_t>(std::countr_zero(busy));
      }
      switch_to_cpu(number);
    }
  }
  me.waits = false;
  if (plain) order_calls();
  return others;
}

}  // namespace labyrinth::machine
