// The size of the zone that proofs/shared_zone.hpp has: 64 frames, a pageblock that may be set apart.
#pragma once

#include <cstdint>

namespace labyrinth::proof {

inline constexpr std::uint32_t kWords = 2;
inline constexpr std::uint32_t kPageblocks = 1;  // that may be set apart

}  // namespace labyrinth::proof
