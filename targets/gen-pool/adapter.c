/* Linux's lock-free pool of special memory, lib/genalloc.c, as a target: each bit of its map is a frame. */
#include <linux/genalloc.h>

#include "labyrinth/machine/target.h"

enum { FRAME_ORDER = 12 };

/* Addresses that nobody reads or writes; none of them is 0, which means "none". */
static const unsigned long FIRST_ADDRESS = 1ul << 60;

struct state {
  struct gen_pool* pool;
};

static size_t state_size(const struct labyrinth_target_geometry* geometry) {
  (void)geometry;
  return sizeof(struct state);
}

static void* create(const struct labyrinth_target_geometry* geometry, void* memory, void* frames) {
  struct state* state = memory;
  (void)frames;
  state->pool = gen_pool_create(FRAME_ORDER, -1);
  if (state->pool == NULL) return NULL;
  const unsigned long address = FIRST_ADDRESS + (geometry->first_pfn << FRAME_ORDER);
  return gen_pool_add(state->pool, address, geometry->frames << FRAME_ORDER, -1) == 0 ? state : NULL;
}

static void alloc(void* self, uint32_t gfp, uint32_t order, struct labyrinth_target_answer* answer) {
  struct state* state = self;
  (void)gfp;
  const size_t bytes = (size_t)1 << (FRAME_ORDER + order);
  struct genpool_data_align aligned = {.align = (int)bytes};
  const unsigned long address = gen_pool_alloc_algo(state->pool, bytes, gen_pool_first_fit_align, &aligned);
  answer->status = address != 0 ? LABYRINTH_TARGET_OK : LABYRINTH_TARGET_EXHAUSTED;
  answer->pfn = (address - FIRST_ADDRESS) >> FRAME_ORDER;
}

static void give_back(void* self, uint64_t pfn, uint32_t order, struct labyrinth_target_answer* answer) {
  struct state* state = self;
  gen_pool_free(state->pool, FIRST_ADDRESS + (pfn << FRAME_ORDER), (size_t)1 << (FRAME_ORDER + order));
  answer->status = LABYRINTH_TARGET_OK;
}

static const struct labyrinth_target table = {
    .abi = LABYRINTH_TARGET_ABI,
    .name = "gen-pool",
    .description = "Linux's lock-free pool of special memory, lib/genalloc.c",
    .can = LABYRINTH_TARGET_CAN_ORDERS | LABYRINTH_TARGET_CAN_NMI,
    .state_size = state_size,
    .create = create,
    .alloc = alloc,
    .free = give_back};

const struct labyrinth_target* labyrinth_target_entry(void) { return &table; }
