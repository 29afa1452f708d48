// The highatomic reserve: pageblocks in which a high-order atomic request was served are set apart, so that
// the next one finds blocks that nobody else has broken up (mm/page_alloc.c, reserve_highatomic_pageblock()).
//
// To set a word apart is to prepay it (prepaid.hpp) for the reserve: its free frames' credits are in the
// word, so that the zone's counters exclude it for everyone, exactly, and what is freed into it stays there.
// A mark in the pageblock's state tells such words from those in CPUs' slots.
//
//   H1  A word is marked only after it is prepaid, and prepaid until its mark is gone; whoever clears the
//   mark
//       takes the credits out. So a word's credits are taken out once.
//   H2  Marks exist only in pageblocks that a slot names, or in the hands of one call in progress, one word
//       for each: who sets a mark and finds that its pageblock is no longer set apart takes it back at once;
//       who gives a pageblock back first ends that, then takes its marks. Both are steps on one atomic word,
//       which counts how often it ended: whose period is over does not take another's for its own.
//   H3  E2: whoever may draw on the reserve gives back all of it before being refused, and asks again; as P4.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "credits.hpp"
#include "ownership.hpp"
#include "pageblocks.hpp"

namespace labyrinth {

class Highatomic {
 public:
  // `most`: pageblocks that may be set apart; `keep`: frames that setting apart leaves in the zone's counter.
  Highatomic(const Geometry& geometry, Ownership& ownership, Credits& credits, Pageblocks& blocks,
             std::uint32_t most, Frames keep, std::byte* memory) noexcept;

  Highatomic(const Highatomic&) = delete;
  Highatomic& operator=(const Highatomic&) = delete;

  [[nodiscard]] std::uint32_t most() const noexcept { return most_; }
  // Whether the word is set apart: such words are not for plain requests.
  [[nodiscard]] bool has(WordIndex word) const noexcept { return most_ != 0 && blocks_.is_marked(word); }

  // Sets the pageblock of the frame apart, if there is room for it.
  void set_apart(Offset frame) noexcept;

  // Gives all of it back to the zone.
  void give_back() noexcept;

  // Free frames that are set apart: old as soon as it is read.
  [[nodiscard]] Frames frames() const noexcept;

  [[nodiscard]] static constexpr std::size_t size_of(std::uint32_t most) noexcept {
    return most * sizeof(std::uint64_t);
  }

 private:
  [[nodiscard]] bool enter(ChunkIndex chunk) noexcept;
  [[nodiscard]] bool set_word_apart(WordIndex word, std::uint64_t period) noexcept;
  void take_back(WordIndex word) noexcept;
  void take_back_all(ChunkIndex chunk) noexcept;

  const Geometry& geometry_;
  Ownership& ownership_;
  Credits& credits_;
  Pageblocks& blocks_;
  const std::uint32_t most_;
  const Frames keep_;
  // Each names a pageblock, or none: the number of times it was changed, then chunk + 1. The count keeps who
  // was delayed from emptying a slot that has been filled anew.
  std::atomic<std::uint64_t>* slots_ = nullptr;
};

}  // namespace labyrinth
