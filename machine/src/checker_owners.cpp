// Who owns what: how the checker gives blocks their owners, and what it holds frees to (X1, X3).
//
// Between a call and its answer it cannot be seen when the call took effect. An answer is right if it is
// right for some order of the effects of the calls in progress; what others must then have done is noted as
// owed, or as early, and has to come.
#include <algorithm>
#include <bit>

#include "checker.hpp"

namespace labyrinth::machine {

using model::Block;
using model::Clause;
using model::Status;

namespace {

[[nodiscard]] Violation freed_nothing(const Block& block) noexcept {
  return {.clause = Clause::X3,
          .reason = "a free of what is no live block was answered ok; frame",
          .seen = static_cast<std::int64_t>(block.pfn.value)};
}

}  // namespace

/// The block has no owner any more.
void Checker::forget_block(const Block& block) noexcept {
  state_.release(block);
  each_open([&block](Open& open) { open.lived = open.lived && !(open.block == block); });
}

void Checker::count_free(const Block& block) noexcept {
  counts_[pool_of(block)].free += block.order.frames();
  note_freed(block);
}

void Checker::note_freed(const Block& block) noexcept {
  if (freed_count_ < freed_.size()) freed_[freed_count_++] = block;
}

/// One of the open frees of the block took effect, so one of them has to be answered ok. False if none is
/// left for it.
bool Checker::owe(const Block& block) noexcept {
  Open* const free = free_of(block, [](const Open& other) { return !other.owed; });
  if (free == nullptr) return false;
  free->owed = true;
  counts_[pool_of(block)].owed += block.order.frames();
  return true;
}

/// X1: give the answered block its owner. Where it meets a block whose free is in progress, that free took
/// effect; where it meets another, it must itself have been freed again by now.
Violation Checker::place(const Block& block) noexcept {
  const std::uint64_t end = block.pfn.value + static_cast<std::uint64_t>(block.order.frames().count);
  const Violation in_limbo = take_from_limbo(block);
  if (in_limbo.clause != Clause::kNone) return owe(block) ? Violation{} : in_limbo;
  for (const bool displace : {false, true}) {
    if (state_.free(block)) break;
    for (std::uint64_t pfn = block.pfn.value; pfn < end; ++pfn) {
      if (!state_.taken({pfn})) continue;
      const Block met = *state_.block_of({pfn});
      if (displace) {
        static_cast<void>(owe(met));
        forget_block(met);
        count_free(met);
      } else if (free_of(met, [](const Open& other) { return !other.owed; }) == nullptr) {
        if (owe(block)) return {};
        return {.clause = Clause::X1,
                .reason = "the block answered overlaps the live block that starts at frame",
                .seen = static_cast<std::int64_t>(met.pfn.value),
                .permitted = static_cast<std::int64_t>(block.pfn.value)};
      }
    }
  }
  state_.take(block);
  counts_[pool_of(block)].free -= block.order.frames();
  each_open([&block](Open& open) { open.old = open.old || open.block == block; });
  return {};
}

/// X3: a free was answered ok before the allocation of its block was answered. That answer has to come, from
/// one of the allocations that were in progress then.
bool Checker::free_early(const Block& block) noexcept {
  unsigned contexts = 0;
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    const auto context = static_cast<unsigned>(std::countr_zero(left));
    const Open& open = open_[context];
    if (open.is_free || open.need.count == 0) continue;
    // One that is given back in part gives smaller blocks than it asked for.
    const model::Order order = open.request.order;
    if (order == block.order || (open.request.gives_back && order > block.order)) contexts |= 1U << context;
  }
  // Beyond what the list holds nobody asks whether the answers came: no false alarm.
  if (contexts != 0 && early_count_ < early_.size()) early_[early_count_++] = {block, contexts};
  return contexts != 0;
}

/// The context's allocation has been answered. What of it had been freed early is not placed.
Violation Checker::settle_early(std::uint8_t context, std::span<const Block> given) noexcept {
  for (std::uint16_t i = 0; i < early_count_; ++i) {
    Early& early = early_[i];
    if ((early.contexts >> context & 1U) == 0) continue;
    early.contexts &= ~(1U << context);
    bool settled = false;
    for (std::size_t k = 0; k < given.size() && !settled; ++k) {
      settled = placed(k) && early.block == given[k];
      if (settled) placed_ &= ~(std::uint64_t{1} << k);
      if (settled) retire_early(early.block, context);
    }
    if (settled || early.contexts == 0) {
      const Block block = early.block;
      early_[i--] = early_[--early_count_];
      if (!settled) return freed_nothing(block);
    }
  }
  return {};
}

