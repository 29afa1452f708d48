// A set of blocks, each an order and an aligned start: one bit for each in the words of ownership_word.hpp,
// orders above 5 in one word per chunk. Says nothing of who may allocate what.
#pragma once

#include <atomic>
#include <cstddef>
#include <new>

#include "layout.hpp"
#include "ownership_word.hpp"

namespace labyrinth {

class BlockSet {
 public:
  [[nodiscard]] static constexpr std::size_t words(const Geometry& geometry) noexcept {
    return geometry.words().end + (geometry.max_order > kWordOrder ? geometry.chunks() : 0);
  }

  struct Place {
    Offset frame;
    Order order;
  };

  // Constructs an empty set in memory for words(geometry) words.
  BlockSet(const Geometry& geometry, std::byte* memory) noexcept
      : small_(geometry.words().end), chunk_order_(geometry.chunk_order) {
    for (std::size_t i = 0; i < words(geometry); ++i) {
      auto* const created = ::new (memory + i * sizeof(Word)) std::atomic<Word>(0);
      if (i == 0) words_ = created;
    }
    large_ = words_ + small_;
  }

  BlockSet(const BlockSet&) = delete;
  BlockSet& operator=(const BlockSet&) = delete;

  // One step. Release: pairs with erase(); who takes the block out has everything done to it before.
  void insert(Offset frame, Order order) noexcept {
    word_of(frame, order).fetch_or(bit_of(frame, order), std::memory_order_release);
  }

  // One step. Whether the block was in the set: of several that erase it one is told so.
  [[nodiscard]] bool erase(Offset frame, Order order) noexcept {
    const Word bit = bit_of(frame, order);
    // Acquire: pairs with insert().
    return (word_of(frame, order).fetch_and(~bit, std::memory_order_acquire) & bit) != 0;
  }

  // The word that a block's bit is in, below words(). Words with equal blocks lie one behind the other.
  [[nodiscard]] std::uint32_t place_of(Offset frame, Order order) const noexcept {
    return order <= kWordOrder ? frame / kFramesPerWord : small_ + (frame >> chunk_order_.value);
  }
  // One step. The bits of a word: old as soon as they are read, so only erase() decides.
  [[nodiscard]] Word look(std::uint32_t place) const noexcept {
    return words_[place].load(std::memory_order_relaxed);
  }
  // The block of the lowest of these bits of a word.
  [[nodiscard]] Place at(std::uint32_t place, Word bits) const noexcept {
    const Order node = node_order(bits);
    const std::uint32_t start = node_start(node, bits);
    if (place < small_) return {place * kFramesPerWord + start, node};
    const Offset chunk = (place - small_) << chunk_order_.value;
    return {chunk + (start << (kWordOrder.value + 1)), Order{node.value + kWordOrder.value + 1}};
  }

 private:
  [[nodiscard]] std::atomic<Word>& word_of(Offset frame, Order order) const noexcept {
    return order <= kWordOrder ? words_[frame / kFramesPerWord] : large_[frame >> chunk_order_.value];
  }
  [[nodiscard]] Word bit_of(Offset frame, Order order) const noexcept {
    if (order <= kWordOrder) return node_bit(order, frame % kFramesPerWord);
    const Offset in_chunk = frame & ((1u << chunk_order_.value) - 1);
    return node_bit(Order{order.value - kWordOrder.value - 1}, in_chunk >> (kWordOrder.value + 1));
  }

  std::atomic<Word>* words_ = nullptr;
  std::atomic<Word>* large_ = nullptr;
  std::uint32_t small_;  // words of orders that lie in one
  Order chunk_order_;
};

}  // namespace labyrinth
