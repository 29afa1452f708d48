// A target for native_test.sh that is right for the first thousand allocations, and then ends the process,
// crashes, hangs, gives out what is somebody's, leaves the memory, or loses a block, as $LABYRINTH_RUDE says
// (else it stays right).
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>

#include "labyrinth/machine/target.h"

namespace {

std::uintptr_t volatile nowhere = 4096;

struct State {
  std::uint64_t first_pfn;
  std::uint64_t frames;
  std::string_view manners;
  std::atomic<std::uint64_t> calls;
  std::atomic<bool> taken[96];
};

/// True if the answer is no longer to be the right one.
bool is_rude(const State& state, labyrinth_target_answer* answer) {
  if (state.manners == "exit") std::exit(3);
  if (state.manners == "crash") *reinterpret_cast<std::uint64_t*>(nowhere) = 1;
  while (state.manners == "hang") asm volatile("");
  if (state.manners == "twice") *answer = {LABYRINTH_TARGET_OK, 0, state.first_pfn};
  if (state.manners == "outside") *answer = {LABYRINTH_TARGET_OK, 0, state.first_pfn + state.frames};
  return state.manners == "twice" || state.manners == "outside";
}

void alloc(void* self, std::uint32_t, std::uint32_t, labyrinth_target_answer* answer) {
  auto& state = *static_cast<State*>(self);
  const std::uint64_t call = state.calls.fetch_add(1);
  if (call > 1000 && is_rude(state, answer)) return;
  for (std::uint64_t i = 0; i < state.frames; ++i) {
    if (state.taken[i].exchange(true)) continue;
    *answer = {LABYRINTH_TARGET_OK, 0, state.first_pfn + i};
    return;
  }
  answer->status = LABYRINTH_TARGET_EXHAUSTED;
}

void free(void* self, std::uint64_t pfn, std::uint32_t, labyrinth_target_answer* answer) {
  auto& state = *static_cast<State*>(self);
  const bool loses = state.manners == "lose" && state.calls > 1000;
  if (!loses) state.taken[pfn - state.first_pfn].store(false);
  answer->status = LABYRINTH_TARGET_OK;
}

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  return geometry->frames <= 96 ? sizeof(State) : 0;
}

void* create(const labyrinth_target_geometry* geometry, void* memory, void*) {
  const char* const manners = std::getenv("LABYRINTH_RUDE");
  return ::new (memory)
      State{geometry->first_pfn, geometry->frames, manners == nullptr ? "" : manners, 0, {}};
}

constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "rude",
                                  .description = "Right at first",
                                  .can = 0,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc,
                                  .free = free};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
