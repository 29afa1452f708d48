// Prepaid words: the credits of a word's free frames, put into the word itself for the CPU that allocates
// there.
//
// A CPU that has found a frame takes the credits of all free frames of its word at once, and marks the word
// (kPrepaid). From then on one compare-exchange in the word claims a frame together with its credit, and one
// fetch_and frees both: two locked operations a pair, on a line that no other CPU is fond of.
//
//   P1  A prepaid word holds, at each node above it and at the root, as many credits as it has free frames:
//       to the tree (credits.hpp) it is one more holder, so I1 to I3 stand. A free into it adds to both.
//   P2  A prepaid word is in the slot of exactly one CPU, or set apart (highatomic.hpp), or in the hands of
//   one call in progress: it is
//       marked before it goes into a slot, and taken out of the slot before its mark is. So a word is never
//       in two slots, and whoever takes it out of one finds its mark.
//   P3  E1: a frame is claimed only if, after the word was seen, the root had more than the floor: what was
//       free then is at least that, so the frame could have been taken then. With less, the call goes on as
//       everyone does. Nothing is claimed that may have to be given back: a free that was meant for an
//       earlier block of the frame would find it live, somebody else could get it, and the undo would take
//       it away from them. What that costs: this holds of each call, and of two at once. Of three or more
//       between look and claim in one word, its only free frame taken and freed again before each claim, and
//       the root lowered by requests with lower floors meanwhile, one may leave a frame too few.
//   P4  E2: whoever is refused at the root first empties every slot, and asks again; if a word was put into a
//       slot meanwhile (Credits::moves()), that was no refusal but a lost race. What it can miss is in the
//       hands of a call in progress: the drift is one word for each, kBatch frames, and the frame it has
//       taken already when it puts its word into a slot and has the one that was there.
//
// Nothing here waits or loops but over the CPUs' lanes: marking is one compare-exchange that may fail,
// unmarking is a fetch_and, a slot changes by exchange.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "credits.hpp"
#include "labyrinth/types.hpp"
#include "layout.hpp"
#include "ownership.hpp"
#include "pageblocks.hpp"

namespace labyrinth {

// The most frames a call in progress has in its hands besides what it asked for.
inline constexpr Frames kBatch{kFramesPerWord};
// Fewer free frames than this in a word are not worth the locked operations, unless the CPU takes the same
// frame again: then it is the word that it frees into.
inline constexpr std::uint32_t kLeastPrepaid = 8;
inline constexpr std::uint32_t kPrepaidTries = 4;
// Times that all slots are emptied for one refused call while others keep filling them.
inline constexpr std::uint32_t kCollectTries = 2;

inline constexpr WordIndex kNoWord = UINT32_MAX;

// What a CPU keeps to itself of one kind of content.
struct Lane {
  std::atomic<Offset> hint{0};              // the block that it last found
  std::atomic<WordIndex> prepaid{kNoWord};  // its slot
};

// Any CPU number and any hint will do: they only decide where to look first.
struct alignas(kCacheLine) CpuLine {
  std::array<Lane, kMobilities> lanes;
};

class Prepaid {
 public:
  // `keep`: frames that must be left in the zone when a word is prepaid: no request's floor is above it.
  // `lanes`: kinds of content that are kept apart, 1 or kMobilities.
  Prepaid(const Geometry& geometry, Ownership& ownership, Credits& credits, std::uint32_t cpus,
          std::uint32_t lanes, Frames keep, std::byte* memory) noexcept;

  Prepaid(const Prepaid&) = delete;
  Prepaid& operator=(const Prepaid&) = delete;

  // Where content is not grouped, it all has one lane.
  [[nodiscard]] Lane& lane(std::uint32_t cpu, Mobility mobility) const noexcept {
    const auto index = static_cast<std::uint32_t>(mobility);
    return lines_[cpu < cpus_ ? cpu : 0].lanes[index < lanes_ ? index : 0];
  }

  // A frame of the CPU's word, if it has one and the floor permits; kNoFrame otherwise, and nothing is
  // changed.
  [[nodiscard, gnu::always_inline]] inline Offset claim(const Lane& lane, Frames floor) noexcept {
    // Relaxed: the word itself says whether it is prepaid. Where nothing ever is, slots are empty.
    const WordIndex word = lane.prepaid.load(std::memory_order_relaxed);
    if (word == kNoWord) return kNoFrame;
    return ownership_.claim_prepaid(word, kPrepaidTries, [&]() noexcept { return credits_.root() > floor; });
  }

  // Prepays the word, last seen as `seen`, for the CPU, if it is worth it and there is plenty. `again`: the
  // CPU has just taken the frame there that it took the last time.
  void prepay(Lane& lane, WordIndex word, Word seen, bool again) noexcept;

  // Empties all slots, the credits back to the tree.
  void collect() noexcept;

  // The frames in slots: old as soon as it is read.
  [[nodiscard]] Frames frames() const noexcept;
  [[nodiscard]] bool is_enabled() const noexcept { return enabled_; }

  // The drift of this zone: a word and a frame, or 0 if it is too small for any word to be prepaid.
  [[nodiscard]] static constexpr Frames batch(const Geometry& geometry, std::uint32_t cpus) noexcept {
    const bool is_enabled = geometry.frames.size() / cpus >= kLeastWordsPerCpu * kFramesPerWord;
    return is_enabled ? kBatch + Frames{1} : Frames{0};
  }

 private:
  void unmark(WordIndex word) noexcept;

  static constexpr std::uint32_t kLeastWordsPerCpu = 2;

  const Geometry& geometry_;
  Ownership& ownership_;
  Credits& credits_;
  const std::uint32_t cpus_;
  const std::uint32_t lanes_;
  const bool enabled_;
  const Frames keep_;
  CpuLine* lines_ = nullptr;
};

}  // namespace labyrinth
