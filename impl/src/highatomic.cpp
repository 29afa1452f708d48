// Setting words apart and giving them back; the invariants are in highatomic.hpp.
#include "highatomic.hpp"

#include <new>

namespace labyrinth {
namespace {

constexpr std::uint64_t kNamed = UINT32_MAX;
constexpr std::uint64_t kChange = kNamed + 1;

}  // namespace

Highatomic::Highatomic(const Geometry& geometry, Ownership& ownership, Credits& credits, Pageblocks& blocks,
                       std::uint32_t most, Frames keep, std::byte* memory) noexcept
    : geometry_(geometry),
      ownership_(ownership),
      credits_(credits),
      blocks_(blocks),
      most_(most),
      keep_(keep) {
  for (std::uint32_t i = 0; i < most_; ++i) {
    auto* const created = ::new (memory + i * sizeof(std::uint64_t)) std::atomic<std::uint64_t>(0);
    if (i == 0) slots_ = created;
  }
}

void Highatomic::set_apart(Offset frame) noexcept {
  const ChunkIndex chunk = geometry_.chunk_of(frame);
  if (most_ == 0 || (blocks_.look(chunk) & Pageblocks::kApart) != 0) return;
  // Relaxed: who gives it back finds it through a slot. Of several that set it one goes on.
  const std::uint64_t before = blocks_.state(chunk).fetch_or(Pageblocks::kApart, std::memory_order_relaxed);
  if ((before & Pageblocks::kApart) != 0) return;
  if (!enter(chunk)) {
    // Relaxed: no word has been marked for it.
    blocks_.state(chunk).fetch_and(~Pageblocks::kApart, std::memory_order_relaxed);
    return;
  }
  const std::uint64_t period = Pageblocks::period_of(before);
  const Range words = geometry_.words_of_chunk(chunk);
  for (WordIndex word = words.begin; word < words.end; ++word) {
    if (!set_word_apart(word, period)) return;
  }
}

bool Highatomic::enter(ChunkIndex chunk) noexcept {
  for (std::uint32_t i = 0; i < most_; ++i) {
    std::uint64_t seen = slots_[i].load(std::memory_order_relaxed);  // the compare-exchange decides
    if ((seen & kNamed) != 0) continue;
    // Release: pairs with the acquire in give_back().
    if (slots_[i].compare_exchange_strong(seen, (seen & ~kNamed) + kChange + chunk + 1,
                                          std::memory_order_release, std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

// False if the pageblock is no longer set apart, or somebody else has set it apart since.
bool Highatomic::set_word_apart(WordIndex word, std::uint64_t period) noexcept {
  const Word seen = ownership_.look(word);
  // A large block's words are cleared by plain stores, and would lose the mark; and a CPU may keep its own.
  if ((seen & (kWhole | kPrepaid)) != 0) return true;
  const Frames frames{free_count(seen)};
  if (frames != Frames{0} && !credits_.take_from_root(frames, keep_)) return true;
  const ChunkIndex chunk = geometry_.chunk_of_word(word);
  credits_.debit_path(chunk, frames);
  if (!ownership_.prepay(word, seen)) {
    credits_.credit_path(chunk, frames);
    credits_.return_to_root(frames);
    return true;
  }
  // acq_rel: H2; the mark comes after the prepaying, and pairs with the same word's steps in take_back*.
  const std::uint64_t before =
      blocks_.state(chunk).fetch_or(blocks_.mark_of(word), std::memory_order_acq_rel);
  credits_.tell_move();
  if ((before & Pageblocks::kApart) != 0 && Pageblocks::period_of(before) == period) return true;
  take_back(word);
  return false;
}

void Highatomic::take_back(WordIndex word) noexcept {
  const ChunkIndex chunk = geometry_.chunk_of_word(word);
  const std::uint64_t mark = blocks_.mark_of(word);
  // acq_rel: pairs with the mark's setting. H1: of several one finds it.
  if ((blocks_.state(chunk).fetch_and(~mark, std::memory_order_acq_rel) & mark) == 0) return;
  const Frames frames = ownership_.take_out(word);
  credits_.credit_path(chunk, frames);
  credits_.return_to_root(frames);
}

void Highatomic::take_back_all(ChunkIndex chunk) noexcept {
  // acq_rel: H2; whoever marks a word after this finds that it is over, even if somebody sets the pageblock
  // apart anew, and has no slot yet that names it.
  blocks_.state(chunk).fetch_add(Pageblocks::kPeriod, std::memory_order_acq_rel);
  // Relaxed: the step before says it.
  blocks_.state(chunk).fetch_and(~Pageblocks::kApart, std::memory_order_relaxed);
  const Range words = geometry_.words_of_chunk(chunk);
  // One by one, so that no more than one word is ever in the hands of this call.
  for (WordIndex word = words.begin; word < words.end; ++word) take_back(word);
}

void Highatomic::give_back() noexcept {
  for (std::uint32_t i = 0; i < most_; ++i) {
    // Acquire: pairs with enter(), and with the emptying below.
    std::uint64_t seen = slots_[i].load(std::memory_order_acquire);
    if ((seen & kNamed) == 0) continue;
    take_back_all(static_cast<ChunkIndex>(seen & kNamed) - 1);
    // Release: whoever finds the slot empty, and is refused for it (H3), finds the credits that came of it in
    // the counter. Relaxed on failure: the slot names something newer.
    slots_[i].compare_exchange_strong(seen, seen & ~kNamed, std::memory_order_release,
                                      std::memory_order_relaxed);
  }
}

Frames Highatomic::frames() const noexcept {
  Frames sum{};
  for (std::uint32_t i = 0; i < most_; ++i) {
    const std::uint64_t seen = slots_[i].load(std::memory_order_acquire);
    if ((seen & kNamed) == 0) continue;
    const Range words = geometry_.words_of_chunk(static_cast<ChunkIndex>(seen & kNamed) - 1);
    for (WordIndex word = words.begin; word < words.end; ++word) {
      if (blocks_.is_marked(word)) sum = sum + Frames{free_count(ownership_.look(word))};
    }
  }
  return sum;
}

}  // namespace labyrinth
