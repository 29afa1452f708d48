// labyrinth/machine/machine.h: the sleeping side.
#include <utility>

#include "labyrinth/machine/machine.h"
#include "program.hpp"

using namespace labyrinth::machine;

extern "C" {

uint64_t labyrinth_machine_shrink(uint64_t frames) { return core.active() ? program.shrink(frames) : 0; }

bool labyrinth_machine_set_reclaiming(bool reclaiming) {
  if (!core.active()) return false;
  if (reclaiming) program.may_sleep_here("enters reclaim where sleeping is not permitted");
  return std::exchange(core.now->reclaiming, reclaiming);
}

void labyrinth_machine_wake(void) {
  if (core.active()) program.wake();
}

void labyrinth_machine_wait(void) {
  if (core.active()) program.wait();
}

}  // extern "C"
