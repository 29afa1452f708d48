// What a request is entitled to: which zones its modifiers permit, and the floor below which it may not push
// the free frames of each (E1). Watermark boosting is left out: a fallback to another migratetype does not
// raise any mark.
#pragma once

#include <array>
#include <cstdint>

#include "labyrinth/types.hpp"

namespace labyrinth {

using ZoneIndex = std::uint32_t;  // enum labyrinth_zone_type

struct Watermarks {
  Frames min;
  Frames low;
  Frames high;
};

// The two passes over the pools: first down to the low mark, then to what the request may draw on.
enum class Pass : std::uint8_t { kLow, kMin };

// Whose device number is a field, and not flags.
inline constexpr Gfp kDeviceField{LABYRINTH_GFP_DEVICE};

[[nodiscard]] constexpr bool names_device(Gfp gfp) noexcept { return (gfp.bits & kDeviceField.bits) != 0; }
// Of one that names a device; not below LABYRINTH_MAX_DEVICES if there can be no such device.
[[nodiscard]] constexpr std::uint32_t device_of(Gfp gfp) noexcept {
  return ((gfp.bits & kDeviceField.bits) >> 20) - 1;
}
static_assert(kDeviceField.has(for_device(UINT32_MAX)) && device_of(for_device(7)) == 7);

// Whether it asks for a room, its own or a device's.
[[nodiscard]] constexpr bool names_room(Gfp gfp) noexcept { return gfp.has(kRoom) || names_device(gfp); }

[[nodiscard]] constexpr bool is_known(Gfp gfp) noexcept {
  constexpr Gfp kAll = kDirectReclaim | kKswapdReclaim | kHigh | kMemalloc | kNomemalloc | kDma | kDma32 |
                       kHighmem | kMovable | kExclusive | kRoom | kZero | kReclaimable | kNoretry | kNofail |
                       kDeviceField;
  // Content is of one kind.
  return kAll.has(gfp) && !gfp.has(kMovable | kReclaimable);
}

inline constexpr ZoneIndex kNoZone = LABYRINTH_ZONES;

// By the bits DMA, DMA32, HIGHMEM, MOVABLE, the first one lowest (mm: GFP_ZONE_TABLE).
inline constexpr std::array<ZoneIndex, 16> kHighestZone = {
    LABYRINTH_ZONE_NORMAL,   // none
    LABYRINTH_ZONE_DMA,      //
    LABYRINTH_ZONE_DMA32,    //
    kNoZone,                 // DMA | DMA32
    LABYRINTH_ZONE_NORMAL,   // HIGHMEM: there is no zone between NORMAL and MOVABLE
    kNoZone,                 // DMA | HIGHMEM
    kNoZone,                 // DMA32 | HIGHMEM
    kNoZone,                 // DMA | DMA32 | HIGHMEM
    LABYRINTH_ZONE_NORMAL,   // MOVABLE: its owner wants an address
    LABYRINTH_ZONE_DMA,      // MOVABLE | DMA
    LABYRINTH_ZONE_DMA32,    // MOVABLE | DMA32
    kNoZone,                 //
    LABYRINTH_ZONE_MOVABLE,  // MOVABLE | HIGHMEM
    kNoZone,
    kNoZone,
    kNoZone};

[[nodiscard]] constexpr ZoneIndex highest_zone(Gfp gfp) noexcept {
  static_assert(LABYRINTH_GFP_DMA == 1 << 5 && LABYRINTH_GFP_MOVABLE == 1 << 8);
  return kHighestZone[gfp.bits >> 5 & 15U];
}

// Whether the request is one that the highatomic reserve is for.
[[nodiscard]] constexpr bool sets_apart(Gfp gfp) noexcept {
  return gfp.has(kHigh) && !gfp.has(kDirectReclaim) && !gfp.has(kNomemalloc);
}

// The frames that a success in this pass must leave, the zone's lowmem reserve aside. The reductions are made
// in this order and in integers: the second one is a quarter of what the first one left.
[[nodiscard]] constexpr Frames mark_of(Gfp gfp, Pass pass, const Watermarks& watermarks) noexcept {
  if (pass == Pass::kLow) return watermarks.low;
  std::int64_t mark = watermarks.min.value;
  if (gfp.has(kHigh)) {
    mark -= mark / 2;
    if (!gfp.has(kDirectReclaim) && !gfp.has(kNomemalloc)) mark -= mark / 4;
  }
  return Frames{mark};
}

// Whether the request may take, in its second pass, what the highatomic reserve has set apart
// (mm: ALLOC_HIGHATOMIC, ALLOC_OOM).
[[nodiscard]] constexpr bool draws_on_highatomic(Gfp gfp) noexcept {
  if (gfp.has(kNomemalloc)) return false;
  return gfp.has(kMemalloc) || sets_apart(gfp);
}

[[nodiscard]] constexpr Frames floor_of(Gfp gfp, Pass pass, const Watermarks& watermarks,
                                        Frames reserve) noexcept {
  if (pass == Pass::kMin && gfp.has(kMemalloc) && !gfp.has(kNomemalloc)) return Frames{0};
  return mark_of(gfp, pass, watermarks) + reserve;
}

// Frames that `zone` keeps from requests whose highest zone is `highest` (mm:
// setup_per_zone_lowmem_reserve()).
[[nodiscard]] constexpr Frames lowmem_reserve(const ZoneConfig* zones, ZoneIndex zone,
                                              ZoneIndex highest) noexcept {
  if (zones[zone].lowmem_ratio == 0) return Frames{0};
  std::uint64_t above = 0;
  for (ZoneIndex i = zone + 1; i <= highest; ++i) above += zones[i].frames;
  return Frames{static_cast<std::int64_t>(above / zones[zone].lowmem_ratio)};
}

}  // namespace labyrinth
