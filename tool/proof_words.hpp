// Ownership words of counterexamples as the blocks that live in them.
#pragma once

#include <cstdint>
#include <set>

#include "ownership_word.hpp"
#include "proof_draft.hpp"

namespace labyrinth::tool {

/// A block of a word, by its first frame there.
struct Place {
  std::uint32_t start = 0;
  std::uint8_t order = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

[[nodiscard]] inline std::set<Place> blocks_of(Word word) {
  if ((word & kWhole) != 0) return {{0, static_cast<std::uint8_t>(kWordOrder.value)}};
  std::set<Place> blocks;
  for (Word left = word & ~kPrepaid; left != 0; left &= left - 1) {
    const labyrinth::Order order = node_order(left);
    blocks.insert({node_start(order, left), static_cast<std::uint8_t>(order.value)});
  }
  return blocks;
}

inline constexpr model::Gfp kWordGfp = model::kMemalloc;  ///< No floor: the word alone decides.

}  // namespace labyrinth::tool
