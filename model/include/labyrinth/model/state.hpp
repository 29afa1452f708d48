// The model's state: which frames are free, which blocks are live. Fixed storage, so a proof tool can read
// it.
//
// A frame is *free*, or *taken*: part of a live block, or of a block whose free has been called and not yet
// answered. Invariant: the heads partition the taken frames: every taken frame lies in exactly one block with
// a head, and free_frames() counts the others.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

struct Block {
  Pfn pfn{};
  Order order{};
  friend constexpr bool operator==(const Block&, const Block&) = default;
};

/// State of a zone of at most kFrames frames. Frames are addressed by their offset in the zone's span.
template <std::uint32_t kFrames>
class State {
 public:
  constexpr void reset(const Span& span) noexcept {
    span_ = span;
    free_ = span.frames.count;
    const auto frames = static_cast<std::uint32_t>(span.frames.count);
    for (std::uint32_t word = 0; word < (frames + 63) / 64; ++word) taken_[word] = 0;
    for (std::uint32_t frame = 0; frame < frames; ++frame) head_[frame] = kNoHead;
  }

  [[nodiscard]] constexpr const Span& span() const noexcept { return span_; }
  [[nodiscard]] constexpr Frames free_frames() const noexcept { return {free_}; }

  [[nodiscard]] constexpr bool taken(Pfn pfn) const noexcept {
    const std::uint64_t at = pfn.value - span_.first.value;
    return (taken_[at / 64] >> (at % 64) & 1) != 0;
  }

  /// Of the `count` frames from `first` on, all in the span, those that are free.
  [[nodiscard]] constexpr Frames free_within(Pfn first, std::uint64_t count) const noexcept {
    auto free = static_cast<std::int64_t>(count);
    for_words(first, count,
              [&](std::uint64_t word, std::uint64_t mask) { free -= std::popcount(taken_[word] & mask); });
    return {free};
  }

  /// Whether every frame of the block is free. The block lies in the span and is aligned to its order.
  [[nodiscard]] constexpr bool free(const Block& block) const noexcept {
    bool all = true;
    for_words(block,
              [&](std::uint64_t word, std::uint64_t mask) { all = all && (taken_[word] & mask) == 0; });
    return all;
  }

  /// The block a taken frame lies in.
  [[nodiscard]] constexpr std::optional<Block> block_of(Pfn pfn) const noexcept {
    for (std::uint8_t order = 0; order <= kMaxOrder.value; ++order) {
      const Pfn start{pfn.value & ~((std::uint64_t{1} << order) - 1)};
      if (start < span_.first) return std::nullopt;
      const std::uint8_t head = head_[start.value - span_.first.value];
      if (head != kNoHead && head >= order) return Block{start, {head}};
    }
    return std::nullopt;
  }

  /// Whether exactly this block has a head: it was given out and its frames are not free yet (X3).
  [[nodiscard]] constexpr bool is_block(const Block& block) const noexcept {
    return block.order <= kMaxOrder && span_.contains(block.pfn, block.order) &&
           head_[block.pfn.value - span_.first.value] == block.order.value;
  }

  /// X1: give a free block an owner.
  constexpr void take(const Block& block) noexcept {
    for_words(block, [&](std::uint64_t word, std::uint64_t mask) { taken_[word] |= mask; });
    head_[block.pfn.value - span_.first.value] = block.order.value;
    free_ -= block.order.frames().count;
  }

  /// Make the frames of a block with a head free.
  constexpr void release(const Block& block) noexcept {
    for_words(block, [&](std::uint64_t word, std::uint64_t mask) { taken_[word] &= ~mask; });
    head_[block.pfn.value - span_.first.value] = kNoHead;
    free_ += block.order.frames().count;
  }

 private:
  static constexpr std::uint8_t kNoHead = 0xff;

  /// Calls `visit(word, mask)` for each word of taken_ that the block has frames in. The span's first frame
  /// need not be aligned, so a block can straddle words.
  template <class Visit>
  constexpr void for_words(const Block& block, Visit visit) const noexcept {
    for_words(block.pfn, static_cast<std::uint64_t>(block.order.frames().count), visit);
  }
  template <class Visit>
  constexpr void for_words(Pfn first, std::uint64_t left, Visit visit) const noexcept {
    std::uint64_t at = first.value - span_.first.value;
    while (left != 0) {
      const std::uint64_t in_word = left < 64 - at % 64 ? left : 64 - at % 64;
      visit(at / 64, (~std::uint64_t{0} >> (64 - in_word)) << (at % 64));
      at += in_word;
      left -= in_word;
    }
  }

  Span span_{};
  std::int64_t free_ = 0;
  std::array<std::uint64_t, (kFrames + 63) / 64> taken_{};
  std::array<std::uint8_t, kFrames> head_{};
};

}  // namespace labyrinth::model
