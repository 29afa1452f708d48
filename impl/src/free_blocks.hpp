// Counting a zone's maximal free blocks in one walk over its words, lowest first.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "layout.hpp"
#include "ownership.hpp"
#include "ownership_word.hpp"

namespace labyrinth {

class FreeBlocks {
 public:
  using Counts = std::array<std::uint64_t, LABYRINTH_MAX_ORDER + 1>;

  explicit constexpr FreeBlocks(Order max_order) noexcept : max_order_(max_order) {}

  // Each word of the zone once, in ascending order.
  constexpr void add(WordIndex index, Word live) noexcept {
    const bool joins = max_order_ >= kWordOrder;
    const bool is_free = used_frames(live) == 0;
    if (joins) join(index, is_free);  // it may be half of a larger block
    if (joins && is_free) return;
    Word larger = 0;  // the order-k nodes that are part of a free block of order k + 1
    for (Order k = std::min(max_order_, kLargestInWord);; --k.value) {
      const Word free = free_blocks(live, k);
      counts_[k.value] += count_of(free & ~larger);
      if (k == Order{0}) return;
      const std::uint32_t child = 1u << (k.value - 1);
      larger = free << child | free >> child;
    }
  }

  [[nodiscard]] constexpr const Counts& finish() noexcept {
    for (std::uint32_t k = kWordOrder.value; k <= max_order_.value; ++k) {
      if (left_is_free_[k]) ++counts_[k];
      left_is_free_[k] = false;
    }
    return counts_;
  }

 private:
  // Not std::popcount: where there is no instruction for it, g++ calls libgcc, which a kernel does not have.
  [[nodiscard]] static constexpr std::uint64_t count_of(Word bits) noexcept {
    bits -= bits >> 1 & 0x5555'5555'5555'5555;
    bits = (bits & 0x3333'3333'3333'3333) + (bits >> 2 & 0x3333'3333'3333'3333);
    bits = (bits + (bits >> 4)) & 0x0F0F'0F0F'0F0F'0F0F;
    return bits * 0x0101'0101'0101'0101 >> 56;
  }

  // Blocks of order 5 arrive from left to right. A left half waits for its right one; the two, or the news
  // that they are no block, go on to the next order. Constant on average: every second block ends here.
  constexpr void join(std::uint32_t block, bool is_free) noexcept {
    for (std::uint32_t k = kWordOrder.value;; ++k, block /= 2) {
      if (k == max_order_.value) {
        if (is_free) ++counts_[k];
        return;
      }
      if (block % 2 == 0) {
        left_is_free_[k] = is_free;
        return;
      }
      if (left_is_free_[k] != is_free) ++counts_[k];
      is_free = is_free && left_is_free_[k];
      left_is_free_[k] = false;
    }
  }

  Order max_order_;
  Counts counts_{};
  std::array<bool, LABYRINTH_MAX_ORDER + 1> left_is_free_{};
};

}  // namespace labyrinth
