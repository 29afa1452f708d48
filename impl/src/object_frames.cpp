// The steps on frames' states and live bits; why they are exact is in object_frames.hpp.
#include "object_frames.hpp"

#include <new>

namespace labyrinth::objects {

FrameTable::FrameTable(FrameIndex frames, std::byte* states, std::byte* live) noexcept {
  for (FrameIndex frame = 0; frame < frames; ++frame) {
    auto* const created = ::new (states + frame * sizeof(State)) std::atomic<State>(kNobody);
    if (frame == 0) states_ = created;
  }
  for (std::size_t i = 0; i < std::size_t{frames} * kWordsPerFrame; ++i) {
    auto* const created = ::new (live + i * sizeof(Word)) std::atomic<Word>(0);
    if (i == 0) live_ = created;
  }
}

bool FrameTable::reserve(FrameIndex frame, CacheIndex cache, Patience& patience) noexcept {
  State seen = look(frame);
  while (is_slab_of(seen, cache) && credits_of(seen) >= 1) {
    // acq_rel: pairs with give_back and open_slab: the bits behind this credit are seen clear. Relaxed on
    // failure: the new value is only looked at.
    if (states_[frame].compare_exchange_strong(seen, seen - 1, std::memory_order_acq_rel,
                                               std::memory_order_relaxed)) {
      return true;
    }
    patience.lose_race();
    if (patience.is_gone()) break;
  }
  return false;
}

GranuleIndex FrameTable::claim(FrameIndex frame, const Shape& shape, Patience& patience) noexcept {
  for (std::uint32_t round = 0; round < kRounds && !patience.is_gone(); ++round) {
    for (std::uint32_t index = 0; index < kWordsPerFrame; ++index) {
      if (shape.starts[index] == 0) continue;
      // Relaxed: a choice to be confirmed by the fetch_or.
      Word seen = word(frame, index).load(std::memory_order_relaxed);
      for (Word free = shape.starts[index] & ~seen; free != 0; free = shape.starts[index] & ~seen) {
        const Word bit = free & (~free + 1);  // the lowest address, so that objects pack
        // acq_rel: pairs with release(), both ways: the last owner's accesses come before this one's, and a
        // free of this object sees the slab it lies in.
        seen = word(frame, index).fetch_or(bit, std::memory_order_acq_rel);
        if ((seen & bit) == 0) {
          return index * 64 + static_cast<GranuleIndex>(std::countr_zero(bit));
        }
        patience.lose_race();
        if (patience.is_gone()) return kNoGranule;
      }
    }
    patience.lose_race();  // a pass that found nothing, although a credit promised an object
  }
  return kNoGranule;
}

bool FrameTable::give_back(FrameIndex frame, const Shape& shape, std::uint32_t credits) noexcept {
  // acq_rel: pairs with reserve and close_slab, which then have the freed objects' last accesses behind them.
  const State old = states_[frame].fetch_add(credits, std::memory_order_acq_rel);
  return credits_of(old) + credits == shape.capacity;
}

void FrameTable::open_slab(FrameIndex frame, CacheIndex cache, const Shape& shape) noexcept {
  // A store will do: nobody else changes the state of a frame that is nobody's. No credits yet, so that the
  // first object is the caller's; yet a slab already, so that a free that guesses its address finds it so.
  // Relaxed: the bit and the credits publish it.
  states_[frame].store(slab_state(cache, 0), std::memory_order_relaxed);
  word(frame, 0).fetch_or(1, std::memory_order_release);  // release: pairs with the acquire in release().
  if (shape.capacity == 1) return;
  // Release: pairs with the acquire in reserve().
  states_[frame].fetch_add(shape.capacity - 1, std::memory_order_release);
}

bool FrameTable::close_slab(FrameIndex frame, CacheIndex cache, const Shape& shape) noexcept {
  State expected = slab_state(cache, shape.capacity);
  // Acquire: pairs with give_back: all owners' last accesses come before the page is given back.
  // Relaxed on failure: the value is not used.
  return states_[frame].compare_exchange_strong(expected, kNobody, std::memory_order_acquire,
                                                std::memory_order_relaxed);
}

void FrameTable::open_block(FrameIndex frame, std::uint32_t order) noexcept {
  // Relaxed: as in open_slab.
  states_[frame].store(kBlock | order, std::memory_order_relaxed);
  word(frame, 0).fetch_or(1, std::memory_order_release);  // release: pairs with the acquire in release().
}

void FrameTable::close_block(FrameIndex frame) noexcept {
  // Relaxed: the page allocator's release of the block publishes it to the frame's next owner.
  states_[frame].store(kNobody, std::memory_order_relaxed);
}

bool FrameTable::release(FrameIndex frame, GranuleIndex granule) noexcept {
  const Word bit = Word{1} << (granule % 64);
  // acq_rel: pairs with claim(), open_slab() and open_block(), both ways: this call sees the state that the
  // object was made in, and the next owner of the bit has this owner's accesses behind it.
  return (word(frame, granule / 64).fetch_and(~bit, std::memory_order_acq_rel) & bit) != 0;
}

}  // namespace labyrinth::objects
