// A target for results_test.sh whose every allocation ends the process, before there is an answer to judge.
#include <cstddef>
#include <cstdint>

#include "labyrinth/machine/target.h"

namespace {

std::uintptr_t volatile nowhere = 4096;

void alloc(void*, std::uint32_t, std::uint32_t, labyrinth_target_answer*) {
  *reinterpret_cast<std::uint64_t*>(nowhere) = 1;
}

void free(void*, std::uint64_t, std::uint32_t, labyrinth_target_answer* answer) {
  *answer = {LABYRINTH_TARGET_BAD_ARGUMENT, 0, 0};
}

std::size_t state_size(const labyrinth_target_geometry*) { return 64; }

void* create(const labyrinth_target_geometry*, void* state, void*) { return state; }

constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "crashing",
                                  .description = "Crashes in each allocation",
                                  .can = 0,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc,
                                  .free = free};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
