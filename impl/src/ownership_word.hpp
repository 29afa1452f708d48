// The live blocks of 32 frames in one 64-bit word, as pure functions.
//
// The word is a binary tree of "live block here" bits, laid out in order (as in an in-order walk): the block
// of order k (0..4) that starts at frame s has bit 2*s + 2^k - 1. So the frames are the even bits, and the
// children of an order-(k+1) node at bit p are the order-k nodes at p - 2^k and p + 2^k. Two bits are no
// nodes: bit 63 says that a larger block owns the whole word, or that all of it is outside the zone; bit 31,
// which would be the tree's root, that the credits of the word's free frames are in the word (prepaid.hpp).
//
// There is exactly one bit per (order, aligned block), set exactly while that block is live. Which frames are
// free is derived, never stored: so a single atomic step allocates, and a single one
// frees and knows what it freed.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "labyrinth/types.hpp"

namespace labyrinth {

using Word = std::uint64_t;

inline constexpr std::uint32_t kFramesPerWord = 32;
inline constexpr Order kWordOrder{5};
inline constexpr Order kLargestInWord{4};
inline constexpr Word kWhole = Word{1} << 63;
inline constexpr Word kPrepaid = Word{1} << 31;

// kNodes[k]: the bits of all order-k nodes. (The last one is a node in other uses of the layout.)
inline constexpr std::array<Word, 6> kNodes = {0x5555'5555'5555'5555, 0x2222'2222'2222'2222,
                                               0x0808'0808'0808'0808, 0x0080'0080'0080'0080,
                                               0x0000'8000'0000'8000, 0x0000'0000'8000'0000};

// The bit of the order-k block that starts at frame s, a multiple of 2^k below 32.
[[nodiscard]] constexpr Word node_bit(Order k, std::uint32_t s) noexcept {
  return Word{1} << (2 * s + (1u << k.value) - 1);
}

// Its inverse: where the order-k block with this bit starts.
[[nodiscard]] constexpr std::uint32_t node_start(Order k, Word bit) noexcept {
  return (static_cast<std::uint32_t>(std::countr_zero(bit)) + 1 - (1u << k.value)) / 2;
}

// The order of the node that is the lowest of these bits: its bit is at 2*s + 2^k - 1, and s is a multiple of
// 2^k.
[[nodiscard]] constexpr Order node_order(Word bits) noexcept {
  const auto at = static_cast<std::uint32_t>(std::countr_zero(bits));
  return {static_cast<std::uint32_t>(std::countr_zero(at + 1))};
}

// The bits of the blocks of falling orders that `frames` frames from s on fall into; s is a multiple of the
// first one's size.
[[nodiscard]] constexpr Word pieces(std::uint32_t s, std::uint32_t frames) noexcept {
  Word bits = 0;
  while (frames != 0) {
    const Order order{static_cast<std::uint32_t>(std::bit_width(frames)) - 1};
    bits |= node_bit(order, s);
    s += 1u << order.value;
    frames -= 1u << order.value;
  }
  return bits;
}

// The order-0 nodes of all frames that lie in some live block.
[[nodiscard]] constexpr Word used_frames(Word live) noexcept {
  if ((live & kWhole) != 0) return kNodes[0];
  live &= ~kPrepaid;
  // The common case, single frames only: each is its own cover.
  if ((live & ~kNodes[0]) == 0) return live;
  Word cover = live & kNodes[4];
  for (std::uint32_t k = 4; k-- > 0;) {
    const std::uint32_t child = 1u << k;
    cover = (live & kNodes[k]) | (cover << child) | (cover >> child);
  }
  return cover;
}

// How many frames lie in no live block. (Not std::popcount: without an instruction for it, it is a call into
// the compiler's library.)
[[nodiscard]] constexpr std::uint32_t free_count(Word live) noexcept {
  Word sums = used_frames(live);  // one bit of each two: sums of 2, 4, then 8 bits side by side
  sums = (sums & 0x3333'3333'3333'3333) + (sums >> 2 & 0x3333'3333'3333'3333);
  sums = (sums + (sums >> 4)) & 0x0f0f'0f0f'0f0f'0f0f;
  return kFramesPerWord - static_cast<std::uint32_t>(sums * 0x0101'0101'0101'0101 >> 56);
}

struct FreeFrames {
  Word bits;  // order-0 nodes
  std::uint32_t count;
};
// The lowest frames that lie in no live block, at most that many.
[[nodiscard]] constexpr FreeFrames lowest_free(Word live, std::uint32_t most) noexcept {
  Word free = ~used_frames(live) & kNodes[0];
  FreeFrames result{0, 0};
  for (; free != 0 && result.count < most; free &= free - 1) {
    result.bits |= free & (~free + 1);
    ++result.count;
  }
  return result;
}

// The order-k nodes of all blocks of order k (at most 4) whose frames are all free.
[[nodiscard]] constexpr Word free_blocks(Word live, Order k) noexcept {
  Word free = ~used_frames(live) & kNodes[0];
  for (std::uint32_t j = 0; j < k.value; ++j) {
    const std::uint32_t child = 1u << j;
    free = (free << child) & (free >> child) & kNodes[j + 1];
  }
  return free;
}

// The word in which exactly the frames [begin, end) can be allocated, begin <= end <= 32: the others are
// taken by single-frame blocks that nobody can free: every free is checked against the zone first.
[[nodiscard]] constexpr Word fenced_word(std::uint32_t begin, std::uint32_t end) noexcept {
  if (begin == end) return kWhole;
  Word live = 0;
  for (std::uint32_t s = 0; s < kFramesPerWord; ++s) {
    if (s < begin || s >= end) live |= node_bit(Order{0}, s);
  }
  return live;
}

}  // namespace labyrinth
