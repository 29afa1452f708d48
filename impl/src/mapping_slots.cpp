// Mapping a frame in a global slot, and taking it back.
#include "mapping_slots.hpp"

#include <new>

namespace labyrinth::mapping {

using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;

Slots::Slots(const labyrinth_mapper_config& config, std::byte* metadata) noexcept
    : port_(config.port), first_pfn_(config.first_pfn), count_(config.map_slots) {
  for (std::uint32_t i = 0; i < count_; ++i) {
    auto* const created = ::new (metadata + i * sizeof(Slot)) Slot;
    if (i == 0) slots_ = created;
  }
}

// Begins where the frame would be if nobody had been in its way: there it mostly is.
Slots::View Slots::look_for(Word frame) const noexcept {
  View view;
  // Acquire: with whoever ended the turn before (carry_out), so that what was put to use until then is seen.
  view.turn = turn_.load(memory_order_acquire);
  auto slot = static_cast<std::uint32_t>(frame % count_);
  for (std::uint32_t i = 0; i < count_; ++i, slot = after(slot)) {
    // Acquire: with whoever made it idle or ready (unmap, finish).
    const Word word = slots_[slot].word.load(memory_order_acquire);
    const bool holds = (is_used(word) || is_ready(word)) && frame_in(word) == frame;
    if (is_used(word) && !holds) continue;
    // A slot that reaches nothing comes before one that still reaches another frame, which may be mapped
    // again.
    if (!holds && view.slot != kNoSlot && (is_ready(word) || !is_ready(view.word))) continue;
    view.slot = slot;
    view.word = word;
    view.found = is_used(word);
    if (holds) break;
  }
  return view;
}

// Puts the turn's slot to use, unless someone has, and ends the turn.
void Slots::carry_out(Word turn) noexcept {
  std::atomic<Word>& word = slots_[slot_of(turn)].word;
  // Acquire: keeps the look at the turn behind it. As long as the turn lasts, the slot is as it was when the
  // turn began, or pinned by this turn's map(), which goes on only after the turn. So what is idle here, and
  // the turn still lasts, is as it was.
  Word idle = word.load(memory_order_acquire);
  if (!is_used(idle)) {
    if (turn_.load(memory_order_acquire) != turn) return;
    // Fails if somebody else has done it. Release: passes on what this context saw of the slot.
    word.compare_exchange_strong(idle, put_to_use(idle, frame_in(turn)), memory_order_acq_rel,
                                 memory_order_relaxed);
  }
  // Release: with look_for(), which must see the slot in use once the turn is over.
  turn_.compare_exchange_strong(turn, nobodys(turn), memory_order_release, memory_order_relaxed);
}

// kContended: the slot came free, or was changed more often than the tries left, or has no pin left.
Status Slots::pin(std::uint32_t slot, Word word, Word frame, std::uint32_t& tries) noexcept {
  while (is_used(word) && frame_in(word) == frame && pins_of(word) < kMaxPins && tries > 0) {
    if (users_of(word) >= LABYRINTH_MAX_MAP_USERS) return Status::kExhausted;
    --tries;
    // Acquire, also of a failure: with finish(), whose translation this map() may be about to use.
    if (slots_[slot].word.compare_exchange_strong(word, word + kPin, memory_order_acquire))
      return Status::kOk;
  }
  return Status::kContended;
}

// kOk: the slot is the frame's, and pinned.
Status Slots::try_map(Word frame, std::uint32_t& slot) noexcept {
  std::uint32_t tries = kTries;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    View view = look_for(frame);
    if (slot_of(view.turn) != kNoSlot) {
      carry_out(view.turn);
      view = look_for(frame);
      if (slot_of(view.turn) != kNoSlot) continue;
    }
    slot = view.slot;
    if (view.found) {
      const Status status = pin(slot, view.word, frame, tries);
      if (status != Status::kContended) return status;
      continue;
    }
    if (slot == kNoSlot) {
      // All were in use, and if the turn is the same one, all at once.
      if (turn_.load(memory_order_acquire) == view.turn) return Status::kExhausted;
      continue;
    }
    Word turn = view.turn;
    const Word mine = next_turn(turn, slot, frame);
    // Release: whoever carries it out sees the slot at least as it is seen here.
    if (turn_.compare_exchange_strong(turn, mine, memory_order_acq_rel, memory_order_relaxed)) {
      carry_out(mine);
      return Status::kOk;
    }
  }
  return Status::kContended;
}

