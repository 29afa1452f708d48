/* The buddy allocator of the textbooks (Knuth, TAOCP 2.5) in plain C: a list of free blocks for each order,
 * splitting and merging one order at a time, one lock around all of it. */
#ifndef BUDDY_H
#define BUDDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BUDDY_MAX_ORDER 10u

/* What the allocator's surroundings lend it: around each of its calls. */
struct buddy_lock {
  void (*lock)(void* self);
  void (*unlock)(void* self);
  void* self;
};

/* A frame, as the allocator sees it. In a list only if a free block begins here. */
struct buddy_page {
  uint32_t next, previous; /* offsets of frames */
  uint8_t order;
  uint8_t state;
};

struct buddy {
  struct buddy_lock lock;
  uint64_t first_pfn;
  uint32_t frames;
  uint32_t max_order;
  uint32_t free_frames;
  uint32_t lists[BUDDY_MAX_ORDER + 1]; /* the first free block of the order */
  struct buddy_page pages[];
};

enum buddy_answer { BUDDY_OK, BUDDY_EXHAUSTED, BUDDY_FRAGMENTED, BUDDY_BAD_ARGUMENT };

/* Bytes that a buddy of so many frames takes. */
size_t buddy_size(uint64_t frames);
/* All frames are free. */
void buddy_create(struct buddy* buddy, uint64_t first_pfn, uint64_t frames, uint32_t max_order,
                  struct buddy_lock lock);
/* 2^order frames; *pfn is the first one. */
enum buddy_answer buddy_alloc(struct buddy* buddy, uint32_t order, uint64_t* pfn);
enum buddy_answer buddy_free(struct buddy* buddy, uint64_t pfn, uint32_t order);

#ifdef __cplusplus
}
#endif
#endif
