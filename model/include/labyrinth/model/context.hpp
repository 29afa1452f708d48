// Context rules: where sleeping is permitted (C1), and what may interrupt what (N4).
#pragma once

#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

/// Everything about the place a call is made from that decides whether it may sleep.
struct Situation {
  Level level = Level::kTask;
  bool interrupts_off = false;
  bool bottom_halves_off = false;
  bool preemption_off = false;  ///< Also while a spinlock is held (Linux: preempt_count() != 0).
};

/// C1. Linux: include/linux/preempt.h, in_atomic() || irqs_disabled().
[[nodiscard]] constexpr bool may_sleep(const Situation& situation) noexcept {
  return situation.level == Level::kTask && !situation.interrupts_off && !situation.bottom_halves_off &&
         !situation.preemption_off;
}

/// N4. Whether a handler of `arriving` may start on a CPU in this situation. An NMI is held back by nothing
/// but another NMI; turning hardirqs off holds softirqs back too, since those run on the way out of an
/// interrupt.
[[nodiscard]] constexpr bool may_interrupt(Level arriving, const Situation& running) noexcept {
  if (arriving <= running.level) return false;
  switch (arriving) {
    case Level::kTask:
      return false;
    case Level::kSoftirq:
      return !running.interrupts_off && !running.bottom_halves_off;
    case Level::kHardirq:
      return !running.interrupts_off;
    case Level::kNmi:
      return true;
  }
  return false;
}

/// Whether the scheduler may take the CPU from the running task here.
[[nodiscard]] constexpr bool may_preempt(const Situation& situation) noexcept { return may_sleep(situation); }

}  // namespace labyrinth::model
