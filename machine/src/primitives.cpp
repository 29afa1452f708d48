// labyrinth/machine/machine.h: masks, locks and questions of a target, as facts of the schedule.
#include "access.hpp"
#include "hooks.hpp"
#include "labyrinth/machine/machine.h"
#include "lock_words.hpp"

using namespace labyrinth::machine;

namespace {

static_assert(LABYRINTH_MACHINE_CONTEXTS == kMaxContexts + 3 * kMaxCpus);

[[nodiscard]] Cpu& own_cpu() noexcept { return core.cpus[core.now->cpu]; }

void mask(std::uint8_t& depth) noexcept {
  ++depth;
  core.tell_mask();
}

void unmask(std::uint8_t& depth) noexcept {
  if (depth == 0) return;
  --depth;
  core.tell_mask();
}

/// Takes the lock if it is free; without a point, so the caller has just made one.
[[nodiscard]] bool take(labyrinth_machine_spinlock* lock) noexcept {
  if (lock->held != 0) return false;
  put(lock->held, held_by_me(), kAcquireOrder);
  mask(own_cpu().preempt_off);
  return true;
}

}  // namespace

extern "C" {

uint32_t labyrinth_machine_cpu(void) { return core.active() ? core.now->cpu : 0; }

uint32_t labyrinth_machine_level(void) { return core.active() ? static_cast<uint32_t>(core.now->level) : 0; }

uint32_t labyrinth_machine_context(void) {
  if (!core.active()) return 0;
  const Running& me = *core.now;
  if (me.level == labyrinth::model::Level::kTask) return me.index;
  return kMaxContexts + me.cpu * 3U + static_cast<uint32_t>(me.level) - 1;
}

bool labyrinth_machine_may_sleep(void) {
  return !core.active() || labyrinth::model::may_sleep(core.situation());
}

bool labyrinth_machine_irq_save(void) {
  if (!core.active()) return true;
  mask(own_cpu().irq_off);
  return own_cpu().irq_off == 1;
}

void labyrinth_machine_irq_restore(bool) {
  if (core.active()) unmask(own_cpu().irq_off);
}

void labyrinth_machine_bh_disable(void) {
  if (core.active()) mask(own_cpu().bh_off);
}

void labyrinth_machine_bh_enable(void) {
  if (core.active()) unmask(own_cpu().bh_off);
}

void labyrinth_machine_preempt_disable(void) {
  if (core.active()) mask(own_cpu().preempt_off);
}

void labyrinth_machine_preempt_enable(void) {
  if (core.active()) unmask(own_cpu().preempt_off);
}

void labyrinth_machine_spin_lock(struct labyrinth_machine_spinlock* lock) {
  if (!core.active()) {
    lock->held = 1;
    return;
  }
  look(lock->held, kAcquireOrder);
  while (!take(lock)) {
    core.wait_for(lock->held);
    look(lock->held, kAcquireOrder);
  }
}

bool labyrinth_machine_spin_trylock(struct labyrinth_machine_spinlock* lock) {
  if (!core.active()) {
    const bool free = lock->held == 0;
    lock->held = 1;
    return free;
  }
  look(lock->held, kAcquireOrder);
  return take(lock);
}

void labyrinth_machine_spin_unlock(struct labyrinth_machine_spinlock* lock) {
  if (!core.active()) {
    lock->held = 0;
    return;
  }
  look(lock->held, kReleaseOrder);
  put(lock->held, 0, kReleaseOrder);
  unmask(own_cpu().preempt_off);
}

void labyrinth_machine_sleep(void) {
  if (!core.active()) return;
  if (!labyrinth::model::may_sleep(core.situation())) {
    core.fail({.clause = labyrinth::model::Clause::C1, .reason = "sleeps where sleeping is not permitted"});
  }
  if (core.now->may_not_sleep) {
    core.fail({.clause = labyrinth::model::Clause::N1, .reason = "a call that may not sleep sleeps"});
  }
}

}  // extern "C"
