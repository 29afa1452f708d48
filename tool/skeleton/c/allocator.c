/* The two calls of the bitmap, and its making. */
#include "allocator.h"

#define BITS 64u

static uint64_t words_for(uint64_t frames) { return (frames + BITS - 1) / BITS; }

size_t frame_bitmap_size(uint64_t frames) {
  return sizeof(struct frame_bitmap) + words_for(frames) * sizeof(_Atomic uint64_t);
}

void frame_bitmap_init(struct frame_bitmap* bitmap, uint64_t frames) {
  bitmap->frames = frames;
  atomic_init(&bitmap->credits, frames);
  for (uint64_t i = 0; i < words_for(frames); ++i) atomic_init(&bitmap->words[i], 0);
  /* Bits of the last word that are no frames are taken for good. */
  if (frames % BITS != 0) atomic_init(&bitmap->words[frames / BITS], ~UINT64_C(0) << frames % BITS);
}

uint64_t frame_bitmap_alloc(struct frame_bitmap* bitmap) {
  /* acquire: pairs with the release in free, so that the bit which the credit stands for is seen clear. */
  uint64_t credits = atomic_load_explicit(&bitmap->credits, memory_order_relaxed);
  do {
    if (credits == 0) return FRAME_BITMAP_NONE;
  } while (!atomic_compare_exchange_weak_explicit(&bitmap->credits, &credits, credits - 1,
                                                  memory_order_acquire, memory_order_relaxed));
  /* Others may take the bits this looks at and free those that it has passed, so once through the words may
   * not be enough. Whenever it is not, somebody else has got on: that is what lock-free means. */
  for (uint64_t i = 0;; i = (i + 1) % words_for(bitmap->frames)) {
    _Atomic uint64_t* const word = &bitmap->words[i];
    uint64_t bits = atomic_load_explicit(word, memory_order_relaxed);
    while (bits != ~UINT64_C(0)) {
      const uint64_t bit = (uint64_t)__builtin_ctzll(~bits);
      /* acquire: pairs with the release in free, so that the last owner is done with the frame. */
      if (atomic_compare_exchange_weak_explicit(word, &bits, bits | UINT64_C(1) << bit, memory_order_acquire,
                                                memory_order_relaxed)) {
        return i * BITS + bit;
      }
    }
  }
}

bool frame_bitmap_free(struct frame_bitmap* bitmap, uint64_t frame) {
  if (frame >= bitmap->frames) return false;
  const uint64_t bit = UINT64_C(1) << frame % BITS;
  /* release: pairs with the acquire in alloc. Of two frees of one frame, one finds the bit set. */
  if ((atomic_fetch_and_explicit(&bitmap->words[frame / BITS], ~bit, memory_order_release) & bit) == 0)
    return false;
  atomic_fetch_add_explicit(&bitmap->credits, 1, memory_order_release);
  return true;
}
