// A search that is divided: one explorer gives away choices of its path, another goes on with them.
//
// A state that is shared has every context that can step there to be explored: nothing that either finds
// later could want more of it, so they need not hear of each other. docs/exploring.md has the argument.
#include <algorithm>
#include <bit>

#include "core.hpp"
#include "explorer_state.hpp"

namespace labyrinth::machine {

/// What is left to do at the node once all below it is done: a set of contexts, the present one among them if
/// its step has variants left.
std::uint16_t Explorer::left_at(const Node& node) const noexcept {
  const auto others =
      static_cast<std::uint16_t>(node.backtrack & ~(node.done | node.sleep | bit(node.context)));
  const bool varies = (node.variants & ~((2U << node.variant) - 1)) != 0;
  return static_cast<std::uint16_t>(others | (varies ? bit(node.context) : 0));
}

std::vector<std::uint64_t> Explorer::split(Reader reader) {
  // With a bound nothing sleeps, and what nobody wanted may want what is beyond the bound: that must not be
  // what makes the search incomplete.
  if (options_.preemptions >= 0 && counts_.pruned == 0) return {};
  const std::size_t depth = std::min(nodes_.size(), reached_);
  // What is left deeper is what is kept: who gave everything would be the next to ask.
  std::size_t kept = depth;
  while (kept > fixed_ && left_at(nodes_[kept - 1]) == 0) --kept;
  while (fixed_ + 1 < kept) {
    Node& node = nodes_[fixed_++];
    node.backtrack = static_cast<std::uint16_t>(node.backtrack | node.enabled);
    if (left_at(node) != 0) return save_path(fixed_, reader);
  }
  return {};
}

}  // namespace labyrinth::machine
