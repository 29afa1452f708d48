// What a configuration becomes: zones, void and rooms, one behind the other, and the doorways between them.
#include <algorithm>
#include <new>

#include "memory.hpp"

namespace labyrinth {
namespace {

[[nodiscard]] bool is_valid(const ZoneConfig& zone) noexcept {
  return zone.frames <= LABYRINTH_MAX_FRAMES && zone.min <= zone.low && zone.low <= zone.high &&
         zone.high <= zone.frames && zone.highatomic <= LABYRINTH_MAX_HIGHATOMIC &&
         zone.highatomic <= zone.frames;
}

[[nodiscard]] std::uint64_t frames_of(const Config& config) noexcept {
  std::uint64_t frames = config.isolated.frames;
  for (const ZoneConfig& zone : config.zones) frames += zone.frames;
  for (const RoomConfig& room : config.rooms) frames += std::uint64_t{room.frames} * config.cpus;
  for (const RoomConfig& room : config.devices) frames += room.frames;
  return frames;
}

[[nodiscard]] ZoneSetup setup_of(const Config& config, const ZoneConfig& zone,
                                 std::uint64_t first_pfn) noexcept {
  const auto count = [](std::uint64_t frames) { return Frames{static_cast<std::int64_t>(frames)}; };
  return {first_pfn,
          zone.frames,
          Order{config.max_order},
          config.cpus,
          {count(zone.min), count(zone.low), count(zone.high)},
          {},
          !config.ungrouped,
          zone.highatomic};
}

// Calls `zone(setup, index)` for each zone there is, with kNoZone for the void, in the order of their
// addresses; returns the pfn behind the last.
template <class Visit>
std::uint64_t for_zones(const Config& config, Visit visit) noexcept {
  std::uint64_t pfn = config.first_pfn;
  for (ZoneIndex i = 0; i <= LABYRINTH_ZONES; ++i) {
    const ZoneConfig& zone = i == kNoZone ? config.isolated : config.zones[i];
    if (zone.frames == 0) continue;
    ZoneSetup setup = setup_of(config, zone, pfn);
    for (ZoneIndex highest = i; highest < LABYRINTH_ZONES; ++highest) {
      setup.reserve[highest] = lowmem_reserve(config.zones, i, highest);
    }
    visit(setup, i);
    pfn += zone.frames;
  }
  return pfn;
}

[[nodiscard]] std::size_t zone_bytes(const Config& config, const ZoneSetup& setup, ZoneIndex index) noexcept {
  return index == kNoZone ? IsolatedZone::size_of(setup, config.port)
                          : Zone::layout_of(setup, sizeof(Zone)).size;
}

}  // namespace

bool is_valid(const Config& config) noexcept {
  const Port& port = config.port;
  if (config.first_pfn > LABYRINTH_MAX_FIRST_PFN || config.max_order > LABYRINTH_MAX_ORDER ||
      config.cpus < 1 || config.cpus > LABYRINTH_MAX_CPUS || port.cpu == nullptr ||
      port.may_sleep == nullptr) {
    return false;
  }
  for (const ZoneConfig& zone : config.zones) {
    if (!is_valid(zone)) return false;
  }
  if (!is_valid(config.isolated) || config.isolated.lowmem_ratio != 0 || config.isolated.highatomic != 0) {
    return false;
  }
  if (config.isolated.frames != 0 && (port.poison == nullptr || port.is_poisoned == nullptr)) return false;
  if ((port.unmap == nullptr) != (port.remap == nullptr)) return false;
  for (const RoomConfig& room : config.rooms) {
    if (room.frames > LABYRINTH_MAX_ROOM_FRAMES) return false;
    if (room.frames != 0 && port.level == nullptr) return false;
  }
  for (const RoomConfig& room : config.devices) {
    if (room.frames > LABYRINTH_MAX_ROOM_FRAMES) return false;
  }
  const std::uint64_t frames = frames_of(config);
  return frames >= 1 && frames <= LABYRINTH_MAX_FRAMES;
}

std::size_t Memory::size_of(const Config& config) noexcept {
  std::size_t size = sizeof(labyrinth_allocator);
  for_zones(config,
            [&](const ZoneSetup& setup, ZoneIndex index) { size += zone_bytes(config, setup, index); });
  for (const RoomConfig& room : config.rooms) {
    if (room.frames != 0) size += config.cpus * sizeof(Room);
  }
  for (const RoomConfig& room : config.devices) {
    if (room.frames != 0) size += sizeof(Room);
  }
  return size;
}

Memory::Memory(const Config& config, std::byte* metadata) noexcept
    : port_(config.port), max_order_(Order{config.max_order}), cpus_(config.cpus) {
  metadata += sizeof(labyrinth_allocator);
  Span* next_span = spans_.data();
  std::uint64_t pfn = for_zones(config, [&](const ZoneSetup& setup, ZoneIndex index) {
    if (index == kNoZone) {
      isolated_ = ::new (metadata) IsolatedZone(setup, port_, metadata);
      has_.isolated = true;
      has_.limbo = isolated_->unmaps();
    } else {
      zones_[index] = ::new (metadata) Zone(setup, metadata, sizeof(Zone));
      *next_span++ = {setup.first_pfn, setup.frames, zones_[index]};
      has_.zones = static_cast<std::uint8_t>(has_.zones | 1U << index);
      has_.highatomic = has_.highatomic || setup.apart != 0;
    }
    metadata += zone_bytes(config, setup, index);
  });
  first_room_ = pfn;
  open_doorways();
  for (std::uint32_t level = 0; level < LABYRINTH_LEVELS; ++level) {
    build_rooms(level, config.rooms[level], cpus_, pfn, metadata);
  }
  for (std::uint32_t device = 0; device < LABYRINTH_MAX_DEVICES; ++device) {
    build_rooms(rooms_of_device(device), config.devices[device], 1, pfn, metadata);
  }
}

void Memory::build_rooms(RoomsIndex index, const RoomConfig& room, std::uint32_t count, std::uint64_t& pfn,
                         std::byte*& metadata) noexcept {
  if (room.frames == 0) return;
  Rooms& rooms = rooms_[index];
  const bool is_power = (room.frames & (room.frames - 1)) == 0;
  rooms = {pfn,         std::uint64_t{room.frames} * count,
           room.frames, is_power ? static_cast<std::uint32_t>(std::countr_zero(room.frames)) : Rooms::kNone,
           count,       nullptr};
  has_.rooms = static_cast<std::uint16_t>(has_.rooms | 1U << index);
  has_.spilling = static_cast<std::uint16_t>(has_.spilling | unsigned{room.spill} << index);
  for (std::uint32_t i = 0; i < count; ++i) {
    Room* const created = ::new (metadata) Room(room.frames);
    if (i == 0) rooms.rooms = created;
    metadata += sizeof(Room);
    pfn += room.frames;
  }
}

void Memory::open_doorways() noexcept {
  for (std::size_t modifiers = 0; modifiers < doorways_.size(); ++modifiers) {
    const ZoneIndex highest = kHighestZone[modifiers];
    if (highest == kNoZone) continue;
    doorways_[modifiers].is_open = true;
    for (ZoneIndex index = highest + 1; index-- > 0 && doorways_[modifiers].zone == nullptr;) {
      if (zones_[index] == nullptr) continue;
      doorways_[modifiers] = {zones_[index], zones_[index]->floor(Gfp{}, Pass::kLow, highest), true};
    }
  }
}

}  // namespace labyrinth
