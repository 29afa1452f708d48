// Prepaid words: the credits of a word's free frames, put into the word itself for the CPU that allocates
// there.
//
// A CPU that has found a frame takes the credits of all free frames of its word at once, and marks the word
// (kPrepaid). From then on one compare-exchange in the word claims a frame together with its credit, and one
// fetch_and frees both: two locked operations a pair, on a line that no other CPU is fond of.
//
//   P1  A prepaid word holds, at each node above it and at the root, as many credits as it has free frames:
//       to the tree (credits.hpp) it is one more holder, so I1 to I3 stand. A free into it adds to both.
//   P2  A prepaid word is in the slot of exactly one CPU, or in the hands of one call in progress: it is
//       marked before it goes into a slot, and taken out of the slot before its mark is. So a word is never
//       in two slots, and whoever takes it out of one finds its mark.
//   P3  E1: a claim holds if the root still has the floor afterwards: what is left is at least the root. If
//       not, the claim is undone and the call goes on as everyone does.
//   P4  E2: whoever is refused at the root first empties every slot, and asks again. What it can miss is in
//       the hands of a call in progress: the drift is one word for each, kBatch frames.
//
// Nothing here waits or loops but over the CPUs: marking is one compare-exchange that may fail, unmarking is
// a fetch_and, a slot changes by exchange.
#pragma once

#include <atomic>
#include <cstdint>

#include "credits.hpp"
#include "labyrinth/types.hpp"
#include "layout.hpp"
#include "ownership.hpp"

namespace labyrinth {

// The most frames a call in progress has in its hands besides or instead of what it asked for.
inline constexpr Frames kBatch{kFramesPerWord};
// Fewer free frames than this in a word are not worth the locked operations, unless the CPU takes the same
// frame again: then it is the word that it frees into.
inline constexpr std::uint32_t kLeastPrepaid = 8;
inline constexpr std::uint32_t kPrepaidTries = 4;

inline constexpr WordIndex kNoWord = UINT32_MAX;

// What a CPU keeps to itself. Any CPU number and any hint will do: they only decide where to look first.
struct alignas(kCacheLine) CpuLine {
  explicit CpuLine(Offset first) noexcept : hint(first) {}

  std::atomic<Offset> hint;                 // the block that it last found
  std::atomic<WordIndex> prepaid{kNoWord};  // its slot
};

class Prepaid {
 public:
  // `keep`: frames that must be left in the zone when a word is prepaid: no request's floor is above it.
  Prepaid(const Geometry& geometry, Ownership& ownership, Credits& credits, std::uint32_t cpus, Frames keep,
          std::byte* memory) noexcept;

  Prepaid(const Prepaid&) = delete;
  Prepaid& operator=(const Prepaid&) = delete;

  [[nodiscard]] CpuLine& line(std::uint32_t cpu) const noexcept { return lines_[cpu < cpus_ ? cpu : 0]; }

  // A frame of the CPU's word, if it has one and the floor permits; kNoFrame otherwise, and nothing is
  // changed.
  [[nodiscard, gnu::always_inline]] inline Offset claim(const CpuLine& line, Frames floor) noexcept {
    // Relaxed: the word itself says whether it is prepaid. Where nothing ever is, slots are empty.
    const WordIndex word = line.prepaid.load(std::memory_order_relaxed);
    if (word == kNoWord) return kNoFrame;
    const Offset frame = ownership_.claim_prepaid(word, kPrepaidTries);
    // P3. Relaxed: the claim was an acquire, and whatever took frames before the one claimed here was freed
    // into the word happened before it, so that coherence shows it.
    if (frame == kNoFrame || credits_.root() >= floor) [[likely]]
      return frame;
    undo(frame);
    return kNoFrame;
  }

  // Prepays the word, last seen as `seen`, for the CPU, if it is worth it and there is plenty. `again`: the
  // CPU has just taken the frame there that it took the last time.
  void prepay(CpuLine& line, WordIndex word, Word seen, bool again) noexcept;

  // Empties all slots, the credits back to the tree. Whether there was anything in one.
  [[nodiscard]] bool collect() noexcept;

  // The frames in slots: old as soon as it is read.
  [[nodiscard]] Frames frames() const noexcept;

  // The drift of this zone: kBatch, or 0 if it is too small for any word to be prepaid.
  [[nodiscard]] static constexpr Frames batch(const Geometry& geometry, std::uint32_t cpus) noexcept {
    return geometry.frames.size() / cpus >= kLeastWordsPerCpu * kFramesPerWord ? kBatch : Frames{0};
  }

 private:
  void undo(Offset frame) noexcept;
  void unmark(WordIndex word) noexcept;

  static constexpr std::uint32_t kLeastWordsPerCpu = 2;

  const Geometry& geometry_;
  Ownership& ownership_;
  Credits& credits_;
  const std::uint32_t cpus_;
  const bool enabled_;
  const Frames keep_;
  CpuLine* lines_ = nullptr;
};

}  // namespace labyrinth
