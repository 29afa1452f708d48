// The shapes of caches, the geometry of their slabs, and where the metadata lies. Pure functions of the
// configuration.
//
// A frame is an index from the configuration's first pfn; a group is 64 frames. A slab is one frame, cut into
// objects of one cache's stride; what is left at its end is wasted. Every object starts at a granule, and a
// granule has one bit per frame whatever the frame is used for (object_frames.hpp says why). Groups are the
// leaves of each cache's tree of counters, with 64 children per node, at most 64 nodes at the highest level,
// and the cache's root above it; a single group has no levels.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "labyrinth/objects.h"

namespace labyrinth::objects {

using FrameIndex = std::uint32_t;
using GroupIndex = std::uint32_t;
using CacheIndex = std::uint32_t;  // kmalloc's first, class by class for each reach, then the configuration's
using GranuleIndex = std::uint32_t;
using Level = std::uint32_t;
using Word = std::uint64_t;

inline constexpr std::uint32_t kPageBytes = LABYRINTH_PAGE_BYTES;
inline constexpr std::uint32_t kGranuleBytes = LABYRINTH_OBJECT_GRANULE;
inline constexpr std::uint32_t kGranulesPerFrame = kPageBytes / kGranuleBytes;
inline constexpr std::uint32_t kWordsPerFrame = kGranulesPerFrame / 64;
inline constexpr std::uint32_t kFanOutBits = 6;
inline constexpr std::uint32_t kFanOut = 1u << kFanOutBits;
inline constexpr Level kMaxLevels = 4;
inline constexpr std::size_t kLine = LABYRINTH_METADATA_ALIGNMENT;

inline constexpr std::array<std::uint32_t, 10> kClassBytes{16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048};
inline constexpr std::uint32_t kClasses = kClassBytes.size();

inline constexpr std::uint64_t kLargestClass = kClassBytes[kClasses - 1];
inline constexpr std::uint64_t kLargestBlock = std::uint64_t{kPageBytes} << LABYRINTH_MAX_ORDER;

// Which zones a slab may lie in: objects of one reach cannot serve another, so that each has its own caches.
enum class Reach : std::uint32_t { kNormal, kDma32, kDma };
inline constexpr CacheIndex kReaches = 3;
inline constexpr CacheIndex kKmallocCaches = kReaches * kClasses;

// The class that serves so many bytes, 1 .. the largest class's.
[[nodiscard]] constexpr std::uint32_t class_of(std::uint64_t bytes) noexcept {
  std::uint32_t index = 0;
  while (kClassBytes[index] < bytes) ++index;
  return index;
}

[[nodiscard]] constexpr CacheIndex cache_of(Reach reach, std::uint32_t size_class) noexcept {
  return static_cast<CacheIndex>(reach) * kClasses + size_class;
}

// The order of the smallest block of so many bytes, more than 0; above 2^LABYRINTH_MAX_ORDER frames some
// larger order, without overflow.
[[nodiscard]] constexpr std::uint32_t order_of(std::uint64_t bytes) noexcept {
  return static_cast<std::uint32_t>(std::bit_width((bytes - 1) / kPageBytes));
}

// How a cache cuts a frame.
struct Shape {
  std::uint32_t stride = 0;                   // bytes from one object to the next
  std::uint32_t capacity = 0;                 // objects in a slab
  std::array<Word, kWordsPerFrame> starts{};  // the granules at which they start

  constexpr Shape(std::uint32_t size, std::uint32_t alignment) noexcept {
    const std::uint32_t step = alignment > kGranuleBytes ? alignment : kGranuleBytes;
    stride = (size + step - 1) & ~(step - 1);
    capacity = kPageBytes / stride;
    for (std::uint32_t object = 0; object < capacity; ++object) {
      const GranuleIndex granule = object * stride / kGranuleBytes;
      starts[granule / 64] |= Word{1} << (granule % 64);
    }
  }
};

[[nodiscard]] constexpr bool is_valid(const labyrinth_cache& cache) noexcept {
  // Not has_single_bit: g++ makes a call into its runtime of it.
  const bool is_power_of_two = cache.alignment != 0 && (cache.alignment & (cache.alignment - 1)) == 0;
  return cache.size >= 1 && cache.size <= kPageBytes && is_power_of_two && cache.alignment <= kPageBytes;
}

struct Geometry {
  std::uint64_t first_pfn;
  FrameIndex frames;

  [[nodiscard]] constexpr GroupIndex groups() const noexcept { return ((frames - 1) >> kFanOutBits) + 1; }
  // The nodes of a counter level: one per 64^level groups.
  [[nodiscard]] constexpr std::uint32_t nodes(Level level) const noexcept {
    return ((groups() - 1) >> (kFanOutBits * level)) + 1;
  }
  [[nodiscard]] constexpr Level levels() const noexcept {
    if (groups() == 1) return 0;
    Level level = 1;
    while (nodes(level - 1) > kFanOut) ++level;
    return level;
  }
  [[nodiscard]] constexpr std::uint32_t all_nodes() const noexcept {
    std::uint32_t count = 0;
    for (Level level = 0; level < levels(); ++level) count += nodes(level);
    return count;
  }
  // The first frame beyond the group.
  [[nodiscard]] constexpr FrameIndex end_of(GroupIndex group) const noexcept {
    const FrameIndex end = (group + 1) << kFanOutBits;
    return end < frames ? end : frames;
  }
};

// Byte offsets into the metadata; the object at its start has `head_size` bytes. Frames' states and counters
// are packed: what a search reads in a row should be few lines. Each CPU has its hints on lines of its own.
struct Layout {
  std::size_t caches = 0;
  std::size_t hints = 0;
  std::size_t hints_per_cpu = 0;
  std::size_t nodes = 0;
  std::size_t nodes_per_cache = 0;
  std::size_t states = 0;
  std::size_t live = 0;
  std::size_t size = 0;

  constexpr Layout(const Geometry& geometry, CacheIndex cache_count, std::uint32_t cpus,
                   std::size_t head_size, std::size_t cache_size) noexcept {
    caches = round_up(head_size);
    hints = round_up(caches + cache_count * cache_size);
    hints_per_cpu = round_up(cache_count * sizeof(FrameIndex));
    nodes = hints + cpus * hints_per_cpu;
    nodes_per_cache = round_up(geometry.all_nodes() * sizeof(std::int64_t));
    states = nodes + cache_count * nodes_per_cache;
    live = round_up(states + std::size_t{geometry.frames} * sizeof(std::uint32_t));
    size = round_up(live + std::size_t{geometry.frames} * kWordsPerFrame * sizeof(Word));
  }

 private:
  static constexpr std::size_t round_up(std::size_t bytes) noexcept {
    return (bytes + kLine - 1) & ~(kLine - 1);
  }
};

}  // namespace labyrinth::objects
