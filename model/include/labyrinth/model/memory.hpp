// The memory a request is judged against: pools of frames, each with its watermarks and its owner.
//
// A *pool* is a range of frames that is accounted for on its own: a zone, the void (the isolated zone), or a
// room. Pools are disjoint, and a block lies in one of them. Source of zones and their reserves:
// include/linux/mmzone.h and mm/page_alloc.c, setup_per_zone_lowmem_reserve().
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

/// The zones in the order of their addresses. A request may use its highest zone and all below it.
enum class ZoneType : std::uint8_t { kDma, kDma32, kNormal, kMovable };
inline constexpr std::uint8_t kZoneTypes = 4;
inline constexpr std::uint8_t kLevels = 4;

enum class PoolKind : std::uint8_t { kZone, kVoid, kRoom };

inline constexpr std::uint8_t kNoDevice = 0xff;

struct Pool {
  Span span{};
  Watermarks marks{};
  PoolKind kind = PoolKind::kZone;
  ZoneType zone = ZoneType::kNormal;  ///< Of a zone.
  std::uint8_t cpu = 0;               ///< Of a room: its owner's CPU ...
  Level level = Level::kTask;         ///< ... and context level ...
  std::uint8_t device = kNoDevice;    ///< ... unless its owner is this device.
  bool unmaps = false;                ///< Of the void: its free frames cannot be addressed.
  bool spills = false;                ///< Of a room: a request that it cannot serve goes on to the zones.
  /// What one allocation in progress may hold here instead of what it asked for (E2); the target declares it.
  Frames batch{};
  /// Of a zone: pageblocks that may be set apart as its highatomic reserve.
  std::uint32_t highatomic = 0;
  /// Of a zone: frames kept from requests whose highest zone is the index (Linux: lowmem_reserve[]).
  std::array<Frames, kZoneTypes> reserve{};
};

/// Zones first, in the order of their addresses, then the void, then the rooms, those of devices last; the
/// spans follow one another.
inline constexpr std::uint8_t kMaxPools = kZoneTypes + 1 + 16 + kMaxDevices;

using PoolSet = std::uint32_t;  ///< Bit per pool.
static_assert(kMaxPools <= 32);

struct Memory {
  std::array<Pool, kMaxPools> pools{};
  std::uint8_t pool_count = 0;
  Order max_order = kMaxOrder;
  Order pageblock =
      kMaxOrder;  ///< What is set apart is whole blocks of this order, or what of one is in the zone.

  [[nodiscard]] constexpr Span span() const noexcept {
    if (pool_count == 0) return {};
    const Pool& last = pools[pool_count - 1U];
    const Pfn first = pools[0].span.first;
    return {first, {static_cast<std::int64_t>(last.span.first.value - first.value) + last.span.frames.count}};
  }

  /// The pool that the whole block lies in; a block of an order that does not exist lies in none.
  [[nodiscard]] constexpr std::optional<std::uint8_t> pool_of(Pfn pfn, Order order) const noexcept {
    if (order > kMaxOrder) return std::nullopt;
    for (std::uint8_t i = 0; i < pool_count; ++i) {
      if (pools[i].span.contains(pfn, order)) return i;
    }
    return std::nullopt;
  }
};

/// A memory that is zone NORMAL and nothing else.
[[nodiscard]] constexpr Memory one_zone(const Span& span, const Watermarks& marks, Order max_order) noexcept {
  Memory memory{};
  memory.pools[0].span = span;
  memory.pools[0].marks = marks;
  memory.pool_count = 1;
  memory.max_order = max_order;
  return memory;
}

/// One zone as configured: `lowmem_ratio` as in Linux's vm.lowmem_reserve_ratio, 0: no reserve.
struct ZoneConfig {
  Frames frames{};
  Watermarks marks{};
  std::uint32_t lowmem_ratio = 0;
};

/// What zone `zone` keeps from requests whose highest zone is `highest`: the frames of all zones above `zone`
/// up to `highest`, divided by the ratio of `zone`.
[[nodiscard]] constexpr Frames lowmem_reserve(const std::array<ZoneConfig, kZoneTypes>& zones,
                                              std::uint8_t zone, std::uint8_t highest) noexcept {
  if (zones[zone].lowmem_ratio == 0) return {0};
  std::int64_t above = 0;
  for (std::uint8_t i = zone + 1; i <= highest; ++i) above += zones[i].frames.count;
  return {above / zones[zone].lowmem_ratio};
}

}  // namespace labyrinth::model
