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

Offset Ownership::claim_in_word(WordIndex word, Word& seen, Order order, std::uint32_t frames,
                                Patience& patience) noexcept {
  const Word prepaid = seen & kPrepaid;
  for (Word free = free_blocks(seen, order); free != 0; free = free_blocks(seen, order)) {
    const std::uint32_t start = node_start(order, free & (~free + 1));  // the lowest, so that blocks pack
    const Word bits = pieces(start, frames);
    // Acquire: pairs with the release of the frees that emptied the block; the frames' contents come with it.
    // Relaxed on failure: the new value is only looked at.
    if (words_[word].compare_exchange_strong(seen, seen | bits, std::memory_order_acquire,
                                             std::memory_order_relaxed)) {
      seen |= bits;
      return word * kFramesPerWord + start;
    }
    patience.lose_race();
    if (patience.is_gone() || (seen & kPrepaid) != prepaid) break;
  }
  return kNoFrame;
}

bool Ownership::claim_frames(WordIndex word, Word seen, Word frames) noexcept {
  // Acquire and relaxed: as in claim_in_word.
  return words_[word].compare_exchange_strong(seen, seen | frames, std::memory_order_acquire,
                                              std::memory_order_relaxed);
}

bool Ownership::are_words_free(std::uint32_t block, Order order) const noexcept {
  const WordIndex first = block * words_of(order);
  for (std::uint32_t i = 0; i < words_of(order); ++i) {
    if (look(first + i) != 0) return false;
  }
  return true;
}

bool Ownership::claim_words(std::uint32_t block, Order order, std::uint32_t frames,
                            Patience& patience) noexcept {
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
  const std::uint32_t whole = frames / kFramesPerWord;
  const Offset frame = block << order.value;
  // The large word's tree has words as leaves. Release: pairs with the acquire in release_words(): a free
  // clears the words after they were owned.
  const Word large = pieces(first % (1u << (chunk_order_.value - kWordOrder.value)), whole);
  large_[frame >> chunk_order_.value].fetch_or(large, std::memory_order_release);
  if (frames == (1u << order.value)) return true;
  WordIndex word = first + whole;
  // Release: as in clear_words.
  if (frames % kFramesPerWord != 0) {
    words_[word++].store(pieces(0, frames % kFramesPerWord), std::memory_order_release);
  }
  clear_words(word, first + words_of(order) - word);
  return true;
}

Ownership::Released Ownership::release_words(Offset frame, Order order) noexcept {
  const Word bit = large_bit(frame, order);
  // Acquire: pairs with the release in claim_words. The words below publish the clearing.
  const Word old = large_[frame >> chunk_order_.value].fetch_and(~bit, std::memory_order_acquire);
  if ((old & bit) == 0) return Released::kNothing;
  clear_words(frame / kFramesPerWord, words_of(order));
  return Released::kWithCredit;
}

bool Ownership::prepay(WordIndex word, Word seen) noexcept {
  // Release: pairs with the acquire in take_out() and in claims: the credits' debit comes first. Relaxed on
  // failure: nothing is done.
  return words_[word].compare_exchange_strong(seen, seen | kPrepaid, std::memory_order_release,
                                              std::memory_order_relaxed);
}

Frames Ownership::take_out(WordIndex word) noexcept {
  // Acquire: pairs with prepay() and release(): what was freed into the word comes with its credits. Release:
  // whoever claims in the word from now on comes after whoever put its credits in.
  const Word old = words_[word].fetch_and(~kPrepaid, std::memory_order_acq_rel);
  return Frames{free_count(old)};
}

Word Ownership::large_bit(Offset frame, Order order) const noexcept {
  const Offset in_chunk = frame & ((1u << chunk_order_.value) - 1);
  return node_bit(Order{order.value - kWordOrder.value}, in_chunk >> kWordOrder.value);
}

void Ownership::clear_words(WordIndex first, std::uint32_t count) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    // A store will do: only its owner changes a whole word's value. Release: pairs with the claims' acquire.
    words_[first + i].store(0, std::memory_order_release);
  }
}

}  // namespace labyrinth
