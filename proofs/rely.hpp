// What contexts may do to an ownership word: the rely of the others, which is the guarantee of each.
//
// Nobody changes a bit that another owns, and everybody keeps the word well formed. A block's owner is who
// was given it; a free of a block that is not its caller's is not made by others here, since X3 is about what
// a free does, and the proof word-release makes such a free itself.
#pragma once

#include "labyrinth/proof.hpp"
#include "ownership_word.hpp"

namespace labyrinth::proof {

/// The word's invariant: a larger block has it as a whole, or no live block lies in another.
[[nodiscard]] constexpr bool well_formed(Word word) noexcept {
  if ((word & kWhole) != 0) return word == kWhole;
  const Word live = word & ~kPrepaid;
  Word occupied = live & kNodes[0];  // nodes that are live or have something live below
  for (std::uint32_t k = 1; k <= kLargestInWord.value; ++k) {
    const std::uint32_t child = 1u << (k - 1);
    const Word above = ((occupied << child) | (occupied >> child)) & kNodes[k];
    if ((live & above) != 0) return false;
    occupied = (live & kNodes[k]) | above;
  }
  return true;
}

/// Whether others may make `after` of `before` while these bits of it are mine.
[[nodiscard]] constexpr bool others_may(Word before, Word after, Word mine) noexcept {
  if ((mine & kWhole) != 0) return after == before;
  return well_formed(after) && (after & mine) == mine;
}

/// Whether I may: the blocks of others stay as they are.
[[nodiscard]] constexpr bool i_may(Word before, Word after, Word mine) noexcept {
  const Word theirs = before & ~mine & ~kPrepaid;
  return well_formed(after) && (after & theirs) == theirs;
}

}  // namespace labyrinth::proof
