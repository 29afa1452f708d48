// The geometry of a zone, and where its metadata lies. Pure functions of the configuration.
//
// Inside, a frame is an offset from the geometry's base, the first pfn rounded down to a chunk, so that
// blocks are aligned by their absolute pfn. A chunk is the largest block, but at least one ownership word: no
// block spans two chunks. Chunks are the leaves of a tree of credit counters with 64 children per node; level
// 0 holds one counter per chunk, the highest level at most 64, and above it is the root. A zone of one chunk
// has no levels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "labyrinth/types.hpp"
#include "ownership_word.hpp"

namespace labyrinth {

using Offset = std::uint32_t;  // of a frame, from the base
using WordIndex = std::uint32_t;
using ChunkIndex = std::uint32_t;
using Level = std::uint32_t;

inline constexpr std::size_t kCacheLine = LABYRINTH_METADATA_ALIGNMENT;
inline constexpr std::uint32_t kFanOutBits = 6;
inline constexpr std::uint32_t kFanOut = 1u << kFanOutBits;
inline constexpr Level kMaxLevels = 4;

// The words that a block of an order > 4 owns.
[[nodiscard]] constexpr std::uint32_t words_of(Order order) noexcept {
  return 1u << (order.value - kWordOrder.value);
}

// A range of indices, end excluded; empty unless begin < end.
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  [[nodiscard]] constexpr std::uint32_t size() const noexcept { return begin < end ? end - begin : 0; }
  [[nodiscard]] constexpr Range intersect(Range other) const noexcept {
    return {std::max(begin, other.begin), std::min(end, other.end)};
  }
};

struct Geometry {
  std::uint64_t base_pfn = 0;
  Range frames;  // the zone, as offsets
  Order max_order;
  Order chunk_order;

  constexpr Geometry(std::uint64_t first_pfn, std::uint64_t count, Order largest) noexcept
      : max_order(largest), chunk_order(std::max(largest, kWordOrder)) {
    base_pfn = first_pfn & ~((std::uint64_t{1} << chunk_order.value) - 1);
    frames.begin = static_cast<Offset>(first_pfn - base_pfn);
    frames.end = frames.begin + static_cast<Offset>(count);
  }

  // The blocks of an order, counted from the base, that have a frame in the zone.
  [[nodiscard]] constexpr Range blocks_touching(Order order) const noexcept {
    return {frames.begin >> order.value, ((frames.end - 1) >> order.value) + 1};
  }
  // The blocks of an order that lie in the zone as a whole.
  [[nodiscard]] constexpr Range blocks_inside(Order order) const noexcept {
    const Offset last = (1u << order.value) - 1;
    return {(frames.begin + last) >> order.value, frames.end >> order.value};
  }
  // The blocks of an order (at most the chunk's) that make up a chunk.
  [[nodiscard]] constexpr Range blocks_of_chunk(ChunkIndex chunk, Order order) const noexcept {
    const std::uint32_t shift = chunk_order.value - order.value;
    return {chunk << shift, (chunk + 1) << shift};
  }

  [[nodiscard]] constexpr Range words() const noexcept { return blocks_touching(kWordOrder); }
  [[nodiscard]] constexpr Range words_of_chunk(ChunkIndex chunk) const noexcept {
    return blocks_of_chunk(chunk, kWordOrder).intersect(words());
  }
  [[nodiscard]] constexpr ChunkIndex chunks() const noexcept { return blocks_touching(chunk_order).end; }
  [[nodiscard]] constexpr ChunkIndex chunk_of(Offset frame) const noexcept {
    return frame >> chunk_order.value;
  }
  [[nodiscard]] constexpr ChunkIndex chunk_of_word(WordIndex word) const noexcept {
    return chunk_of(word * kFramesPerWord);
  }

  // The nodes of a credit level: one per 64^level chunks.
  [[nodiscard]] constexpr std::uint32_t nodes(Level level) const noexcept {
    return ((chunks() - 1) >> (kFanOutBits * level)) + 1;
  }
  [[nodiscard]] constexpr Level levels() const noexcept {
    if (chunks() == 1) return 0;
    Level level = 1;
    while (nodes(level - 1) > kFanOut) ++level;
    return level;
  }
};

// Byte offsets into the metadata; the zone object itself, of `zone_size` bytes, comes first. Counters and
// CPUs have a cache line each, since different CPUs write them; words are packed, since CPUs work in
// different chunks.
struct Layout {
  std::size_t lines = 0;
  std::size_t credits = 0;  // level 0 first
  std::size_t words = 0;
  std::size_t large = 0;
  std::size_t blocks = 0;  // states of pageblocks
  std::size_t slots = 0;   // of pageblocks set apart
  std::size_t size = 0;

  constexpr Layout(const Geometry& geometry, std::uint32_t cpus, std::uint32_t apart,
                   std::size_t zone_size) noexcept {
    std::size_t nodes = 0;
    for (Level level = 0; level < geometry.levels(); ++level) nodes += geometry.nodes(level);
    lines = round_up(zone_size);
    credits = lines + cpus * kCacheLine;
    words = credits + nodes * kCacheLine;
    large = round_up(words + geometry.words().end * sizeof(Word));
    const bool has_large = geometry.max_order > kLargestInWord;
    blocks = round_up(large + (has_large ? geometry.chunks() * sizeof(Word) : 0));
    slots = blocks + geometry.chunks() * sizeof(std::uint64_t);
    size = round_up(slots + apart * sizeof(std::uint64_t));
  }

 private:
  static constexpr std::size_t round_up(std::size_t bytes) noexcept {
    return (bytes + kCacheLine - 1) & ~(kCacheLine - 1);
  }
};

}  // namespace labyrinth
