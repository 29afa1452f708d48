// The search for an order in which each frame has one owner at a time (X1), and each free the answer that its
// block calls for (X3).
#include "linearize_search.hpp"

namespace labyrinth::machine {

using model::Block;
using model::Status;

Found OwnerSearch::run(const History& history, std::uint8_t answers) noexcept {
  const Lineup lineup(history, answers);
  history_ = &history;
  lineup_ = &lineup;
  owners_.reset(history.memory().span());
  for (const Block& block : history.live()) owners_.take(block);
  dead_.clear();
  gave_up_ = false;
  if (explains({})) return Found::kOrder;
  return gave_up_ || can_hide_an_owner() ? Found::kGaveUp : Found::kNoOrder;
}

/// Whether a free may have been right that was answered before the allocation of its block was.
bool OwnerSearch::can_hide_an_owner() const noexcept {
  const auto operations = history_->operations();
  for (std::uint8_t i = 0; i < lineup_->count; ++i) {
    const Operation& open = operations[i];
    if (open.is_free || (lineup_->required >> i & 1U) != 0) continue;
    for (std::uint8_t k = 0; k < lineup_->count; ++k) {
      const Operation& free = operations[k];
      if (!free.is_free || (lineup_->required >> k & 1U) == 0 || free.answer.status != Status::kOk) continue;
      const bool fits = open.request.order == free.block.order ||
                        (open.request.gives_back && open.request.order > free.block.order);
      if (fits && (free.before >> i & 1U) == 0 && (open.before >> k & 1U) == 0) return true;
    }
  }
  return false;
}

/// An open free may have been carried out; what an open allocation may have taken only stands in the way.
bool OwnerSearch::has_effect(std::uint8_t operation) const noexcept {
  const Operation& it = history_->operations()[operation];
  const bool known = (lineup_->required >> operation & 1U) != 0;
  return known ? it.answer.status == Status::kOk : it.is_free;
}

/// What has no effect takes its place as soon as it can: that keeps nobody from anything.
void OwnerSearch::settle(Done& done) const noexcept {
  for (bool more = true; more;) {
    more = false;
    for (std::uint8_t k = 0; k < lineup_->count; ++k) {
      const std::uint8_t i = lineup_->order[k];
      const OperationSet bit = OperationSet{1} << i;
      const Operation& operation = history_->operations()[i];
      if (((done.set | ~lineup_->required) & bit) != 0 || (operation.before & ~done.set) != 0) continue;
      if (has_effect(i)) continue;
      if (operation.is_free) {
        if (operation.answer.status != Status::kBadArgument) continue;
        if (operation.order_exists && owners_.is_block(operation.block)) continue;
      }
      done.set |= bit;
      more = true;
    }
  }
}

bool OwnerSearch::apply(const Operation& operation) noexcept {
  if (operation.is_free) {
    if (!operation.order_exists || !owners_.is_block(operation.block)) return false;
    owners_.release(operation.block);
    return true;
  }
  const auto blocks = history_->given(operation);
  const auto pool = history_->memory().pool_of(operation.answer.pfn, {0});
  for (std::size_t k = 0; k < blocks.size(); ++k) {
    const Block& block = blocks[k];
    const bool is_block = pool && history_->memory().pool_of(block.pfn, block.order) == pool &&
                          model::aligned(block.pfn, block.order);
    if (is_block && owners_.free(block)) {
      owners_.take(block);
      continue;
    }
    while (k-- > 0) owners_.release(blocks[k]);
    return false;
  }
  return true;
}

void OwnerSearch::undo(const Operation& operation) noexcept {
  if (operation.is_free) return owners_.take(operation.block);
  for (const Block& block : history_->given(operation)) owners_.release(block);
}

bool OwnerSearch::explains(Done done) noexcept {
  settle(done);
  if ((lineup_->required & ~done.set) == 0) return true;
  if (dead_.contains(done)) return false;
  gave_up_ = gave_up_ || dead_.full();
  for (std::uint8_t k = 0; k < lineup_->count && !gave_up_; ++k) {
    const std::uint8_t i = lineup_->order[k];
    const OperationSet bit = OperationSet{1} << i;
    const Operation& operation = history_->operations()[i];
    if ((done.set & bit) != 0 || (operation.before & ~done.set) != 0 || !has_effect(i)) continue;
    if (!apply(operation)) continue;
    const bool good = explains({done.set | bit});
    undo(operation);
    if (good) return true;
  }
  dead_.add(done);
  return false;
}

}  // namespace labyrinth::machine
