// Putting credits into words and taking them out; the invariants are in prepaid.hpp.
#include "prepaid.hpp"

#include <new>

namespace labyrinth {

Prepaid::Prepaid(const Geometry& geometry, Ownership& ownership, Credits& credits, std::uint32_t cpus,
                 Frames keep, std::byte* memory) noexcept
    : geometry_(geometry),
      ownership_(ownership),
      credits_(credits),
      cpus_(cpus),
      enabled_(batch(geometry, cpus) != Frames{0}),
      keep_(keep) {
  const Range words = geometry.words();
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    // Evenly spread, so that CPUs begin in different chunks.
    const std::uint64_t share = std::uint64_t{words.size()} * cpu / cpus_;
    CpuLine* const created = ::new (memory + cpu * sizeof(CpuLine))
        CpuLine((words.begin + static_cast<WordIndex>(share)) * kFramesPerWord);
    if (cpu == 0) lines_ = created;
  }
}

void Prepaid::undo(Offset frame) noexcept {
  if (ownership_.release(frame, Order{0}) != Ownership::Released::kWithCredit) return;
  credits_.credit_path(geometry_.chunk_of(frame), Frames{1});
  credits_.return_to_root(Frames{1});
}

void Prepaid::prepay(CpuLine& line, WordIndex word, Word seen, bool again) noexcept {
  const std::uint32_t count = free_count(seen);
  if (!enabled_ || (count < kLeastPrepaid && !again) || (seen & kPrepaid) != 0) return;
  const Frames frames{count};
  if (!credits_.take_from_root(frames, keep_)) return;
  const ChunkIndex chunk = geometry_.chunk_of_word(word);
  credits_.debit_path(chunk, frames);
  if (!ownership_.prepay(word, seen)) {
    credits_.credit_path(chunk, frames);
    credits_.return_to_root(frames);
    return;
  }
  // acq_rel: pairs with itself and with collect(); the mark is set before the word can be found in the slot,
  // and whoever takes it out comes after.
  const WordIndex before = line.prepaid.exchange(word, std::memory_order_acq_rel);
  if (before != kNoWord) unmark(before);
}

// The word is in nobody's slot and in nobody else's hands.
void Prepaid::unmark(WordIndex word) noexcept {
  const Frames frames = ownership_.take_out(word);
  credits_.credit_path(geometry_.chunk_of_word(word), frames);
  credits_.return_to_root(frames);
}

bool Prepaid::collect() noexcept {
  if (!enabled_) return false;
  bool any = false;
  for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
    std::atomic<WordIndex>& slot = lines_[cpu].prepaid;
    WordIndex word = slot.load(std::memory_order_relaxed);  // the compare-exchange decides
    if (word == kNoWord) continue;
    any = true;
    // acq_rel: pairs with prepay(). If the slot has changed, the word is in other hands (P4).
    if (slot.compare_exchange_strong(word, kNoWord, std::memory_order_acq_rel, std::memory_order_relaxed)) {
      unmark(word);
    }
  }
  return any;
}

Frames Prepaid::frames() const noexcept {
  Frames sum{};
  for (std::uint32_t cpu = 0; enabled_ && cpu < cpus_; ++cpu) {
    const WordIndex word = lines_[cpu].prepaid.load(std::memory_order_relaxed);  // a snapshot orders nothing
    if (word == kNoWord) continue;
    const Word seen = ownership_.look(word);
    if ((seen & kPrepaid) != 0) sum = sum + Frames{free_count(seen)};
  }
  return sum;
}

}  // namespace labyrinth
