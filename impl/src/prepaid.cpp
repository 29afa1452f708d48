// Putting credits into words and taking them out; the invariants are in prepaid.hpp.
#include "prepaid.hpp"

#include <new>

namespace labyrinth {

Prepaid::Prepaid(const Geometry& geometry, Ownership& ownership, Credits& credits, std::uint32_t cpus,
                 std::uint32_t lanes, Frames keep, std::byte* memory) noexcept
    : geometry_(geometry),
      ownership_(ownership),
      credits_(credits),
      cpus_(cpus),
      lanes_(lanes),
      enabled_(batch(geometry, cpus) != Frames{0}),
      keep_(keep) {
  const Range words = geometry.words();
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    // Evenly spread, so that CPUs begin in different chunks.
    const std::uint64_t share = std::uint64_t{words.size()} * cpu / cpus_;
    auto* const created = ::new (memory + cpu * sizeof(CpuLine)) CpuLine;
    for (Lane& lane : created->lanes) {
      lane.hint.store((words.begin + static_cast<WordIndex>(share)) * kFramesPerWord,
                      std::memory_order_relaxed);
    }
    if (cpu == 0) lines_ = created;
  }
}

void Prepaid::prepay(Lane& lane, WordIndex word, Word seen, bool again) noexcept {
  const std::uint32_t count = free_count(seen);
  if (!enabled_ || (count < kLeastPrepaid && !again) || (seen & kPrepaid) != 0) return;
  const Frames frames{count};
  if (!credits_.take_from_root(frames, keep_ + Frames{1})) return;  // P3: so that it can be claimed from
  const ChunkIndex chunk = geometry_.chunk_of_word(word);
  credits_.debit_path(chunk, frames);
  if (!ownership_.prepay(word, seen)) {
    credits_.credit_path(chunk, frames);
    credits_.return_to_root(frames);
    return;
  }
  // acq_rel: pairs with itself and with collect(); the mark is set before the word can be found in the slot,
  // and whoever takes it out comes after.
  const WordIndex before = lane.prepaid.exchange(word, std::memory_order_acq_rel);
  credits_.tell_move();
  if (before != kNoWord) unmark(before);
}

// The word is in nobody's slot and in nobody else's hands.
void Prepaid::unmark(WordIndex word) noexcept {
  const Frames frames = ownership_.take_out(word);
  credits_.credit_path(geometry_.chunk_of_word(word), frames);
  credits_.return_to_root(frames);
}

void Prepaid::collect() noexcept {
  if (!enabled_) return;
  for (std::uint32_t i = 0; i < cpus_ * lanes_; ++i) {
    std::atomic<WordIndex>& slot = lines_[i / lanes_].lanes[i % lanes_].prepaid;
    // Acquire: pairs with the emptying below. Whoever finds the slot empty has behind it what its emptier did
    // before, and all that is missing from the counter then is the word (P4).
    WordIndex word = slot.load(std::memory_order_acquire);
    if (word == kNoWord) continue;
    // acq_rel: pairs with prepay(). If the slot has changed, the word is in other hands; acquire, as above.
    if (slot.compare_exchange_strong(word, kNoWord, std::memory_order_acq_rel, std::memory_order_acquire)) {
      unmark(word);
    }
  }
}

Frames Prepaid::frames() const noexcept {
  Frames sum{};
  for (std::uint32_t i = 0; enabled_ && i < cpus_ * lanes_; ++i) {
    // Relaxed: a snapshot orders nothing.
    const WordIndex word = lines_[i / lanes_].lanes[i % lanes_].prepaid.load(std::memory_order_relaxed);
    if (word == kNoWord) continue;
    const Word seen = ownership_.look(word);
    if ((seen & kPrepaid) != 0) sum = sum + Frames{free_count(seen)};
  }
  return sum;
}

}  // namespace labyrinth