// Makes the pin a user, of a slot that is ready.
void* Slots::finish(std::uint32_t slot, Word frame) noexcept {
  Slot& mine = slots_[slot];
  void* address = nullptr;
  // Acquire: with the release below, so that the address is there, and the translation stands.
  if (is_ready(mine.word.load(memory_order_acquire))) {
    address = mine.address.load(memory_order_relaxed);
  } else {
    address = port_.set_slot(port_.self, slot, first_pfn_ + frame);
    mine.address.store(address, memory_order_relaxed);
    mine.word.fetch_or(kReady, memory_order_release);
  }
  // Relaxed: the pin has kept the slot, and what the owners do at the address is theirs to order.
  mine.word.fetch_add(kUser - kPin, memory_order_relaxed);
  return address;
}

Status Slots::map(Word frame, void*& address) noexcept {
  if (count_ == 0) return Status::kExhausted;
  const std::uint32_t waits = port_.wait_for_slot == nullptr ? 0 : kWaits;
  for (std::uint32_t i = 0;; ++i) {
    // Before the look: a slot that comes free after it ends the wait at once.
    const std::uint32_t freed = waits == 0 ? 0 : freed_.load(memory_order_acquire);
    std::uint32_t slot = kNoSlot;
    const Status status = try_map(frame, slot);
    if (status == Status::kOk) address = finish(slot, frame);
    const bool full = status == Status::kExhausted && slot == kNoSlot;
    if (!full || i == waits || !port_.wait_for_slot(port_.self, freed)) return status;
  }
}

Status Slots::unmap(Word frame) noexcept {
  auto slot = count_ == 0 ? kNoSlot : static_cast<std::uint32_t>(frame % count_);
  for (std::uint32_t i = 0; i < count_; ++i, slot = after(slot)) {
    std::atomic<Word>& word = slots_[slot].word;
    // Acquire, here and where the exchange fails: with carry_out(), for the number of the turn below.
    Word seen = word.load(memory_order_acquire);
    if (!is_used(seen) || frame_in(seen) != frame) continue;
    for (std::uint32_t tries = kTries; tries > 0; --tries) {
      if (!is_used(seen) || frame_in(seen) != frame || users_of(seen) == 0) return Status::kBadArgument;
      const bool last = users_of(seen) == 1 && pins_of(seen) == 0;
      // The number is not older than that of the turn that put the slot to use.
      const Word next = last ? idle_again(seen, number_of(turn_.load(memory_order_acquire))) : seen - kUser;
      // Release: with look_for(), so that what was done at the address comes before the slot's next frame.
      if (!word.compare_exchange_strong(seen, next, memory_order_acq_rel, memory_order_acquire)) continue;
      if (!last) return Status::kOk;
      // Release: with map(), which reads it before it looks through the slots.
      freed_.fetch_add(1, memory_order_release);
      if (port_.wake_waiters != nullptr) port_.wake_waiters(port_.self);
      return Status::kOk;
    }
    return Status::kContended;
  }
  return Status::kBadArgument;
}

std::uint64_t Slots::map_steps() const noexcept {
  // A look: the turn and all slots. A round: two looks, a turn carried out between them in 4, then the turn
  // asked again or taken. Once: the tries, one's own turn carried out, 4 to finish.
  const std::uint64_t look = 1 + std::uint64_t{count_};
  const std::uint64_t once = kRounds * (2 * look + 4 + 1) + kTries + 4 + 4;
  if (count_ == 0) return 0;
  return port_.wait_for_slot == nullptr ? once : (kWaits + 1) * (1 + once);
}

std::uint64_t Slots::unmap_steps() const noexcept { return count_ + 2 * std::uint64_t{kTries} + 1; }

}  // namespace labyrinth::mapping
