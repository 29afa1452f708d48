// Weak memory: calls that saw what was no longer the last.
//
// Under rc11 there are no instants that all contexts agree on. What a call has missed does not happen before
// it, so the call can come before it; in the run, the state that it saw is an earlier one. Such a call is
// judged by the instants since then, too.
#include <algorithm>

#include "checker.hpp"

namespace labyrinth::machine {

void Checker::note_instant(std::uint32_t writes) noexcept {
  Instant now{writes, {}};
  for (std::uint8_t pool = 0; pool < memory_->pool_count; ++pool) {
    const Count& count = counts_[pool];
    now.pools[pool] = {count.free - count.held - count.owed, available(pool)};
  }
  if (instant_count_ < instants_.size()) {
    instants_[instant_count_++] = now;
    return;
  }
  Instant& last = instants_.back();  // No place: the two together permit what either does.
  for (std::uint8_t pool = 0; pool < memory_->pool_count; ++pool) {
    last.pools[pool].unheld = std::min(last.pools[pool].unheld, now.pools[pool].unheld);
    last.pools[pool].available = std::max(last.pools[pool].available, now.pools[pool].available);
  }
}

void Checker::look_back(std::uint8_t context, std::uint32_t since) noexcept {
  Open& mine = open_[context];
  if ((in_progress_ >> context & 1U) == 0 || mine.is_free) return;
  // What happened between two instants of the log may have come after the writes that the second one names.
  std::uint16_t first = instant_count_;
  while (first != 0 && instants_[first - 1U].writes >= since) --first;
  if (first != 0) --first;
  for (std::uint16_t i = first; i < instant_count_; ++i) {
    for (std::uint8_t pool = 0; pool < memory_->pool_count; ++pool) {
      if ((mine.seen.open >> pool & 1U) == 0) continue;
      model::PoolEvidence& seen = mine.seen.pools[pool];
      seen.least_unheld = std::min(seen.least_unheld, instants_[i].pools[pool].unheld);
      seen.most_available = std::max(seen.most_available, instants_[i].pools[pool].available);
      // What was set apart then is not remembered: at most all of it.
      if (memory_->pools[pool].highatomic != 0) seen.most_apart = memory_->pools[pool].span.frames;
      // Which blocks were free throughout cannot be said of a time that has no end.
      mine.holdable[pool] = INT64_MAX / 2;
    }
  }
  mine.alone = false;
}

}  // namespace labyrinth::machine
