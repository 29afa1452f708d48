// What a search for a single frame comes to: proved of the code by search-frame.cpp, and what proofs of whole
// calls that make several know of it.
#pragma once

#include "search.hpp"
#include "zone_books.hpp"

namespace labyrinth::proof {

// kPatience races at most, a look at each word in each round, and the claim.
inline constexpr std::uint32_t kFrameSearchSteps = kPatience + kRounds * kWords + 1;

struct FrameSearch {
  bool was_free;  // a frame outside of prepaid words, before
  bool disturbed;
  Found found;
  std::uint32_t steps;
};

/// A frame was claimed that the word shows, and nothing else; or the search was contended, which needs others
/// if a frame was free. What was written the books have.
[[nodiscard]] constexpr bool is_agreed(const FrameSearch& search) noexcept {
  if (search.steps > kFrameSearchSteps) return false;
  const Found& found = search.found;
  if (found.status != Status::kOk) {
    return found.status == Status::kContended && (search.disturbed || !search.was_free);
  }
  return !found.prepaid && (found.word & kPrepaid) == 0 && found.frame < kZoneFrames &&
         (found.word & node_bit(Order{0}, found.frame % kFramesPerWord)) != 0;
}

}  // namespace labyrinth::proof
