// Contexts that run alone from every state: what N2 asks for.
#include <bit>

#include "core.hpp"
#include "explorer_state.hpp"

namespace labyrinth::machine {

bool Explorer::next_alone() noexcept {
  if (!is_alone_) kept_.swap(nodes_);
  is_alone_ = false;
  while (alone_left_ == 0 && alone_from_ + 1 < reached_) alone_left_ = kept_[++alone_from_].enabled;
  if (alone_left_ == 0) {
    kept_.swap(nodes_);
    return false;
  }
  is_alone_ = true;
  alone_ = {};
  alone_.context = static_cast<std::uint8_t>(std::countr_zero(alone_left_));
  alone_left_ = static_cast<std::uint16_t>(alone_left_ & (alone_left_ - 1U));
  nodes_.assign(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(alone_from_));
  prefix_ = alone_from_;
  begin_run();
  return true;
}

/// Whoever waits for a lock, or reads the same again and again, waits for others, who do not run. A call with
/// a declared bound may read the same in all its passes, as one that is refused does: the bound ends it.
std::uint8_t Explorer::decide_alone(std::uint16_t enabled) noexcept {
  const Running& me = core.contexts[alone_.context];
  alone_.call = me.call;
  alone_.may_sleep = !me.may_not_sleep;
  if ((held_back_ & unproven_ & bit(alone_.context)) != 0) abandon(true);
  if ((enabled & ~held_back_ & bit(alone_.context)) == 0) abandon(false);
  Node& node = nodes_.emplace_back();
  node.enabled = enabled;
  node.context = alone_.context;
  return alone_.context;
}

Explorer::Alone Explorer::end_alone(const Outcome& outcome) noexcept {
  if (stepping_ != kNobody) finish_step(false);
  alone_.steps = static_cast<std::uint32_t>(depth_ - alone_from_);
  if (redundant_) return alone_;  // Given up by choice: answered, or seen to wait.
  alone_.cut = outcome.kind == Outcome::Kind::kInconclusive;
  alone_.finished = !alone_.cut;
  return alone_;
}

}  // namespace labyrinth::machine
