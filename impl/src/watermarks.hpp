// What a request is entitled to: the floor below which it may not push the zone's free frames (E1).
#pragma once

#include "labyrinth/types.hpp"

namespace labyrinth {

struct Watermarks {
  Frames min;
  Frames low;
  Frames high;
};

[[nodiscard]] constexpr bool is_known(Gfp gfp) noexcept {
  constexpr Gfp kAll = kDirectReclaim | kKswapdReclaim | kHigh | kMemalloc | kNomemalloc;
  return kAll.has(gfp);
}

// The reductions are made in this order and in integers: the second one is a quarter of what the first one
// left.
[[nodiscard]] constexpr Frames floor_of(Gfp gfp, const Watermarks& watermarks) noexcept {
  const bool may_take_reserve = !gfp.has(kNomemalloc);
  if (gfp.has(kMemalloc) && may_take_reserve) return Frames{0};
  std::int64_t m = watermarks.min.value;
  if (gfp.has(kHigh)) {
    m -= m / 2;
    if (!gfp.has(kDirectReclaim) && may_take_reserve) m -= m / 4;
  }
  return Frames{m};
}

}  // namespace labyrinth
