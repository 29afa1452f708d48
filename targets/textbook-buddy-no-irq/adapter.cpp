// The textbook's buddy allocator with a spinlock that is taken with interrupts on: wrong, since a handler may
// come while it is held.
#include "../textbook-buddy/target.hpp"
#include "labyrinth/machine/machine.h"

namespace {

struct Lock {
  labyrinth_machine_spinlock spinlock;

  static void lock(void* self) { labyrinth_machine_spin_lock(&static_cast<Lock*>(self)->spinlock); }
  static void unlock(void* self) { labyrinth_machine_spin_unlock(&static_cast<Lock*>(self)->spinlock); }
};

constexpr labyrinth_target kTable = buddy_target::table<Lock>(
    "textbook-buddy-no-irq", "A buddy allocator under one spinlock, interrupts on: wrong, by self-deadlock");

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
