/* A page allocator for single frames: a bit for each, 64 to a word. Lock-free and without sleep, so that any
 * context may call it: a task, an interrupt handler, and whoever interrupts either half way through.
 *
 * Credits come first. A frame is free twice over: its bit is clear, and the counter has a credit for it. Who
 * allocates takes a credit before a bit; who frees clears the bit before returning the credit. So a credit
 * always leads to a clear bit, and the counter alone decides that nothing is left: a search that found no
 * bit may have looked at each word just before a frame was freed there.
 */
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_BITMAP_NONE UINT64_MAX

struct frame_bitmap {
  uint64_t frames;
  _Atomic uint64_t credits;
  _Atomic uint64_t words[]; /* A set bit is a frame that is taken. */
};

/* Bytes of memory that a bitmap of so many frames lives in. */
size_t frame_bitmap_size(uint64_t frames);
/* All frames free. `bitmap`: frame_bitmap_size(frames) zeroed bytes, aligned to 8. */
void frame_bitmap_init(struct frame_bitmap* bitmap, uint64_t frames);

/* A frame that is the caller's until it is freed, counted from 0; FRAME_BITMAP_NONE if all are taken. */
uint64_t frame_bitmap_alloc(struct frame_bitmap* bitmap);
/* False, and nothing has changed: the frame was free already, or there is no such frame. */
bool frame_bitmap_free(struct frame_bitmap* bitmap, uint64_t frame);

#endif
