/* The allocator as Labyrinth sees it: the table in labyrinth/machine/target.h, which says what each function
 * is asked for. An allocator of your own needs another body for each of the four functions here, and `can`.
 */
#include <labyrinth/machine/target.h>

#include "allocator.h"

/* What create() returns, and every call gets. */
struct adapted {
  uint64_t first_pfn;
  struct frame_bitmap bitmap; /* last: its words follow it */
};

static size_t state_size(const struct labyrinth_target_geometry* geometry) {
  return offsetof(struct adapted, bitmap) + frame_bitmap_size(geometry->frames);
}

static void* create(const struct labyrinth_target_geometry* geometry, void* state, void* frames) {
  struct adapted* const self = state;
  (void)frames;
  self->first_pfn = geometry->first_pfn;
  frame_bitmap_init(&self->bitmap, geometry->frames);
  return self;
}

static void alloc(void* self, uint32_t gfp, uint32_t order, struct labyrinth_target_answer* answer) {
  struct adapted* const target = self;
  const uint64_t frame = frame_bitmap_alloc(&target->bitmap);
  (void)gfp;
  (void)order;
  answer->wake = 0;
  answer->status = frame == FRAME_BITMAP_NONE ? LABYRINTH_TARGET_EXHAUSTED : LABYRINTH_TARGET_OK;
  answer->pfn = frame == FRAME_BITMAP_NONE ? 0 : target->first_pfn + frame;
}

static void free_block(void* self, uint64_t pfn, uint32_t order, struct labyrinth_target_answer* answer) {
  struct adapted* const target = self;
  const bool freed = order == 0 && frame_bitmap_free(&target->bitmap, pfn - target->first_pfn);
  answer->status = freed ? LABYRINTH_TARGET_OK : LABYRINTH_TARGET_BAD_ARGUMENT;
}

/* What is left out is null, and such calls are never made. */
static const struct labyrinth_target table = {
    .abi = LABYRINTH_TARGET_ABI,
    .name = "@name@",
    .description = "A bit a frame, credits first: single frames, lock-free",
    /* What it cannot do never reaches it: blocks of several frames, zones, watermarks, ... (target.h). */
    .can = LABYRINTH_TARGET_CAN_CHECK_FREES | LABYRINTH_TARGET_CAN_TELL_WHY,
    .state_size = state_size,
    .create = create,
    .alloc = alloc,
    .free = free_block,
};

const struct labyrinth_target* labyrinth_target_entry(void) { return &table; }
