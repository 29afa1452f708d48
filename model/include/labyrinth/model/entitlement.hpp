// E1: how far down a request may draw the zone. Source: mm/page_alloc.c, __zone_watermark_ok() and
// gfp_to_alloc_flags().
#pragma once

#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

/// The frames that must be left after the request succeeded. The reductions are in integer arithmetic and in
/// this order; `low` does not appear, since with one zone the first pass decides nothing but the wake-up
/// (C3).
[[nodiscard]] constexpr Frames floor_of(Gfp gfp, const Watermarks& marks) noexcept {
  if (gfp.has(kMemalloc) && !gfp.has(kNomemalloc)) return {0};
  std::int64_t floor = marks.min.count;
  if (gfp.has(kHigh)) {
    floor -= floor / 2;
    if (!gfp.has(kDirectReclaim) && !gfp.has(kNomemalloc)) floor -= floor / 4;
  }
  return {floor};
}

/// Whether any allocator of this machine could understand the request (X2).
[[nodiscard]] constexpr bool well_formed(Gfp gfp, Order order, Order max_order) noexcept {
  return (gfp.bits & ~kGfpMask.bits) == 0 && order <= max_order;
}

}  // namespace labyrinth::model
