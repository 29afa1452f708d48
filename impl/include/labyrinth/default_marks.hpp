// Watermarks as Linux sets them when nobody chose any: mm/page_alloc.c, calculate_min_free_kbytes() (once
// init_per_zone_wmark_min()) and __setup_per_zone_wmarks(), for memory that is all one zone.
//
//   min   4 * sqrt(KiB of memory) KiB, written there as sqrt(16 * KiB), but 128 KiB .. 256 MiB: it grows
//   slower than
//         memory, since so do the bursts that it has to serve
//   low   min + gap, high   low + gap, where gap = max(min/4, 0.1 % of the memory); so up to 1 GiB
//         low is min * 5/4 and high is min * 3/2
//
// Linux has no machine of less than 1 MiB in mind. Here min takes at most a quarter of the frames.
#pragma once

#include <algorithm>
#include <cstdint>

#include "labyrinth/types.hpp"

namespace labyrinth {

struct DefaultMarks {
  std::uint64_t min = 0;  // in frames, as in Config
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

[[nodiscard]] constexpr std::uint64_t floor_of_sqrt(std::uint64_t n) noexcept {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= n) root += bit;
  }
  return root;
}

// For frames of 2^shift bytes, at least 1 KiB.
[[nodiscard]] constexpr DefaultMarks default_marks(Frames frames, std::uint32_t shift = 12) noexcept {
  constexpr std::uint64_t kLeastKib = 128;
  constexpr std::uint64_t kMostKib = 262144;
  const auto count = static_cast<std::uint64_t>(frames.value);
  const std::uint64_t kib = count << (shift - 10);
  const std::uint64_t min_kib = std::clamp(floor_of_sqrt(16 * kib), kLeastKib, kMostKib);
  const std::uint64_t min = std::min(min_kib >> (shift - 10), count / 4);
  const std::uint64_t gap = std::max(min / 4, count / 1000);
  return {min, min + gap, min + 2 * gap};
}

}  // namespace labyrinth
