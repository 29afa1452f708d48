// Claiming and releasing blocks in the ownership words; why this is exact is in ownership.hpp.
#include "ownership.hpp"

#include <new>

namespace labyrinth {

Ownership::Ownership(const Geometry& geometry, std::byte* words, std::byte* large) noexcept
    : chunk_order_(geometry.chunk_order) {
  for (WordIndex word = 0; word < geometry.words().end; ++word) {
    const Offset start = word * kFramesPerWord;
    const Range inside = Range{start, start + kFramesPerWord}.intersect(geometry.frames);
    const Word value = inside.size() == 0 ? kWhole : fenced_word(inside.begin - start, inside.end - start);
    auto* const created = ::new (words + word * sizeof(Word)) std::atomic<Word>(value);
    if (word == 0) words_ = created;
  }
  if (large == nullptr) return;
  for (ChunkIndex chunk = 0; chunk < geometry.chunks(); ++chunk) {
    auto* const created = ::new (large + chunk * sizeof(Word)) std::atomic<Word>(0);
    if (chunk == 0) large_ = created;
  }
}

Offset Ownership::claim_in_word(WordIndex word, Word seen, Order order, Patience& patience) noexcept {
  for (Word free = free_blocks(seen, order); free != 0; free = free_blocks(seen, order)) {
    const Word bit = free & (~free + 1);  // the lowest address, so that blocks pack
    // Acquire: pairs with the release of the frees that emptied the block; the frames' contents come with it.
    // Relaxed on failure: the new value is only looked at.
    if (words_[word].compare_exchange_strong(seen, seen | bit, std::memory_order_acquire,
                                             std::memory_order_relaxed)) {
      return word * kFramesPerWord + node_start(order, bit);
    }
    patience.lose_race();
    if (patience.is_gone()) break;
  }
  return kNoFrame;
}

bool Ownership::are_words_free(std::uint32_t block, Order order) const noexcept {
  const WordIndex first = block * words_of(order);
  for (std::uint32_t i = 0; i < words_of(order); ++i) {
    if (look(first + i) != 0) return false;
  }
  return true;
}

bool Ownership::claim_words(std::uint32_t block, Order order, Patience& patience) noexcept {
  const WordIndex first = block * words_of(order);
  for (std::uint32_t i = 0; i < words_of(order); ++i) {
    Word expected = 0;
    // Acquire and relaxed: as in claim_in_word.
    if (!words_[first + i].compare_exchange_strong(expected, kWhole, std::memory_order_acquire,
                                                   std::memory_order_relaxed)) {
      clear_words(first, i);  // what this call owns, and not the word that it lost
      patience.lose_race();
      return false;
    }
  }
  const Offset frame = block << order.value;
  // Release: pairs with the acquire in release(): a free clears the words after they were owned.
  large_[frame >> chunk_order_.value].fetch_or(large_bit(frame, order), std::memory_order_release);
  return true;
}

bool Ownership::release(Offset frame, Order order) noexcept {
  if (order <= kWordOrder) {
    const Word bit = node_bit(order, frame % kFramesPerWord);
    // Release: pairs with the claims' acquire; an owner's last accesses come before the next one's.
    return (words_[frame / kFramesPerWord].fetch_and(~bit, std::memory_order_release) & bit) != 0;
  }
  const Word bit = large_bit(frame, order);
  // Acquire: pairs with the release in claim_words. The words below publish the clearing.
  if ((large_[frame >> chunk_order_.value].fetch_and(~bit, std::memory_order_acquire) & bit) == 0)
    return false;
  clear_words(frame / kFramesPerWord, words_of(order));
  return true;
}

Word Ownership::large_bit(Offset frame, Order order) const noexcept {
  const Offset in_chunk = frame & ((1u << chunk_order_.value) - 1);
  return node_bit(Order{order.value - kWordOrder.value - 1}, in_chunk >> (kWordOrder.value + 1));
}

void Ownership::clear_words(WordIndex first, std::uint32_t count) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    // A store will do: only its owner changes a whole word's value. Release: pairs with the claims' acquire.
    words_[first + i].store(0, std::memory_order_release);
  }
}

}  // namespace labyrinth
