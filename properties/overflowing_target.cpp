// A target for harness_test.sh that writes one byte behind its state: only a sanitizer can tell.
#include <cstddef>
#include <cstdint>

#include "labyrinth/machine/target.h"

namespace {

struct State {
  volatile unsigned char bytes[64];
};

std::size_t state_size(const labyrinth_target_geometry*) { return sizeof(State); }
void* create(const labyrinth_target_geometry*, void* state, void*) { return state; }

void alloc(void* self, std::uint32_t, std::uint32_t, labyrinth_target_answer* answer) {
  static_cast<volatile unsigned char*>(self)[sizeof(State)] = 1;
  answer->status = LABYRINTH_TARGET_CONTENDED;
}
void free(void*, std::uint64_t, std::uint32_t, labyrinth_target_answer* answer) {
  answer->status = LABYRINTH_TARGET_BAD_ARGUMENT;
}

constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "overflowing",
                                  .description = "Writes behind its state",
                                  .can = LABYRINTH_TARGET_CAN_ALL,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc,
                                  .free = free};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
