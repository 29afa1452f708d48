// The ownership words of a zone: which blocks are live, and the only thing exclusion rests on.
//
// Orders 0..5 live in one word each (ownership_word.hpp). A block of a higher order owns whole words
// (kWhole), and has its live bit in its chunk's large word: the same tree, with blocks of order 6 as leaves.
//
// Why a bogus free disturbs nobody. Freeing clears a bit by one fetch_and, whose old value tells whether that
// block was live. If it was not, the fetch_and wrote back exactly what it read, atomically: it can neither
// revive a word that its owner releases by a plain store (the store comes before it or after it, never
// between its read and its write), nor make another context's strong compare-exchange fail, which compares
// values. It never touches kWhole, which is no node's bit.
#pragma once

#include <atomic>
#include <cstdint>

#include "layout.hpp"
#include "ownership_word.hpp"
#include "patience.hpp"

namespace labyrinth {

inline constexpr Offset kNoFrame = UINT32_MAX;

class Ownership {
 public:
  // Constructs the words, every frame of the zone free; `large` is null if no order is above 5.
  Ownership(const Geometry& geometry, std::byte* words, std::byte* large) noexcept;

  Ownership(const Ownership&) = delete;
  Ownership& operator=(const Ownership&) = delete;

  // A look at a word: a choice to be confirmed by a claim, or, in a full look, what a refusal rests on.
  [[nodiscard]] Word look(WordIndex word) const noexcept {
    // Relaxed: whatever was freed before the caller's credit is visible by the credit's acquire.
    return words_[word].load(std::memory_order_relaxed);
  }

  // Claims the first free block of an order <= 5 in the word, last seen as `seen`; kNoFrame if it has none
  // left or patience is gone. Each failed compare-exchange is a race lost, and brings the word's new value.
  [[nodiscard]] Offset claim_in_word(WordIndex word, Word seen, Order order, Patience& patience) noexcept;

  // Claims all words of one block of an order > 5; false, a race lost and nothing owned, if one was taken.
  [[nodiscard]] bool claim_words(std::uint32_t block, Order order, Patience& patience) noexcept;

  // Whether all words of a block of an order > 5 are free; looks at them until one is not.
  [[nodiscard]] bool are_words_free(std::uint32_t block, Order order) const noexcept;

  // Frees exactly the live block of that order at that frame; false, and no change, if there is none.
  [[nodiscard]] bool release(Offset frame, Order order) noexcept;

 private:
  [[nodiscard]] Word large_bit(Offset frame, Order order) const noexcept;
  void clear_words(WordIndex first, std::uint32_t count) noexcept;

  std::atomic<Word>* words_ = nullptr;
  std::atomic<Word>* large_ = nullptr;
  Order chunk_order_;
};

// The words that a block of an order > 5 owns.
[[nodiscard]] constexpr std::uint32_t words_of(Order order) noexcept {
  return 1u << (order.value - kWordOrder.value);
}

}  // namespace labyrinth
