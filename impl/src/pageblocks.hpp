// Pageblocks: which kind of content each chunk of a zone is for, so that what cannot be moved does not spoil
// them all (mm: migratetypes), and which of their words are set apart (highatomic.hpp).
//
// Mobility is a matter of where a search begins, never of what it may find: nothing that a call decides
// rests on it. A chunk takes the kind of the first who takes a frame of it while it is wholly free, or who
// falls back to it while half of it is (mm/page_alloc.c, try_to_claim_block()).
//
// State of a chunk:  63        35 34    33  32    31           0
//                    |  periods  | mobility | apart | word marks |
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "credits.hpp"
#include "labyrinth/types.hpp"
#include "layout.hpp"

namespace labyrinth {

// Not called as the flags are: g++ warns of enumerators that hide constants.
enum class Mobility : std::uint8_t { kStays, kCanMove, kCanGo };
inline constexpr std::uint32_t kMobilities = 3;

[[nodiscard]] constexpr Mobility mobility_of(Gfp gfp) noexcept {
  if (gfp.has(kMovable)) return Mobility::kCanMove;
  return gfp.has(kReclaimable) ? Mobility::kCanGo : Mobility::kStays;
}

// Pageblocks that are looked at for a place to begin. Each costs two steps.
inline constexpr std::uint32_t kPlaces = 32;

class Pageblocks {
 public:
  // Constructs the state of each chunk in `memory`. All are for movable content, as in Linux.
  Pageblocks(const Geometry& geometry, const Credits& credits, bool grouped, std::byte* memory) noexcept;

  Pageblocks(const Pageblocks&) = delete;
  Pageblocks& operator=(const Pageblocks&) = delete;

  // Where a search for `need` frames begins: the hint, if its pageblock is of this kind and may have them;
  // else the next of this kind, a wholly free one, or the one with the most free frames.
  [[nodiscard]] WordIndex start(Mobility mobility, WordIndex hint, Frames need) noexcept {
    if (!grouped_) return hint;
    const ChunkIndex chunk = geometry_.chunk_of_word(hint);
    if (is_for(mobility, look(chunk)) && credits_.seen(chunk) >= need) return hint;
    return elsewhere(mobility, chunk, need);
  }

  // A search that began for `mobility` ended at this frame: most of its pageblock may be for that from now
  // on.
  void settle(Mobility mobility, Offset frame) noexcept;

  // The marks of words that are set apart, and whether the chunk still is.
  static constexpr std::uint64_t kApart = std::uint64_t{1} << 32;
  // How often it may have ceased to be. In 29 bits: a call would have to sleep through 2^29 of these.
  static constexpr std::uint64_t kPeriod = std::uint64_t{1} << 35;
  [[nodiscard]] static constexpr std::uint64_t period_of(std::uint64_t state) noexcept {
    return state / kPeriod;
  }
  [[nodiscard]] std::uint64_t mark_of(WordIndex word) const noexcept {
    return std::uint64_t{1} << (word % words_of(geometry_.chunk_order));
  }
  [[nodiscard]] bool is_marked(WordIndex word) const noexcept {
    return (look(geometry_.chunk_of_word(word)) & mark_of(word)) != 0;
  }
  [[nodiscard]] std::atomic<std::uint64_t>& state(ChunkIndex chunk) noexcept { return states_[chunk]; }
  // Relaxed: what is seen only chooses where to look next.
  [[nodiscard]] std::uint64_t look(ChunkIndex chunk) const noexcept {
    return states_[chunk].load(std::memory_order_relaxed);
  }

  // Grouping pays where each kind can have a pageblock of its own (mm: page_group_by_mobility_disabled).
  [[nodiscard]] static constexpr bool is_worth_grouping(const Geometry& geometry) noexcept {
    return geometry.chunks() > kMobilities;
  }
  [[nodiscard]] static constexpr std::size_t size_of(const Geometry& geometry) noexcept {
    return geometry.chunks() * sizeof(std::uint64_t);
  }

 private:
  static constexpr std::uint32_t kMobilityShift = 33;
  static constexpr std::uint64_t kMobilityMask = std::uint64_t{3} << kMobilityShift;

  [[nodiscard]] static constexpr std::uint64_t bits_of(Mobility mobility) noexcept {
    return static_cast<std::uint64_t>(mobility) << kMobilityShift;
  }
  [[nodiscard]] static constexpr bool is_for(Mobility mobility, std::uint64_t state) noexcept {
    return (state & kMobilityMask) == bits_of(mobility);
  }
  [[nodiscard]] WordIndex elsewhere(Mobility mobility, ChunkIndex hint, Frames need) noexcept;
  void give(ChunkIndex chunk, Mobility mobility) noexcept;

  const Geometry& geometry_;
  const Credits& credits_;
  const bool grouped_;
  std::atomic<std::uint64_t>* states_ = nullptr;
};

}  // namespace labyrinth
