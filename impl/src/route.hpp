// The labyrinth: where a request looks for frames, in which order, and how far down it may draw each place.
#pragma once

#include <array>
#include <cstdint>

#include "entitlement.hpp"
#include "labyrinth/types.hpp"

namespace labyrinth {

enum class Place : std::uint8_t { kOwnRoom, kVoid, kZones, kLimbo };

struct Station {
  Place place;
  Pass pass;        // down to which mark; a room has none
  bool wakes;       // on arrival, background reclaim is due
  bool gives_back;  // what a zone has set apart gives way; where no zone has, pass by
};

// Read from top to bottom: a request goes through the stations that are open to it until one serves it.
// Within kZones it goes from its highest zone downward (fallback order).
inline constexpr std::array kLabyrinth = {
    // ROOM and devices only: the room of the caller's CPU and level, or that of the device
    Station{Place::kOwnRoom, Pass::kMin, false, false},
    // EXCLUSIVE only
    Station{Place::kVoid, Pass::kLow, false, false},
    // everyone but EXCLUSIVE, and those whose room does not spill
    Station{Place::kZones, Pass::kLow, false, false}, Station{Place::kVoid, Pass::kMin, true, false},
    // from here on, what is set apart too, for those entitled to it
    Station{Place::kZones, Pass::kMin, true, false},
    // DIRECT_RECLAIM only: the pressure under which the highatomic reserve is given up
    Station{Place::kZones, Pass::kMin, true, true},
    // EXCLUSIVE that may sleep: the void again, once limbo is drained
    Station{Place::kLimbo, Pass::kMin, true, false},
    // and then, DIRECT_RECLAIM only, past the shrinkers (reclaim.cpp) and back to the top
};

// Requests of these bits alone begin at a zone, and need nothing done to the frames that they get.
inline constexpr Gfp kThroughDoorways = kDirectReclaim | kKswapdReclaim | kHigh | kMemalloc | kNomemalloc |
                                        kDma | kDma32 | kHighmem | kMovable | kNoretry;

// All rooms of one kind of owner: of a context level, one for each CPU; or a device's, which is one.
using RoomsIndex = std::uint32_t;  // enum labyrinth_level; from LABYRINTH_LEVELS on the devices
inline constexpr RoomsIndex kAllRooms = LABYRINTH_LEVELS + LABYRINTH_MAX_DEVICES;

[[nodiscard]] constexpr RoomsIndex rooms_of_device(std::uint32_t device) noexcept {
  return LABYRINTH_LEVELS + device;
}

// What a request may visit.
struct Route {
  std::uint8_t places = 0;  // bit per Place; none: the request names nothing that exists
  ZoneIndex highest = kNoZone;
  RoomsIndex rooms = 0;  // of kOwnRoom

  [[nodiscard]] constexpr bool leads_to(Place place) const noexcept {
    return (places >> static_cast<unsigned>(place) & 1U) != 0;
  }
};

// What an allocator has.
struct Places {
  std::uint8_t zones = 0;  // bit per zone
  bool isolated = false;
  bool limbo = false;          // what is freed in the void may have to wait for a task
  std::uint16_t rooms = 0;     // bit per RoomsIndex
  std::uint16_t spilling = 0;  // bit per RoomsIndex
  bool highatomic = false;     // some zone may set pageblocks apart
};

[[nodiscard]] constexpr std::uint8_t bit_of(Place place) noexcept {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(place));
}

[[nodiscard]] constexpr Route route_of(Gfp gfp, Order order, std::uint32_t level,
                                       const Places& has) noexcept {
  const ZoneIndex highest = highest_zone(gfp);
  if (!is_known(gfp) || highest == kNoZone) return {};
  constexpr std::uint32_t kElsewhere = (kDma | kDma32 | kHighmem | kMovable | kRoom | kDeviceField).bits;
  if (gfp.has(kExclusive)) {
    if (!has.isolated || (gfp.bits & kElsewhere) != 0) return {};
    const bool drains = has.limbo && gfp.has(kDirectReclaim);
    return {static_cast<std::uint8_t>(bit_of(Place::kVoid) | (drains ? bit_of(Place::kLimbo) : 0)), highest};
  }
  const bool has_zone = (has.zones & ((2U << highest) - 1)) != 0;
  const std::uint8_t zones = has_zone ? bit_of(Place::kZones) : std::uint8_t{0};
  if (!names_room(gfp)) return {zones, highest};
  if (order != Order{0} || (gfp.has(kRoom) && names_device(gfp))) return {};
  if (names_device(gfp) && device_of(gfp) >= LABYRINTH_MAX_DEVICES) return {};
  const RoomsIndex rooms = names_device(gfp) ? rooms_of_device(device_of(gfp)) : level;
  if ((has.rooms >> rooms & 1U) == 0) return {};
  const bool spills = (has.spilling >> rooms & 1U) != 0;
  return {static_cast<std::uint8_t>(bit_of(Place::kOwnRoom) | (spills ? zones : 0)), highest, rooms};
}

}  // namespace labyrinth
