/* A bitmap of up to 64 frames in one word: the least that is an allocator. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "labyrinth/machine/target.h"

struct tiny {
  uint64_t first_pfn;
  uint64_t frames; /* Bit per frame that there is. */
  _Atomic uint64_t taken;
};

static size_t state_size(const struct labyrinth_target_geometry* geometry) {
  return geometry->frames <= 64 ? sizeof(struct tiny) : 0;
}

static void* create(const struct labyrinth_target_geometry* geometry, void* state, void* frames) {
  struct tiny* tiny = state;
  (void)frames;
  tiny->first_pfn = geometry->first_pfn;
  tiny->frames = ~UINT64_C(0) >> (64 - geometry->frames);
  return tiny;
}

static void allocate(void* self, uint32_t gfp, uint32_t order, struct labyrinth_target_answer* answer) {
  struct tiny* tiny = self;
  (void)gfp;
  (void)order;
  answer->status = LABYRINTH_TARGET_EXHAUSTED;
  answer->wake = 0;
  answer->pfn = 0;
  uint64_t taken = atomic_load(&tiny->taken);
  while (taken != tiny->frames) {
    const uint64_t open = tiny->frames & ~taken;
    const int frame = __builtin_ctzll(open);
    if (!atomic_compare_exchange_strong(&tiny->taken, &taken, taken | UINT64_C(1) << frame)) continue;
    answer->status = LABYRINTH_TARGET_OK;
    answer->pfn = tiny->first_pfn + (uint64_t)frame;
    return;
  }
}

static void release(void* self, uint64_t pfn, uint32_t order, struct labyrinth_target_answer* answer) {
  struct tiny* tiny = self;
  (void)order;
  atomic_fetch_and(&tiny->taken, ~(UINT64_C(1) << (pfn - tiny->first_pfn)));
  answer->status = LABYRINTH_TARGET_OK;
}

static const struct labyrinth_target table = {.abi = LABYRINTH_TARGET_ABI,
                                              .name = "tiny",
                                              .description = "A word of frames",
                                              .state_size = state_size,
                                              .create = create,
                                              .alloc = allocate,
                                              .free = release};

const struct labyrinth_target* labyrinth_target_entry(void) { return &table; }
