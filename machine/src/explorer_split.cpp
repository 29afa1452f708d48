// A search that is divided: one explorer gives away choices of its path, another goes on with them.
//
// A state that is shared has every context that can step there to be explored: nothing that either finds
// later could want more of it, so they need not hear of each other. docs/exploring.md has the argument.
#include <algorithm>
#include <bit>

#include "core.hpp"
#include "explorer_state.hpp"

namespace labyrinth::machine {

void Explorer::begin_with_masks() noexcept {
  begin();
  masks_seen_ = with_masks_ = true;
}

/// What is left to do at the node once all below it is done: a set of contexts, the present one among them if
/// its step has variants left.
std::uint16_t Explorer::left_at(const Node& node) const noexcept {
  const auto others =
      static_cast<std::uint16_t>(node.backtrack & ~(node.done | node.sleep | bit(node.context)));
  const bool varies = (node.variants & ~((2U << node.variant) - 1)) != 0;
  return static_cast<std::uint16_t>(others | (varies ? bit(node.context) : 0));
}

bool Explorer::beyond_bound(std::size_t at, std::uint8_t context) const noexcept {
  return options_.preemptions >= 0 &&
         nodes_[at].preemptions + (is_preemption(at, context) ? 1 : 0) > options_.preemptions;
}

/// A bound has left something out only if something was wanted that is beyond it; what a node has only
/// because it is shared was not.
void Explorer::note_pruned(std::size_t at, std::uint16_t wanted) noexcept {
  for (unsigned left = wanted; left != 0; left &= left - 1) {
    if (beyond_bound(at, static_cast<std::uint8_t>(std::countr_zero(left)))) ++counts_.pruned;
  }
}

/// From now on every context that can step there is explored from the node, by whoever has what is left of
/// it.
void Explorer::share_node(std::size_t at) noexcept {
  Node& node = nodes_[at];
  const auto open = static_cast<std::uint16_t>(node.enabled & ~(node.done | bit(node.context)));
  note_pruned(at, static_cast<std::uint16_t>(node.backtrack & open));
  for (unsigned left = open; left != 0; left &= left - 1) {
    const auto context = static_cast<std::uint8_t>(std::countr_zero(left));
    if (beyond_bound(at, context)) node.done = static_cast<std::uint16_t>(node.done | bit(context));
  }
  node.backtrack = static_cast<std::uint16_t>(node.backtrack | node.enabled);
}

std::vector<std::uint64_t> Explorer::split(Reader reader) {
  if (begins_anew()) return {};
  const std::size_t depth = std::min(nodes_.size(), reached_);
  // What is left deeper is what is kept: who gave everything would be the next to ask.
  std::size_t kept = depth;
  while (kept > fixed_ && left_at(nodes_[kept - 1]) == 0) --kept;
  while (fixed_ + 1 < kept) {
    share_node(fixed_);
    const bool gives = left_at(nodes_[fixed_]) != 0;
    ++fixed_;
    if (gives) return save_path(fixed_, reader);
  }
  return {};
}

}  // namespace labyrinth::machine
