// A target for corpus_test.sh that takes the whole process with it: by a wild pointer at order 3, by never
// coming back at order 4. Whatever else it is asked it refuses, which is wrong.
#include <cstddef>
#include <cstdint>

#include "labyrinth/machine/target.h"

namespace {

std::uintptr_t volatile nowhere = 4096;  // not null, which the machine's own sanitizers would notice first

void alloc(void*, std::uint32_t, std::uint32_t order, labyrinth_target_answer* answer) {
  if (order == 3) *reinterpret_cast<std::uint64_t*>(nowhere) = 1;
  // Without an access the machine sees no step that it could count.
  while (order == 4) asm volatile("");
  *answer = {LABYRINTH_TARGET_BAD_ARGUMENT, 0, 0};
}

void free(void*, std::uint64_t, std::uint32_t, labyrinth_target_answer* answer) {
  *answer = {LABYRINTH_TARGET_BAD_ARGUMENT, 0, 0};
}

std::size_t state_size(const labyrinth_target_geometry*) { return 64; }

void* create(const labyrinth_target_geometry*, void* state, void*) { return state; }

constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "fatal",
                                  .description = "Kills the process",
                                  .can = LABYRINTH_TARGET_CAN_ALL,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc,
                                  .free = free};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
