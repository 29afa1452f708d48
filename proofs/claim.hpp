// What a claim in an ownership word comes to: proved of the code by claim-contract.cpp, and what proofs of
// whole calls know of it.
#pragma once

#include "ownership_word.hpp"

namespace labyrinth::proof {

struct Claim {
  Order order;
  Word seen;               // by the caller, before
  std::uint32_t patience;  // before: how many races it may lose
  std::uint32_t lost;      // races; each is an access, and so is the claim
  Word last;               // the word at the last access, or as seen if there was none
  bool found;
  std::uint32_t start;
};

/// A block that was free in the end, with patience left and the word as prepaid as it was; or nothing, for a
/// reason.
[[nodiscard]] constexpr bool is_agreed(const Claim& claim) noexcept {
  const bool as_prepaid = ((claim.last ^ claim.seen) & kPrepaid) == 0;
  const Word free = free_blocks(claim.last, claim.order);
  if (claim.lost > claim.patience) return false;
  if (!claim.found) return claim.lost == claim.patience || !as_prepaid || free == 0;
  return claim.lost != claim.patience && as_prepaid && claim.start < kFramesPerWord &&
         claim.start % (1u << claim.order.value) == 0 && (free & node_bit(claim.order, claim.start)) != 0;
}

}  // namespace labyrinth::proof
