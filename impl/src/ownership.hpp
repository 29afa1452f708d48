// The ownership words of a zone: which blocks are live, and the only thing exclusion rests on.
//
// Orders 0..4 live in one word each (ownership_word.hpp). A block of a higher order owns whole words
// (kWhole), and has its live bit in its chunk's large word: the same tree, with blocks of order 5 as leaves.
//
// Why a bogus free disturbs nobody. Freeing clears a bit by one fetch_and, whose old value tells whether that
// block was live. If it was not, the fetch_and wrote back exactly what it read, atomically: it can neither
// revive a word that its owner releases by a plain store (the store comes before it or after it, never
// between its read and its write), nor make another context's strong compare-exchange fail, which compares
// values. It never touches kWhole or kPrepaid, which are no node's bits.
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
  // Constructs the words, every frame of the zone free; `large` is null if no order is above 4.
  Ownership(const Geometry& geometry, std::byte* words, std::byte* large) noexcept;

  Ownership(const Ownership&) = delete;
  Ownership& operator=(const Ownership&) = delete;

  // A look at a word: a choice to be confirmed by a claim, or, in a full look, what a refusal rests on.
  [[nodiscard]] Word look(WordIndex word) const noexcept {
    // Relaxed: whatever was freed before the caller's credit is visible by the credit's acquire.
    return words_[word].load(std::memory_order_relaxed);
  }

  // Claims the first free block of an order <= 4 in the word, last seen as `seen`; kNoFrame if it has none
  // left, is no longer (or not yet) as prepaid as it was when seen, or patience is gone. Each failed
  // compare-exchange is a race lost, and brings the word's new value to `seen`; a success too. `frames`: how
  // many of the block's frames are wanted, as blocks of falling orders; the rest stays free.
  [[nodiscard]] Offset claim_in_word(WordIndex word, Word& seen, Order order, std::uint32_t frames,
                                     Patience& patience) noexcept;

  // Claims all of these free frames of the word, each as a block of its own, in one step; false, a race lost
  // and nothing owned, if the word is no longer as it was last seen.
  [[nodiscard]] bool claim_frames(WordIndex word, Word seen, Word frames) noexcept;

  // Claims all words of one block of an order > 4, and gives back those behind `frames`; false, a race lost
  // and nothing owned, if one was taken. No block is live before it has the size that it keeps: a free that
  // was meant for an earlier block must not find it.
  [[nodiscard]] bool claim_words(std::uint32_t block, Order order, std::uint32_t frames,
                                 Patience& patience) noexcept;

  // Whether all words of a block of an order > 4 are free; looks at them until one is not.
  [[nodiscard]] bool are_words_free(std::uint32_t block, Order order) const noexcept;

  // Claims the first free frame of a prepaid word; kNoFrame if it is not prepaid, has none left, races are
  // lost `tries` times, or `permits()` is false, which is asked between each look at the word and the claim.
  // In the header, with release_in_word: the two are all that a CPU's own word needs.
  template <class Permits>
  [[nodiscard, gnu::always_inline]] inline Offset claim_prepaid(WordIndex word, std::uint32_t tries,
                                                                Permits permits) noexcept {
    // Acquire, here and below: what permits() reads is no older than what was freed into the word.
    Word seen = words_[word].load(std::memory_order_acquire);
    for (; tries != 0; --tries) {
      const Word free = ~used_frames(seen) & kNodes[0];
      if ((seen & kPrepaid) == 0 || free == 0 || !permits()) break;
      const Word bit = free & (~free + 1);
      if (words_[word].compare_exchange_strong(seen, seen | bit, std::memory_order_acquire,
                                               std::memory_order_acquire)) {
        return word * kFramesPerWord + node_start(Order{0}, bit);
      }
    }
    return kNoFrame;
  }

  enum class Released : std::uint8_t {
    kNothing,        // there was no such live block, and there is no change
    kWithCredit,     // freed; the credits of its frames are the caller's to return
    kWithoutCredit,  // freed; the word keeps its credits
  };
  // Frees exactly the live block of that order at that frame.
  [[nodiscard]] Released release(Offset frame, Order order) noexcept {
    return order <= kLargestInWord ? release_in_word(frame, order) : release_words(frame, order);
  }

  // Puts the credits of a word's free frames into it: they are the caller's, for the word as seen. False if
  // it has changed since.
  [[nodiscard]] bool prepay(WordIndex word, Word seen) noexcept;
  // Takes them out again: as many as the word has free frames. The word is prepaid.
  [[nodiscard]] Frames take_out(WordIndex word) noexcept;

 private:
  [[nodiscard]] Released release_in_word(Offset frame, Order order) noexcept {
    const Word bit = node_bit(order, frame % kFramesPerWord);
    // Release: pairs with the claims' acquire; an owner's last accesses come before the next one's.
    const Word old = words_[frame / kFramesPerWord].fetch_and(~bit, std::memory_order_release);
    if ((old & bit) == 0) return Released::kNothing;
    return (old & kPrepaid) != 0 ? Released::kWithoutCredit : Released::kWithCredit;
  }
  [[nodiscard]] Released release_words(Offset frame, Order order) noexcept;
  [[nodiscard]] Word large_bit(Offset frame, Order order) const noexcept;
  void clear_words(WordIndex first, std::uint32_t count) noexcept;

  std::atomic<Word>* words_ = nullptr;
  std::atomic<Word>* large_ = nullptr;
  Order chunk_order_;
};

}  // namespace labyrinth
