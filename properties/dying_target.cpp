// A target for deaths_test.sh: a word of frames, and right, until an allocation is entered while another one
// is under way. Then it does what LABYRINTH_TEST_DIES says: by signal, hang, exit or heap.
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>

#include "labyrinth/machine/target.h"

namespace {

struct State {
  std::uint64_t first_pfn = 0;
  std::uint64_t frames = 0;  ///< Bit per frame that there is.
  std::atomic<std::uint64_t> taken{0};
  std::atomic<std::uint32_t> inside{0};
};

std::string_view how;
std::uintptr_t volatile nowhere = 4096;  // not null, which the machine's own sanitizers would notice first

/// As a memset() in assembly: no hook sees it. The machine's own memory lies behind the target's.
void write_behind(void* state) {
  std::size_t bytes = std::size_t{64} << 20;
#if defined(__x86_64__)
  asm volatile("rep stosb" : "+D"(state), "+c"(bytes) : "a"(0x5a) : "memory");
#else
  for (auto* at = static_cast<volatile char*>(state); bytes != 0; --bytes) *at++ = 0x5a;
#endif
}

void die(State& state) {
  if (how == "signal") *reinterpret_cast<std::uint64_t*>(nowhere) = 1;
  while (how == "hang") asm volatile("");  // Without an access there is no step that could be counted.
  if (how == "exit") std::exit(3);
  if (how == "heap") write_behind(&state);
}

void alloc(void* self, std::uint32_t, std::uint32_t, labyrinth_target_answer* answer) {
  State& state = *static_cast<State*>(self);
  if (state.inside.fetch_add(1) != 0) die(state);
  *answer = {LABYRINTH_TARGET_EXHAUSTED, 0, 0};
  std::uint64_t taken = state.taken.load();
  while (taken != state.frames) {
    const int frame = std::countr_zero(state.frames & ~taken);
    if (!state.taken.compare_exchange_strong(taken, taken | std::uint64_t{1} << frame)) continue;
    *answer = {LABYRINTH_TARGET_OK, 0, state.first_pfn + static_cast<std::uint64_t>(frame)};
    break;
  }
  state.inside.fetch_sub(1);
}

void free(void* self, std::uint64_t pfn, std::uint32_t, labyrinth_target_answer* answer) {
  State& state = *static_cast<State*>(self);
  state.taken.fetch_and(~(std::uint64_t{1} << (pfn - state.first_pfn)));
  *answer = {LABYRINTH_TARGET_OK, 0, 0};
}

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  return geometry->frames <= 64 ? sizeof(State) : 0;
}

void* create(const labyrinth_target_geometry* geometry, void* state, void*) {
  auto* const made = new (state) State{};
  made->first_pfn = geometry->first_pfn;
  made->frames = ~std::uint64_t{0} >> (64 - geometry->frames);
  return made;
}

constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "dying",
                                  .description = "A word of frames that takes its process along",
                                  .can = LABYRINTH_TARGET_CAN_NMI,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc,
                                  .free = free};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() {
  const char* const said = std::getenv("LABYRINTH_TEST_DIES");
  how = said == nullptr ? "" : said;
  if (how == "loading") std::abort();
  return &kTable;
}
