/* The first program in C: 4 MiB of frames, one of them taken, used and given back. */
#include <labyrinth/labyrinth.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES = 1024, FRAME_SIZE = 4096, FIRST_PFN = 256 };

/* The frames to hand out, and the memory in which the allocator keeps track of them: both are the caller's.
 */
static _Alignas(FRAME_SIZE) unsigned char memory[FRAMES][FRAME_SIZE];
static _Alignas(LABYRINTH_METADATA_ALIGNMENT) unsigned char metadata[8192];

static uint32_t cpu(void* self) {
  (void)self;
  return 0;
}

static bool may_sleep(void* self) {
  (void)self;
  return true;
}

int main(void) {
  const struct labyrinth_config config = {
      .first_pfn = FIRST_PFN,
      .zones[LABYRINTH_ZONE_NORMAL] = {.frames = FRAMES, .min = 32, .low = 40, .high = 48},
      .max_order = LABYRINTH_MAX_ORDER,
      .cpus = 1,
      .port = {.cpu = cpu, .may_sleep = may_sleep}};
  if (labyrinth_metadata_size(&config) > sizeof metadata) return 1;
  struct labyrinth_allocator* allocator = labyrinth_init(&config, metadata, sizeof metadata);
  if (allocator == NULL) return 1;

  struct labyrinth_page page;
  labyrinth_alloc_page(allocator, LABYRINTH_GFP_ATOMIC, 0, &page);
  if (page.status != LABYRINTH_OK) {
    (void)fprintf(stderr, "refused: %s\n", labyrinth_status_name(page.status));
    return 1;
  }
  (void)strcpy((char*)memory[page.pfn - FIRST_PFN], "a frame");
  printf("frame %llu, %llu still free\n", (unsigned long long)page.pfn,
         (unsigned long long)labyrinth_free_frames(allocator));

  const enum labyrinth_status freed = labyrinth_free_page(allocator, page.pfn, page.order);
  const enum labyrinth_status again = labyrinth_free_page(allocator, page.pfn, page.order);
  printf("freed: %s, and once more: %s\n", labyrinth_status_name(freed), labyrinth_status_name(again));
  return 0;
}
