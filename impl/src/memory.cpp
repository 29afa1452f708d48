// Requests on their way through the labyrinth (route.hpp), and frees back to where the frame lies.
#include "memory.hpp"

#include <algorithm>
#include <new>

#include "steps.hpp"

namespace labyrinth {
namespace {

[[nodiscard]] bool is_valid(const ZoneConfig& zone) noexcept {
  return zone.frames <= LABYRINTH_MAX_FRAMES && zone.min <= zone.low && zone.low <= zone.high &&
         zone.high <= zone.frames;
}

[[nodiscard]] std::uint64_t frames_of(const Config& config) noexcept {
  std::uint64_t frames = config.isolated.frames;
  for (const ZoneConfig& zone : config.zones) frames += zone.frames;
  for (const RoomConfig& room : config.rooms) frames += std::uint64_t{room.frames} * config.cpus;
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
          {}};
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

[[nodiscard]] std::size_t zone_bytes(const ZoneSetup& setup, ZoneIndex index) noexcept {
  return index == kNoZone ? IsolatedZone::size_of(setup) : Zone::layout_of(setup, sizeof(Zone)).size;
}

// Which of two refusals says more: that trying again helps, that another order would, or nothing.
[[nodiscard]] Status stronger(Status left, Status right) noexcept {
  static_assert(Status::kExhausted < Status::kFragmented && Status::kFragmented < Status::kContended);
  return std::max(left, right);
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
  if (!is_valid(config.isolated) || config.isolated.lowmem_ratio != 0) return false;
  if (config.isolated.frames != 0 && (port.poison == nullptr || port.is_poisoned == nullptr)) return false;
  for (const RoomConfig& room : config.rooms) {
    if (room.frames > LABYRINTH_MAX_ROOM_FRAMES) return false;
    if (room.frames != 0 && port.level == nullptr) return false;
  }
  const std::uint64_t frames = frames_of(config);
  return frames >= 1 && frames <= LABYRINTH_MAX_FRAMES;
}

std::size_t Memory::size_of(const Config& config) noexcept {
  std::size_t size = sizeof(labyrinth_allocator);
  for_zones(config, [&](const ZoneSetup& setup, ZoneIndex index) { size += zone_bytes(setup, index); });
  for (const RoomConfig& room : config.rooms) {
    if (room.frames != 0) size += config.cpus * sizeof(Room);
  }
  return size;
}

Memory::Memory(const Config& config, std::byte* metadata) noexcept
    : port_(config.port), max_order_(Order{config.max_order}), cpus_(config.cpus) {
  metadata += sizeof(labyrinth_allocator);
  std::uint64_t pfn = for_zones(config, [&](const ZoneSetup& setup, ZoneIndex index) {
    if (index == kNoZone) {
      isolated_ = ::new (metadata) IsolatedZone(setup, port_, metadata);
      has_.isolated = true;
    } else {
      zones_[index] = ::new (metadata) Zone(setup, metadata, sizeof(Zone));
      has_.zones = static_cast<std::uint8_t>(has_.zones | 1U << index);
    }
    metadata += zone_bytes(setup, index);
  });
  open_doorways();
  for (std::uint32_t level = 0; level < LABYRINTH_LEVELS; ++level) {
    const RoomConfig& room = config.rooms[level];
    if (room.frames == 0) continue;
    rooms_[level] = {pfn, room.frames, nullptr};
    has_.rooms = static_cast<std::uint8_t>(has_.rooms | 1U << level);
    has_.spilling = static_cast<std::uint8_t>(has_.spilling | unsigned{room.spill} << level);
    for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
      Room* const created = ::new (metadata) Room(room.frames);
      if (cpu == 0) rooms_[level].rooms = created;
      metadata += sizeof(Room);
      pfn += room.frames;
    }
  }
}

void Memory::open_doorways() noexcept {
  for (std::size_t modifiers = 0; modifiers < doorways_.size(); ++modifiers) {
    const ZoneIndex highest = kHighestZone[modifiers];
    if (highest == kNoZone) continue;
    for (ZoneIndex index = highest + 1; index-- > 0 && doorways_[modifiers].zone == nullptr;) {
      if (zones_[index] == nullptr) continue;
      doorways_[modifiers] = {zones_[index], zones_[index]->floor(Gfp{}, Pass::kLow, highest)};
    }
  }
}

void Memory::go_through(Gfp gfp, Order order, Page& out) noexcept {
  out = Page{Pfn{}, order, Status::kBadArgument, false};
  if (order > max_order_ || (gfp.has(kZero) && port_.zero == nullptr)) return;
  const Route route = route_of(gfp, order, gfp.has(kRoom) ? level() : 0, has_);
  const std::uint32_t cpu = port_.cpu(port_.self);
  if (route.places == 0 || (route.leads_to(Place::kOwnRoom) && cpu >= cpus_)) return;
  if (gfp.has(kDirectReclaim) && !port_.may_sleep(port_.self)) {
    out.status = Status::kBadContext;
    return;
  }
  Status refusal = Status::kExhausted;
  std::uint32_t refused_zones = 0;
  for (const Station station : kLabyrinth) {
    if (!route.leads_to(station.place)) continue;
    if (station.wakes) out.wake = gfp.has(kKswapdReclaim);
    const Zone::Taken taken = visit(station, route, gfp, order, cpu, refused_zones);
    if (taken.status != Status::kOk) {
      refusal = stronger(refusal, taken.status);
      continue;
    }
    if (gfp.has(kZero) && station.place != Place::kVoid) {
      port_.zero(port_.self, taken.pfn.value, static_cast<std::uint64_t>(order.frames().value));
    }
    out.status = Status::kOk;
    out.pfn = taken.pfn;
    return;
  }
  out.status = refusal;
}

Zone::Taken Memory::visit(Station station, Route route, Gfp gfp, Order order, std::uint32_t cpu,
                          std::uint32_t& refused_zones) noexcept {
  switch (station.place) {
    case Place::kOwnRoom:
      return take_from_room(cpu, level());
    case Place::kVoid: {
      if (refused_zones != 0) return {Status::kExhausted, Pfn{}};
      const Zone::Taken taken =
          isolated_->take(order, isolated_->zone().floor(gfp, station.pass, 0), cpu, gfp.has(kZero));
      refused_zones = taken.status == Status::kExhausted ? 0 : 1;
      return taken;
    }
    case Place::kZones:
      break;
  }
  return take_from_zones(station.pass, route, gfp, order, cpu, refused_zones);
}

// `refused_zones`: those with credit enough and no block, in the first pass. The second one asks for less
// credit alone, so it would change nothing there.
Zone::Taken Memory::take_from_zones(Pass pass, Route route, Gfp gfp, Order order, std::uint32_t cpu,
                                    std::uint32_t& refused_zones) noexcept {
  Status refusal = Status::kExhausted;
  for (ZoneIndex index = route.highest + 1; index-- > 0;) {
    if (zones_[index] == nullptr || (refused_zones >> index & 1U) != 0) continue;
    const Zone::Taken taken = zones_[index]->take(order, zones_[index]->floor(gfp, pass, route.highest), cpu);
    if (taken.status == Status::kOk) return taken;
    if (taken.status != Status::kExhausted) refused_zones |= 1U << index;
    refusal = stronger(refusal, taken.status);
  }
  return {refusal, Pfn{}};
}

Zone::Taken Memory::take_from_room(std::uint32_t cpu, std::uint32_t level) noexcept {
  const Rooms& rooms = rooms_[level];
  const Room::Taken taken = rooms.rooms[cpu].take();
  return {taken.status, Pfn{rooms.first_pfn + std::uint64_t{cpu} * rooms.frames + taken.frame}};
}

Status Memory::free_page(Pfn pfn, Order order) noexcept {
  for (Zone* const zone : zones_) {
    if (zone == nullptr || !zone->contains(pfn)) continue;
    return zone->could_be_block(pfn, order) && zone->release(pfn, order) ? Status::kOk : Status::kBadArgument;
  }
  if (isolated_ != nullptr && isolated_->zone().contains(pfn)) {
    return isolated_->zone().could_be_block(pfn, order) && isolated_->release(pfn, order)
               ? Status::kOk
               : Status::kBadArgument;
  }
  return free_in_room(pfn, order);
}

Status Memory::free_in_room(Pfn pfn, Order order) noexcept {
  if (order != Order{0}) return Status::kBadArgument;
  for (const Rooms& rooms : rooms_) {
    const std::uint64_t distance = pfn.value - rooms.first_pfn;
    if (rooms.frames == 0 || distance >= std::uint64_t{rooms.frames} * cpus_) continue;
    Room& room = rooms.rooms[distance / rooms.frames];
    return room.release(static_cast<std::uint32_t>(distance % rooms.frames)) ? Status::kOk
                                                                             : Status::kBadArgument;
  }
  return Status::kBadArgument;
}

std::uint64_t Memory::alloc_steps(Order order) const noexcept {
  if (order > max_order_) return 0;
  std::uint64_t zones = order == Order{0} && has_.rooms != 0 ? kRoomSteps : 0;
  std::uint64_t at_hand = 0;
  for (const Zone* const zone : zones_) {
    if (zone == nullptr) continue;
    zones += take_steps(zone->geometry(), cpus_, order);
    at_hand = std::max(at_hand, at_hand_steps(zone->geometry(), cpus_));
  }
  if (order == Order{0}) zones += at_hand;
  if (isolated_ == nullptr) return zones;
  const std::uint64_t live = 1;
  return std::max(zones, take_steps(isolated_->zone().geometry(), cpus_, order) + poison_words(order) + live);
}

std::uint64_t Memory::free_steps(Order order) const noexcept {
  if (order > max_order_) return 0;
  std::uint64_t most = has_.rooms != 0 ? 1 : 0;
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) most = std::max(most, release_steps(zone->geometry(), order));
  }
  if (isolated_ == nullptr) return most;
  const std::uint64_t live = 1;
  return std::max(most, live + poison_words(order) + release_steps(isolated_->zone().geometry(), order));
}

Frames Memory::batch(ZoneIndex zone) const noexcept {
  if (zone < LABYRINTH_ZONES) return zones_[zone] == nullptr ? Frames{} : zones_[zone]->batch();
  return zone == kNoZone && isolated_ != nullptr ? isolated_->zone().batch() : Frames{};
}

Frames Memory::free_frames() const noexcept {
  Frames sum{};
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) sum = sum + zone->free_frames();
  }
  return sum;
}

}  // namespace labyrinth
