// Finding and claiming one block for a call that already holds the root's credit for it.
#pragma once

#include "credits.hpp"
#include "highatomic.hpp"
#include "layout.hpp"
#include "ownership.hpp"

namespace labyrinth {

struct Found {
  Status status;  // kOk, kFragmented or kContended; unless kOk only the root's credit is still held
  Offset frame = kNoFrame;
  bool prepaid = false;  // the word it was claimed in had its credits already: the root's is left over
  Word word = 0;         // of a single frame: the word after the claim
};

class Search {
 public:
  // `frames`: how many are wanted of the block; the credits of the others are still held in the end, by the
  // root and by the path unless the block was found in a prepaid word.
  // `passes_over`: words that are not for the caller; null if all are.
  Search(const Geometry& geometry, Ownership& ownership, Credits& credits, const Highatomic* passes_over,
         std::uint32_t frames = 1) noexcept
      : geometry_(geometry),
        ownership_(ownership),
        credits_(credits),
        passes_over_(passes_over),
        frames_(frames) {}

  // One frame: down the credit tree, a constant number of times. Never kFragmented.
  [[nodiscard]] Found frame(WordIndex hint) noexcept;

  // More single frames of the word that `found` was just found in, at most that many, in one step: their
  // bits. 0 if there are none, or a race is lost. The caller holds the root's credit for them.
  [[nodiscard]] Word more_frames(const Found& found, std::uint32_t most) noexcept;

  // A block of any other order: first where the counters promise one, then a full look that skips nothing,
  // since a refusal must not rest on a counter that an interrupted context may have left low.
  [[nodiscard]] Found block(Order order, WordIndex hint) noexcept;

 private:
  [[nodiscard]] Offset frame_in_chunk(ChunkIndex chunk, WordIndex hint) noexcept;
  [[nodiscard]] Offset pass(Order order, WordIndex hint, bool guided) noexcept;
  [[nodiscard]] Offset in_chunks(Range chunks, Order order, WordIndex hint, bool guided) noexcept;
  [[nodiscard]] Offset small_in_chunk(ChunkIndex chunk, Order order, WordIndex hint) noexcept;
  [[nodiscard]] Offset large_in_chunk(ChunkIndex chunk, Order order) noexcept;

  const Geometry& geometry_;
  Ownership& ownership_;
  Credits& credits_;
  const Highatomic* const passes_over_;
  const std::uint32_t frames_;
  Patience patience_;
  bool prepaid_ = false;
  Word word_ = 0;
};

}  // namespace labyrinth
