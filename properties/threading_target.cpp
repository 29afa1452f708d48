// A target for adapters_test.sh that wants threads and signals of its own: in create() of a machine of 64
// frames, in its allocations on all others.
#include <pthread.h>
#include <signal.h>

#include <cstddef>
#include <cstdint>

#include "labyrinth/machine/target.h"

namespace {

void alloc(void*, std::uint32_t, std::uint32_t, labyrinth_target_answer* answer) {
  signal(SIGUSR1, SIG_IGN);
  *answer = {LABYRINTH_TARGET_EXHAUSTED, 0, 0};
}

void free(void*, std::uint64_t, std::uint32_t, labyrinth_target_answer* answer) {
  *answer = {LABYRINTH_TARGET_BAD_ARGUMENT, 0, 0};
}

std::size_t state_size(const labyrinth_target_geometry*) { return 64; }

void* create(const labyrinth_target_geometry* geometry, void* state, void*) {
  pthread_t thread{};
  if (geometry->frames == 2)
    static_cast<void>(pthread_create(&thread, nullptr, [](void* argument) { return argument; }, nullptr));
  return state;
}

constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "threading",
                                  .description = "Makes a thread, and handles signals",
                                  .can = 0,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc,
                                  .free = free};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
