// The allocator as Labyrinth sees it: the table in labyrinth/machine/target.h, which says what each function
// is asked for. An allocator of your own needs another body for each of the four functions here, and `can`.
#include <labyrinth/machine/target.h>

#include "allocator.hpp"

namespace {

/// What create() returns, and every call gets.
struct Adapted {
  std::uint64_t first_pfn;
  FrameBitmap* bitmap;
};

Adapted& adapted(void* self) { return *static_cast<Adapted*>(self); }

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  return sizeof(Adapted) + FrameBitmap::size(geometry->frames);
}

void* create(const labyrinth_target_geometry* geometry, void* state, void* /*frames*/) {
  auto* const self = static_cast<Adapted*>(state);
  *self = {geometry->first_pfn, FrameBitmap::create(geometry->frames, self + 1)};
  return self;
}

void alloc(void* self, std::uint32_t /*gfp*/, std::uint32_t /*order*/, labyrinth_target_answer* answer) {
  const std::uint64_t frame = adapted(self).bitmap->alloc();
  *answer = frame == FrameBitmap::kNone
                ? labyrinth_target_answer{LABYRINTH_TARGET_EXHAUSTED, 0, 0}
                : labyrinth_target_answer{LABYRINTH_TARGET_OK, 0, adapted(self).first_pfn + frame};
}

void free(void* self, std::uint64_t pfn, std::uint32_t order, labyrinth_target_answer* answer) {
  const bool freed = order == 0 && adapted(self).bitmap->free(pfn - adapted(self).first_pfn);
  *answer = {freed ? LABYRINTH_TARGET_OK : LABYRINTH_TARGET_BAD_ARGUMENT, 0, 0};
}

/// In the order of the struct; what is left out is null, and such calls are never made.
const labyrinth_target table = {
    .abi = LABYRINTH_TARGET_ABI,
    .name = "@name@",
    .description = "A bit a frame, credits first: single frames, lock-free",
    // What it cannot do never reaches it: blocks of several frames, zones, watermarks, ... (target.h).
    .can = LABYRINTH_TARGET_CAN_CHECK_FREES | LABYRINTH_TARGET_CAN_TELL_WHY,
    .state_size = state_size,
    .create = create,
    .alloc = alloc,
    .free = free,
};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &table; }
