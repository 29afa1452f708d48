/* A lock-free list of frames as a target, in C. */
#include "labyrinth/machine/target.h"
#include "list.h"

static size_t state_size(const struct labyrinth_target_geometry* geometry) {
  return list_size(geometry->frames);
}

static void* create(const struct labyrinth_target_geometry* geometry, void* state, void* frames) {
  (void)frames;
  list_create(state, geometry->first_pfn, geometry->frames);
  return state;
}

static void alloc(void* self, uint32_t gfp, uint32_t order, struct labyrinth_target_answer* answer) {
  (void)gfp;
  (void)order;
  answer->status = list_take(self, &answer->pfn) ? LABYRINTH_TARGET_OK : LABYRINTH_TARGET_EXHAUSTED;
}

static void give_back(void* self, uint64_t pfn, uint32_t order, struct labyrinth_target_answer* answer) {
  (void)order;
  list_put(self, pfn);
  answer->status = LABYRINTH_TARGET_OK;
}

static const struct labyrinth_target table = {
    .abi = LABYRINTH_TARGET_ABI,
    .name = "lock-free-list",
    .description = "A lock-free list of frames without a tag: wrong, by ABA",
    .can = 0,
    .state_size = state_size,
    .create = create,
    .alloc = alloc,
    .free = give_back};

const struct labyrinth_target* labyrinth_target_entry(void) { return &table; }
