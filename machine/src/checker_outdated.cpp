// Weak memory: calls that saw what was no longer the last.
//
// Under rc11 there are no instants that all contexts agree on. What a call has missed does not happen before
// it, so the call can come before it; in the run, the state that it saw is an earlier one. Such a call is
// judged by the instants since then, too. And calls that were answered earlier in the run, after the first
// write that it missed, and do not happen before it, may still be in progress for it: at each instant they
// count either way, whatever makes more of the answer right (M2: some order that extends happens-before).
#include <algorithm>

#include "checker.hpp"

namespace labyrinth::machine {

void Checker::note_instant(std::uint32_t writes) noexcept {
  if (alone_ != kNoCall) begin_among_others();
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

void Checker::note_answer(std::uint8_t context, const Answered& answered,
                          std::span<const model::Block> blocks) noexcept {
  const Open& call = open_[context];
  const auto last_instant = static_cast<std::uint16_t>(instants_.size() - 1);
  Over over{answered, std::min(instant_count_, last_instant), {}};
  for (std::uint8_t pool = 0; pool < memory_->pool_count && !call.is_free; ++pool) {
    if ((call.seen.open >> pool & 1U) != 0) over.pools[pool].unheld = held_by(call, pool);
  }
  for (const model::Block& block : blocks) {
    const std::uint8_t pool = pool_of(block);
    if (pool == kNoPool) continue;
    Instant::Pool& counts = over.pools[pool];
    if (call.is_free) {
      counts.unheld += block.order.frames();
    } else {  // What it was given is missing already.
      counts.unheld = std::max(model::Frames{}, counts.unheld - block.order.frames());
      counts.available += block.order.frames();
    }
  }
  if (over_count_ < over_.size()) {
    over_[over_count_++] = over;
    return;
  }
  Over& last = over_.back();  // No place: both as long as the later one, and before nobody.
  last.answered = {answered.writes, kInner, 0};
  for (std::uint8_t pool = 0; pool < memory_->pool_count; ++pool) {
    last.pools[pool].unheld += over.pools[pool].unheld;
    last.pools[pool].available += over.pools[pool].available;
  }
}

void Checker::look_back(std::uint8_t context, std::uint32_t since, const Clock& begun) noexcept {
  Open& mine = open_[context];
  if ((in_progress_ >> context & 1U) == 0 || mine.is_free) return;
  // What happened between two instants of the log may have come after the writes that the second one names.
  std::uint16_t first = instant_count_;
  while (first != 0 && instants_[first - 1U].writes >= since) --first;
  if (first != 0) --first;
  std::uint16_t next = over_count_;
  while (next != 0 && over_[next - 1U].answered.writes >= since) --next;
  std::array<Instant::Pool, model::kMaxPools> open{};  // By calls that may not be over for this one.
  for (std::uint16_t i = first; i < instant_count_; ++i) {
    for (; next < over_count_ && over_[next].instant <= i; ++next) {
      const Over& over = over_[next];
      const auto& [writes, by, at] = over.answered;
      if (by != kInner && (by == context || at <= begun.of(by))) continue;
      for (std::uint8_t pool = 0; pool < memory_->pool_count; ++pool) {
        open[pool].unheld += over.pools[pool].unheld;
        open[pool].available += over.pools[pool].available;
      }
    }
    for (std::uint8_t pool = 0; pool < memory_->pool_count; ++pool) {
      if ((mine.seen.open >> pool & 1U) == 0) continue;
      model::PoolEvidence& seen = mine.seen.pools[pool];
      const Instant::Pool& then = instants_[i].pools[pool];
      const model::Frames own = i < mine.holds_from[pool] ? model::Frames{} : held_by(mine, pool);
      seen.least_unheld = std::min(seen.least_unheld, then.unheld + own - open[pool].unheld);
      seen.most_available = std::max(seen.most_available, then.available + open[pool].available);
      // What was set apart then is not remembered: at most all of it.
      if (memory_->pools[pool].highatomic != 0) seen.most_apart = memory_->pools[pool].span.frames;
      // Which blocks were free throughout cannot be said of a time that has no end.
      mine.holdable[pool] = INT64_MAX / 2;
    }
  }
  mine.alone = false;
}

}  // namespace labyrinth::machine
