// The size of the zone that proofs/shared_zone.hpp has: 128 frames, for blocks of more than two words.
#pragma once

#include <cstdint>

namespace labyrinth::proof {

inline constexpr std::uint32_t kWords = 4;
inline constexpr std::uint32_t kPageblocks = 0;  // that may be set apart

}  // namespace labyrinth::proof
