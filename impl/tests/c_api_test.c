/* The C interface from plain C11: one allocation, one free, every refusal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labyrinth/labyrinth.h"
#include "labyrinth/mapping.h"

static _Alignas(LABYRINTH_METADATA_ALIGNMENT) unsigned char metadata[1 << 16];
static int failures;

static void expect(bool holds, const char* what) {
  if (holds) return;
  ++failures;
  (void)fprintf(stderr, "c_api_test: not so: %s\n", what);
}

static uint32_t cpu(void* self) {
  (void)self;
  return 0;
}

static bool may_sleep(void* self) { return *(bool*)self; }

static struct labyrinth_map_stack stack;
static uint64_t reached[4];
static struct labyrinth_map_stack* context(void* self) {
  (void)self;
  return &stack;
}
static void preempt(void* self) { (void)self; }
static void* set_slot(void* self, uint32_t slot, uint64_t pfn) {
  (void)self;
  reached[slot] = pfn;
  return &reached[slot];
}
static void clear_slot(void* self, uint32_t slot) {
  (void)self;
  reached[slot] = 0;
}

/* C2: a frame mapped in each way, at an address that reaches it. */
static void expect_mappings(void) {
  static _Alignas(LABYRINTH_METADATA_ALIGNMENT) unsigned char memory[4096];
  bool sleeping_is_permitted = true;
  const struct labyrinth_mapper_config config = {.first_pfn = 100,
                                                 .frames = 1000,
                                                 .map_slots = 2,
                                                 .depth = 2,
                                                 .port = {.self = &sleeping_is_permitted,
                                                          .context = context,
                                                          .may_sleep = may_sleep,
                                                          .preempt_disable = preempt,
                                                          .preempt_enable = preempt,
                                                          .set_slot = set_slot,
                                                          .clear_slot = clear_slot}};
  struct labyrinth_mapper* mapper = labyrinth_mapper_init(&config, memory, sizeof memory);
  labyrinth_map_stack_init(mapper, &stack, 0);
  void* address = NULL;
  expect(labyrinth_page_address(mapper, 100) == NULL, "nothing is directly mapped");
  expect(labyrinth_map(mapper, 100, &address) == LABYRINTH_OK, "a frame is mapped");
  expect(address != NULL && *(uint64_t*)address == 100, "its address reaches it");
  expect(labyrinth_unmap(mapper, 100) == LABYRINTH_OK, "it is unmapped");
  expect(labyrinth_map_local(mapper, 101, &address) == LABYRINTH_OK, "another is, locally");
  expect(address == &reached[2] && reached[2] == 101, "in the stack's first slot");
  expect(labyrinth_unmap_local(mapper, address) == LABYRINTH_OK, "and unmapped");
  expect(labyrinth_map_depth(&stack) == 0, "nothing is held");
}

int main(void) {
  expect_mappings();
  bool sleeping_is_permitted = false;
  const struct labyrinth_config config = {
      .first_pfn = 100,
      .zones = {[LABYRINTH_ZONE_NORMAL] = {1000, 8, 10, 12, 0, 0}},
      .devices = {[2] = {.frames = 1}},
      .max_order = 6,
      .cpus = 1,
      .port = {.self = &sleeping_is_permitted, .cpu = cpu, .may_sleep = may_sleep}};
  const size_t size = labyrinth_metadata_size(&config);
  expect(size > 0 && size <= sizeof metadata, "the metadata fits");
  expect(labyrinth_init(NULL, metadata, sizeof metadata) == NULL, "no configuration is refused");
  expect(labyrinth_init(&config, NULL, sizeof metadata) == NULL, "no metadata is refused");
  expect(labyrinth_init(&config, metadata, size - 1) == NULL, "too little metadata is refused");
  struct labyrinth_allocator* zone = labyrinth_init(&config, metadata, sizeof metadata);
  if (zone == NULL) {
    expect(false, "the zone is set up");
    return EXIT_FAILURE;
  }
  expect(labyrinth_free_frames(zone) == 1000, "all is free");

  struct labyrinth_page page;
  labyrinth_alloc_page(zone, LABYRINTH_GFP_ATOMIC, 6, &page);
  expect(page.status == LABYRINTH_OK && page.order == 6 && !page.wake, "a block is given");
  expect(page.pfn % 64 == 0 && page.pfn >= 100 && page.pfn + 64 <= 1100, "it is aligned and inside");
  expect(labyrinth_free_frames(zone) == 936, "it is no longer free");
  expect(labyrinth_free_page(zone, page.pfn, 5) == LABYRINTH_BAD_ARGUMENT, "a part of it is not it");
  expect(labyrinth_free_page(zone, page.pfn, 6) == LABYRINTH_OK, "it is freed");
  expect(labyrinth_free_page(zone, page.pfn, 6) == LABYRINTH_BAD_ARGUMENT, "but once");

  labyrinth_alloc_page(zone, LABYRINTH_GFP_KERNEL, 0, &page);
  expect(page.status == LABYRINTH_BAD_CONTEXT && page.pfn == LABYRINTH_NO_PFN, "C1");
  expect(labyrinth_drain(zone, UINT64_MAX, NULL) == LABYRINTH_BAD_CONTEXT, "a drain may sleep");
  sleeping_is_permitted = true;
  uint64_t drained = 1;
  expect(labyrinth_drain(zone, UINT64_MAX, &drained) == LABYRINTH_OK && drained == 0, "nothing to drain");
  labyrinth_alloc_page(zone, LABYRINTH_GFP_KERNEL, 0, &page);
  expect(page.status == LABYRINTH_OK, "a task may ask to sleep");
  labyrinth_alloc_page(zone, LABYRINTH_GFP_ATOMIC | labyrinth_gfp_device(2), 0, &page);
  expect(page.status == LABYRINTH_OK && page.pfn == 1100, "a device has its room behind the zone");
  labyrinth_alloc_page(zone, LABYRINTH_GFP_ATOMIC | labyrinth_gfp_device(LABYRINTH_MAX_DEVICES), 0, &page);
  expect(page.status == LABYRINTH_BAD_ARGUMENT, "there is no such device");
  expect(labyrinth_free_page(zone, 1100, 0) == LABYRINTH_OK, "anyone frees into it");
  labyrinth_alloc_page(NULL, LABYRINTH_GFP_ATOMIC, 0, &page);
  expect(page.status == LABYRINTH_BAD_ARGUMENT, "no zone");
  labyrinth_alloc_page(zone, LABYRINTH_GFP_ATOMIC, 0, NULL);
  expect(labyrinth_free_frames(zone) == 999, "nowhere to answer: nothing happens");

  expect(labyrinth_alloc_steps(zone, 0) > 0 && labyrinth_alloc_steps(zone, 7) == 0, "bounds are declared");
  expect(labyrinth_free_steps(zone, 0) == 3 && labyrinth_free_steps(zone, 6) == 5, "free's too");
  expect(strcmp(labyrinth_status_name(LABYRINTH_CONTENDED), "contended") == 0, "a name");
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
