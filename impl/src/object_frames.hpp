// What each frame is used for, and which objects live in it: the only things exclusion rests on.
//
// A frame has 256 live bits, one per granule of 16 bytes, and a state word. An object, whatever its cache,
// and a block of kmalloc's have the bit of the granule at which they start, set exactly while they are live.
// The state says whether the frame is a slab, of which cache, and with how many credits (object_credits.hpp),
// or the first frame of a block, and of which order; or neither: then all its bits are clear.
//
// Why a free is exact. It clears the bit of its address by one fetch_and, whose old value tells whether an
// object was live there. Which bit that is depends on the address alone: not on the frame's state, which may
// change hands between a look and the step. Bits are set only at starts of objects, so the inside of an
// object, a foreign frame and a freed object all have clear bits. If the bit was set, this call and no other
// has ended that object's life, and holds it from here on: the slab cannot be given back, and the state names
// its cache, or the block's order, until this call has credited the slab, or cleared the state.
//
// Why a bogus free disturbs nobody. If the bit was clear, the fetch_and wrote back exactly what it read,
// atomically. No step depends on a live word not having been written: bits are claimed by fetch_or, whose
// old value is tested for that bit alone; states and counters are not touched before the bit was found set.
//
// Who changes a state. `kNobody` and a block's state: only the frame's owner, who had it from the page
// allocator, by a store. A slab's credits: an allocation by a compare-exchange that takes one, a free by a
// fetch_add (it holds an object of the slab). A slab is given back by one compare-exchange from "all objects
// credited" to kNobody: then all its bits are clear and no call holds any of them, so whoever still has
// its number can neither set a bit in it nor credit it. A compare-exchange that rests on a stale look
// succeeds only if the frame is a slab of the same cache with as many credits again, where it is as good.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "object_layout.hpp"
#include "patience.hpp"

namespace labyrinth::objects {

// kNobody; or the cache + 1 in the upper half and the slab's credits in the lower; or kBlock and the order.
using State = std::uint32_t;

inline constexpr State kNobody = 0;
inline constexpr State kBlock = State{1} << 31;
inline constexpr FrameIndex kNoFrame = UINT32_MAX;
inline constexpr GranuleIndex kNoGranule = UINT32_MAX;

[[nodiscard]] constexpr State slab_state(CacheIndex cache, std::uint32_t credits) noexcept {
  return (cache + 1) << 16 | credits;
}
[[nodiscard]] constexpr bool is_block(State state) noexcept { return (state & kBlock) != 0; }
[[nodiscard]] constexpr std::uint32_t order_of_block(State state) noexcept { return state & ~kBlock; }
[[nodiscard]] constexpr bool is_slab_of(State state, CacheIndex cache) noexcept {
  return state >> 16 == cache + 1;
}
[[nodiscard]] constexpr CacheIndex cache_of(State slab) noexcept { return (slab >> 16) - 1; }
[[nodiscard]] constexpr std::uint32_t credits_of(State slab) noexcept { return slab & 0xffff; }

class FrameTable {
 public:
  FrameTable(FrameIndex frames, std::byte* states, std::byte* live) noexcept;

  FrameTable(const FrameTable&) = delete;
  FrameTable& operator=(const FrameTable&) = delete;

  [[nodiscard]] State look(FrameIndex frame) const noexcept {
    // Relaxed: a hint to be confirmed by a compare-exchange, or what the caller's own object keeps in place.
    return states_[frame].load(std::memory_order_relaxed);
  }

  // Takes one credit of a slab of that cache; false if the frame is none, or has none left, or patience is
  // gone. Each failed compare-exchange is a race lost, and brings the state's new value.
  [[nodiscard]] bool reserve(FrameIndex frame, CacheIndex cache, Patience& patience) noexcept;

  // Makes one free object of a slab live, for which the caller holds a credit; kNoGranule if races were lost.
  // An object is free for each credit held (I3), so a pass over the words that finds none lost a race, too.
  [[nodiscard]] GranuleIndex claim(FrameIndex frame, const Shape& shape, Patience& patience) noexcept;

  // Returns credits to a slab in which the caller holds as many; true if it is all free now.
  [[nodiscard]] bool give_back(FrameIndex frame, const Shape& shape, std::uint32_t credits) noexcept;

  // Makes a frame that the caller owns a slab, whose first object is the caller's and live. Steps: 2, and one
  // more if there is more than one object.
  void open_slab(FrameIndex frame, CacheIndex cache, const Shape& shape) noexcept;

  // Makes an empty slab the caller's frame; false, and no change, if it is none.
  [[nodiscard]] bool close_slab(FrameIndex frame, CacheIndex cache, const Shape& shape) noexcept;

  // Makes a block that the caller owns one of kmalloc's, and live; and back, once release() found it live.
  void open_block(FrameIndex frame, std::uint32_t order) noexcept;
  void close_block(FrameIndex frame) noexcept;

  // Ends the life of exactly the object or block that starts at that granule; false, and no change, if there
  // is none.
  [[nodiscard]] bool release(FrameIndex frame, GranuleIndex granule) noexcept;

 private:
  [[nodiscard]] std::atomic<Word>& word(FrameIndex frame, std::uint32_t index) const noexcept {
    return live_[std::size_t{frame} * kWordsPerFrame + index];
  }

  std::atomic<State>* states_ = nullptr;
  std::atomic<Word>* live_ = nullptr;
};

}  // namespace labyrinth::objects
