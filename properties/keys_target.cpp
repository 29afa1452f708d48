// A target for adapters_test.sh that knows nothing of thread_local: the textbook's buddy allocator with a
// spinlock, whose holder keeps whether interrupts were on with pthread_setspecific().
#include <pthread.h>

#include "../targets/textbook-buddy/target.hpp"
#include "labyrinth/machine/machine.h"

namespace {

pthread_key_t were_on;
pthread_once_t once = PTHREAD_ONCE_INIT;
char yes;

struct Lock {
  labyrinth_machine_spinlock spinlock;

  static void lock(void* self) {
    const bool on = labyrinth_machine_irq_save();
    labyrinth_machine_spin_lock(&static_cast<Lock*>(self)->spinlock);
    pthread_once(&once, [] { pthread_key_create(&were_on, nullptr); });
    pthread_setspecific(were_on, on ? &yes : nullptr);
  }
  static void unlock(void* self) {
    labyrinth_machine_spin_unlock(&static_cast<Lock*>(self)->spinlock);
    labyrinth_machine_irq_restore(pthread_getspecific(were_on) != nullptr);
  }
};

constexpr labyrinth_target kTable = buddy_target::table<Lock>(
    "keys", "A buddy allocator under one spinlock, with a value by key for each thread");

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
