// The textbook's buddy allocator with a spinlock, interrupts off while it is held.
#include "labyrinth/machine/machine.h"
#include "target.hpp"

namespace {

struct Lock {
  labyrinth_machine_spinlock spinlock;
  bool were_on;  // the holder's own

  static void lock(void* self) {
    auto& lock = *static_cast<Lock*>(self);
    const bool were_on = labyrinth_machine_irq_save();
    labyrinth_machine_spin_lock(&lock.spinlock);
    lock.were_on = were_on;
  }
  static void unlock(void* self) {
    auto& lock = *static_cast<Lock*>(self);
    const bool were_on = lock.were_on;
    labyrinth_machine_spin_unlock(&lock.spinlock);
    labyrinth_machine_irq_restore(were_on);
  }
};

constexpr labyrinth_target kTable =
    buddy_target::table<Lock>("textbook-buddy", "A buddy allocator under one spinlock, interrupts off");

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
