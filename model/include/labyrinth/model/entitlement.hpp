// E1 and E4: which pools a request may be served from, and how far down it may draw each of them. Source:
// mm/page_alloc.c, gfp_zone(), __zone_watermark_ok() and gfp_to_alloc_flags().
#pragma once

#include "labyrinth/model/memory.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

/// The two passes over the pools: the first one with m = low, the second one, after background reclaim was
/// woken, with m = min and the reductions.
enum class Pass : std::uint8_t { kLow, kMin };

/// Frames that must be left in a zone with these watermarks, lowmem reserve aside. The reductions are in
/// integer arithmetic and in this order. (Watermark boosting, which raises marks for a while after a
/// fallback to another migratetype, is no part of the model.)
[[nodiscard]] constexpr Frames mark_of(Gfp gfp, Pass pass, const Watermarks& marks) noexcept {
  if (pass == Pass::kLow) return marks.low;
  std::int64_t mark = marks.min.count;
  if (gfp.has(kHigh)) {
    mark -= mark / 2;
    if (!gfp.has(kDirectReclaim) && !gfp.has(kNomemalloc)) mark -= mark / 4;
  }
  return {mark};
}

/// Which zones the modifiers name; nothing if they contradict each other.
///
///   (none) and MOVABLE     up to NORMAL
///   DMA, DMA32             up to that zone
///   HIGHMEM                up to NORMAL: there is no zone between NORMAL and MOVABLE
///   HIGHMEM | MOVABLE      up to MOVABLE
[[nodiscard]] constexpr std::optional<ZoneType> highest_zone(Gfp gfp) noexcept {
  const std::uint32_t named = gfp.bits & (kDma.bits | kDma32.bits | kHighmem.bits);
  if (named == kDma.bits) return ZoneType::kDma;
  if (named == kDma32.bits) return ZoneType::kDma32;
  if (named == kHighmem.bits && gfp.has(kMovable)) return ZoneType::kMovable;
  if (named == 0 || named == kHighmem.bits) return ZoneType::kNormal;
  return std::nullopt;
}

/// The floor of the request in the pool: frames that a success must leave.
[[nodiscard]] constexpr Frames floor_of(Gfp gfp, Pass pass, const Pool& pool) noexcept {
  if (pool.kind == PoolKind::kRoom) return {0};
  if (pass == Pass::kMin && gfp.has(kMemalloc) && !gfp.has(kNomemalloc)) return {0};
  const Frames mark = mark_of(gfp, pass, pool.marks);
  if (pool.kind == PoolKind::kVoid) return mark;
  // By itself, so that a proof's index that is not known is one of four numbers, and not of all that a memory
  // is made of.
  const std::array<Frames, kZoneTypes> reserve = pool.reserve;
  return mark + reserve[static_cast<std::size_t>(highest_zone(gfp).value_or(ZoneType::kNormal))];
}

/// E4: whether the request is one that the highatomic reserve is for: of order 1 to 4, a success of it may
/// set its pageblock apart (mm/page_alloc.c: ALLOC_HIGHATOMIC, reserve_highatomic_pageblock()).
[[nodiscard]] constexpr bool sets_apart(Gfp gfp) noexcept {
  return gfp.has(kHigh) && !gfp.has(kDirectReclaim) && !gfp.has(kNomemalloc);
}

/// E4: whether the request may take what is set apart, and so counts it as usable. In the first pass nobody
/// may.
[[nodiscard]] constexpr bool draws_on_highatomic(Gfp gfp, Pass pass) noexcept {
  return pass == Pass::kMin && !gfp.has(kNomemalloc) && (gfp.has(kMemalloc) || sets_apart(gfp));
}

/// Whether the request, before it is refused, can make the reserve give way: by drawing on it, or by reclaim.
[[nodiscard]] constexpr bool gets_highatomic(Gfp gfp) noexcept {
  return draws_on_highatomic(gfp, Pass::kMin) || gfp.has(kDirectReclaim);
}