void Checker::begin_free_among_others(std::uint8_t context, model::Pfn pfn, model::Order order,
                                      bool order_exists) noexcept {
  begin_period();
  ++call_numbers_[context];
  Open& mine = open_[context];
  mine.begin();
  mine.is_free = true;
  mine.block = {pfn, order};
  mine.order_exists = order_exists;
  mine.lived = order_exists && state_.is_block(mine.block);
  if (history_ != nullptr) history_->begin_free(context, mine.block, order_exists);
  in_progress_ |= std::uint32_t{1} << context;
  if (!mine.lived) return;
  note_available(pool_of(mine.block));
  if (has_highatomic_) note_apart();
}

Violation Checker::end_free_among_others(std::uint8_t context, Status status) noexcept {
  if (alone_ == context) begin_among_others();
  Open& mine = open_[context];
  if (history_ != nullptr) history_->end_free(context, status);
  end(context);
  if (status != Status::kOk && status != Status::kBadArgument) {
    return {.clause = Clause::X3,
            .reason = "a free is answered ok or bad_argument and nothing else; answered (model::Status)",
            .seen = static_cast<std::int64_t>(status)};
  }
  const std::uint8_t pool = pool_of(mine.block);
  if (mine.owed) counts_[pool].owed -= mine.block.order.frames();
  const Violation broken = status == Status::kOk ? carried_out(context) : refused(mine);
  if (broken.clause != Clause::kNone) return broken;
  free_unmapped(context);
  if (pool != kNoPool) note_available(pool);
  if (has_highatomic_) note_apart();
  return judge_joint_floor(context);
}

Violation Checker::carried_out(std::uint8_t context) noexcept {
  Open& mine = open_[context];
  if (!mine.order_exists) return freed_nothing(mine.block);
  const std::uint8_t pool = pool_of(mine.block);
  if (pool == kNoPool) return freed_nothing(mine.block);
  counts_[pool].freed_in_period += mine.block.order.frames();
  if (mine.owed) {
    note_freed(mine.block);  // Part of it may not have been free until now.
    return {};
  }
  const bool live = state_.is_block(mine.block);
  // Which of several frees of one block took effect shows only in their answers: let it have been this one,
  // unless it was called after that block had been given out again.
  Open* const other = free_of(mine.block, [](const Open& open) { return open.owed; });
  if (other != nullptr && (mine.old || !live)) {
    other->owed = false;
    counts_[pool].owed -= mine.block.order.frames();
    note_freed(mine.block);
  } else if (live) {
    forget_block(mine.block);
    retire(mine.block, context);
  } else if (!free_early(mine.block)) {
    return freed_nothing(mine.block);
  }
  return {};
}

bool Checker::owned(model::Pfn pfn) noexcept {
  if (!state_.taken(pfn)) return false;
  if (in_progress_ == 0) return true;
  return free_of(*state_.block_of(pfn), [](const Open& open) { return !open.owed; }) == nullptr;
}

bool Checker::freed_early(std::uint8_t context, model::Pfn pfn) const noexcept {
  for (std::uint16_t i = 0; i < early_count_; ++i) {
    const Block& block = early_[i].block;
    const std::uint64_t distance = pfn.value - block.pfn.value;
    if ((early_[i].contexts >> context & 1U) != 0 &&
        distance < static_cast<std::uint64_t>(block.order.frames().count)) {
      return true;
    }
  }
  return false;
}

/// A refusal is right if there was no such block, or if another free of the same block may have been first.
Violation Checker::refused(Open& mine) noexcept {
  if (mine.owed) return owe(mine.block) ? Violation{} : place(mine.block);
  if (!mine.lived || free_of(mine.block, [](const Open& open) { return !open.owed; }) != nullptr) return {};
  return {.clause = Clause::X3,
          .reason = "the free of a live block was refused; frame",
          .seen = static_cast<std::int64_t>(mine.block.pfn.value)};
}

}  // namespace labyrinth::machine