/// Whether any allocator could understand the request (X2): known bits that do not contradict each other, an
/// order that exists.
[[nodiscard]] constexpr bool well_formed(Gfp gfp, Order order, Order max_order) noexcept {
  if ((gfp.bits & ~kGfpMask.bits) != 0 || order > max_order || !highest_zone(gfp)) return false;
  if (names_room(gfp) && order > Order{0}) return false;  // Rooms hold single frames.
  if (gfp.has(kRoom) && names_device(gfp)) return false;  // One room, and not two.
  if (names_device(gfp) && device_of(gfp) >= kMaxDevices) return false;
  if (gfp.has(kMovable | kReclaimable)) return false;  // Content is of one kind.
  // Only who may sleep can wait, and only who tries again.
  if (gfp.has(kNofail) && (!gfp.has(kDirectReclaim) || gfp.has(kNoretry))) return false;
  // The void is no zone, and no room is in it.
  constexpr Gfp kElsewhere = kDma | kDma32 | kHighmem | kMovable | kRoom | kDeviceField;
  return !gfp.has(kExclusive) || (gfp.bits & kElsewhere.bits) == 0;
}

/// Whether the room is open to the request of a caller on one of `cpus` at `level`. A device is its driver,
/// wherever that runs.
[[nodiscard]] constexpr bool owns(Gfp gfp, std::uint32_t cpus, Level level, const Pool& room) noexcept {
  if (names_device(gfp)) return room.device == device_of(gfp);
  return room.device == kNoDevice && room.level == level && (cpus >> room.cpu & 1U) != 0;
}

/// The pools that a caller on one of `cpus` (bit per CPU it was on during the call) at `level` may be served
/// from: E4. Empty if no pool of this memory could ever serve the request: then it is no request (X2).
[[nodiscard]] constexpr PoolSet open_pools(const Memory& memory, Gfp gfp, std::uint32_t cpus,
                                           Level level) noexcept {
  const auto highest = highest_zone(gfp).value_or(ZoneType::kNormal);
  PoolSet zones = 0;
  PoolSet rooms = 0;
  bool spills = true;
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    const Pool& pool = memory.pools[i];
    const PoolSet bit = PoolSet{1} << i;
    if (pool.kind == PoolKind::kVoid && gfp.has(kExclusive)) return bit;
    if (pool.kind == PoolKind::kZone && pool.zone <= highest) zones |= bit;
    if (pool.kind == PoolKind::kRoom && owns(gfp, cpus, level, pool)) {
      rooms |= bit;
      spills = spills && pool.spills;
    }
  }
  if (gfp.has(kExclusive)) return 0;
  if (!names_room(gfp)) return zones;
  // Who asks for a room that does not exist asks for nothing.
  if (rooms == 0) return 0;
  return rooms | (spills ? zones : 0);
}

/// Whether the pool can serve `need` frames in blocks of `order` when all of it is free: what can never be
/// served must not be asked for with NOFAIL (X2).
[[nodiscard]] constexpr bool could_ever_serve(Gfp gfp, Order order, Frames need, const Pool& pool) noexcept {
  if (pool.span.frames - need < floor_of(gfp, Pass::kMin, pool)) return false;
  const auto size = static_cast<std::uint64_t>(order.frames().count);
  return pool.span.contains({(pool.span.first.value + size - 1) & ~(size - 1)}, order);
}

/// Whether `first` comes before `second` in the order in which pools are tried: rooms, then zones from the
/// highest one down.
[[nodiscard]] constexpr bool comes_before(const Memory& memory, std::uint8_t first,
                                          std::uint8_t second) noexcept {
  const bool first_is_room = memory.pools[first].kind == PoolKind::kRoom;
  const bool second_is_room = memory.pools[second].kind == PoolKind::kRoom;
  if (first_is_room != second_is_room) return first_is_room;
  return !first_is_room && first > second;
}

}  // namespace labyrinth::model
