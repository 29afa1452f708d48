// Requests on their way through the labyrinth (route.hpp), and frees back to where the frame lies.
#include "memory.hpp"

#include <algorithm>
#include <bit>
#include <new>

#include "steps.hpp"

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

void Memory::alloc_page(Gfp gfp, Order order, Page& out) noexcept {
  if (order > max_order_) {
    out = Page{Pfn{}, order, Status::kBadArgument, false};
    return;
  }
  go_through({.gfp = gfp, .order = order, .frames = 1u << order.value}, out);
}

void Memory::go_through(const Wish& wish, Page& out) noexcept {
  const Gfp gfp = wish.gfp;
  out = Page{Pfn{}, wish.order, Status::kBadArgument, false};
  if (wish.order > max_order_ || (gfp.has(kZero) && port_.zero == nullptr)) return;
  Journey journey{
      route_of(gfp, wish.order, gfp.has(kRoom) ? level() : 0, has_),
      {.cpu = port_.cpu(port_.self), .mobility = mobility_of(gfp), .sets_apart = sets_apart(gfp)}};
  const bool leads_to_room = journey.route.leads_to(Place::kOwnRoom);
  if (journey.route.places == 0 || (gfp.has(kRoom) && journey.caller.cpu >= cpus_)) return;
  // Rooms and the void give one block at a time.
  if (wish.count > 1 && (leads_to_room || journey.route.leads_to(Place::kVoid))) return;
  if (gfp.has(kNofail) && !may_not_fail(wish, journey.route)) return;
  if (gfp.has(kDirectReclaim) && !port_.may_sleep(port_.self)) {
    out.status = Status::kBadContext;
    return;
  }
  walk(wish, journey, out);
  if (out.status != Status::kOk && gfp.has(kDirectReclaim)) [[unlikely]]
    reclaim_for(wish, journey, out);
}

// Once through the labyrinth.
void Memory::walk(const Wish& wish, Journey& journey, Page& out) noexcept {
  const Gfp gfp = wish.gfp;
  for (const Station station : kLabyrinth) {
    if (!journey.route.leads_to(station.place)) continue;
    if (station.gives_back && !(has_.highatomic && gfp.has(kDirectReclaim))) continue;
    arrive(station, wish, journey);
    if (station.wakes && gfp.has(kKswapdReclaim)) {
      out.wake = true;
      if (port_.wake_reclaimer != nullptr) port_.wake_reclaimer(port_.self);
    }
    const Zone::Taken taken = visit(station, wish, journey);
    if (taken.status != Status::kOk) {
      journey.refusal = journey.has_drained ? taken.status : stronger(journey.refusal, taken.status);
      if (station.place != Place::kZones) journey.elsewhere = journey.refusal;
      continue;
    }
    out.status = Status::kOk;
    out.pfn = taken.pfn;
    if (gfp.has(kZero) && !journey.route.leads_to(Place::kVoid)) zero(wish, taken.pfn);
    return;
  }
  out.status = journey.refusal;
}

// Who may have more at this station than before asks every zone again, and what they say now is what counts.
void Memory::arrive(Station station, const Wish& wish, Journey& journey) const noexcept {
  if (station.place != Place::kZones || station.pass != Pass::kMin || !has_.highatomic) return;
  journey.caller.draws = draws_on_highatomic(wish.gfp);
  journey.caller.gives_back = station.gives_back;
  if (!journey.caller.draws && !station.gives_back) return;
  journey.refused_zones = 0;
  journey.refusal = journey.elsewhere;
}

void Memory::zero(const Wish& wish, Pfn pfn) const noexcept {
  if (wish.pfns == nullptr) {
    port_.zero(port_.self, pfn.value, wish.frames);
    return;
  }
  for (std::uint32_t i = 0; i < wish.count; ++i) port_.zero(port_.self, wish.pfns[i], 1);
}

Zone::Taken Memory::visit(Station station, const Wish& wish, Journey& journey) noexcept {
  switch (station.place) {
    case Place::kOwnRoom: {
      const Zone::Taken taken = take_from_room(journey.route.rooms, journey.caller.cpu);
      if (wish.pfns != nullptr) wish.pfns[0] = taken.pfn.value;
      return taken;
    }
    case Place::kLimbo:
      journey.has_drained = isolated_->drain(UINT64_MAX) != 0;
      if (!journey.has_drained) return {Status::kExhausted, Pfn{}};
      journey.refused_zones = 0;
      [[fallthrough]];
    case Place::kVoid: {
      if (journey.refused_zones != 0) return {Status::kExhausted, Pfn{}};
      const Frames floor = isolated_->zone().floor(wish.gfp, station.pass, 0);
      const Zone::Taken taken = isolated_->take(wish.order, floor, journey.caller.cpu, wish.gfp.has(kZero));
      if (wish.pfns != nullptr) wish.pfns[0] = taken.pfn.value;
      journey.refused_zones = taken.status == Status::kExhausted ? 0 : 1;
      return taken;
    }
    case Place::kZones:
      break;
  }
  return take_from_zones(station, wish, journey);
}

Zone::Taken Memory::take_from_zones(Station station, const Wish& wish, Journey& journey) noexcept {
  Status refusal = Status::kExhausted;
  for (ZoneIndex index = journey.route.highest + 1; index-- > 0;) {
    if (zones_[index] == nullptr || (journey.refused_zones >> index & 1U) != 0) continue;
    Zone& zone = *zones_[index];
    const Frames floor = zone.floor(wish.gfp, station.pass, journey.route.highest);
    Zone::Taken taken{};
    if (wish.pfns == nullptr) {
      taken = zone.take_part(wish.order, wish.frames, floor, journey.caller);
    } else {
      taken.status = zone.take_bulk(wish.count, floor, journey.caller, wish.pfns);
      taken.pfn = Pfn{wish.pfns[0]};
    }
    if (taken.status == Status::kOk) return taken;
    if (taken.status != Status::kExhausted) journey.refused_zones |= 1U << index;
    refusal = stronger(refusal, taken.status);
  }
  return {refusal, Pfn{}};
}

void Memory::alloc_bulk(Gfp gfp, std::uint32_t count, std::uint64_t* pfns, Page& out) noexcept {
  out = Page{};
  out.order = Order{0};
  if (count == 0 || count > LABYRINTH_MAX_BULK || pfns == nullptr) return;
  go_through({.gfp = gfp, .count = count, .pfns = pfns}, out);
}

void Memory::alloc_exact(Gfp gfp, std::uint64_t frames, Page& out) noexcept {
  out = Page{};
  if (frames == 0 || frames > static_cast<std::uint64_t>(max_order_.frames().value)) return;
  const Order order{static_cast<std::uint32_t>(std::bit_width(frames - 1))};
  out.order = order;
  const bool has_tail = frames != static_cast<std::uint64_t>(order.frames().value);
  if (has_tail && (gfp.has(kExclusive) || names_room(gfp))) return;
  go_through({.gfp = gfp, .order = order, .count = 1, .frames = static_cast<std::uint32_t>(frames)}, out);
}

Status Memory::free_exact(Pfn pfn, std::uint64_t frames) noexcept {
  if (frames == 0 || frames > static_cast<std::uint64_t>(max_order_.frames().value))
    return Status::kBadArgument;
  Status status = Status::kOk;
  while (frames != 0) {
    const Order order{static_cast<std::uint32_t>(std::bit_width(frames)) - 1};
    if (free_page(pfn, order) != Status::kOk) status = Status::kBadArgument;
    pfn.value += std::uint64_t{1} << order.value;
    frames -= std::uint64_t{1} << order.value;
  }
  return status;
}

Status Memory::drain(std::uint64_t most, std::uint64_t& drained) noexcept {
  drained = 0;
  if (!port_.may_sleep(port_.self)) return Status::kBadContext;
  if (has_.limbo) drained = isolated_->drain(most);
  return Status::kOk;
}

Zone::Taken Memory::take_from_room(RoomsIndex index, std::uint32_t cpu) noexcept {
  const Rooms& rooms = rooms_[index];
  const std::uint32_t room = index < LABYRINTH_LEVELS ? cpu : 0;
  const Room::Taken taken = rooms.at(room).take();
  return {taken.status, rooms.pfn(room, taken.frame)};
}

Status Memory::free_block(Pfn pfn, Order order) noexcept {
  for (Zone* const zone : zones_) {
    if (zone == nullptr || !zone->contains(pfn)) continue;
    return zone->could_be_block(pfn, order) && zone->release(pfn, order) ? Status::kOk : Status::kBadArgument;
  }
  if (isolated_ != nullptr && isolated_->zone().contains(pfn)) {
    return isolated_->zone().could_be_block(pfn, order) && isolated_->release(pfn, order)
               ? Status::kOk
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
    zones += take_steps(zone->shape(), order);
    at_hand = std::max(at_hand, at_hand_steps(zone->shape()));
  }
  if (order == Order{0}) zones += at_hand;
  if (isolated_ == nullptr) return zones;
  const Geometry& geometry = isolated_->zone().geometry();
  const std::uint64_t live = 1;
  const std::uint64_t end =
      has_.limbo ? std::max(live, release_steps(geometry, order)) : poison_words(order) + live;
  return std::max(zones, take_steps(isolated_->zone().shape(), order) + end);
}

std::uint64_t Memory::bulk_steps(std::uint32_t count) const noexcept {
  if (count == 0 || count > LABYRINTH_MAX_BULK) return 0;
  std::uint64_t steps = 0;
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) steps += labyrinth::bulk_steps(zone->shape(), count);
  }
  // A bulk of one may go where a single frame goes.
  return count == 1 ? std::max(steps + kRoomSteps, alloc_steps(Order{0})) : steps;
}

std::uint64_t Memory::exact_steps(std::uint64_t frames) const noexcept {
  if (frames == 0 || frames > static_cast<std::uint64_t>(max_order_.frames().value)) return 0;
  const Order order{static_cast<std::uint32_t>(std::bit_width(frames - 1))};
  std::uint64_t tail = 0;
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) tail = std::max(tail, release_steps(zone->geometry(), order));
  }
  return alloc_steps(order) + tail;
}

std::uint64_t Memory::free_steps(Order order) const noexcept {
  if (order > max_order_) return 0;
  std::uint64_t most = has_.rooms != 0 ? 1 : 0;
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) most = std::max(most, release_steps(zone->geometry(), order));
  }
  if (isolated_ == nullptr) return most;
  const std::uint64_t live = 1;
  const std::uint64_t release = release_steps(isolated_->zone().geometry(), order);
  return std::max(most,
                  live + (has_.limbo ? std::max(release, kLimboPutSteps) : poison_words(order) + release));
}

std::uint64_t Memory::drain_steps(std::uint64_t most) const noexcept {
  return has_.limbo ? labyrinth::drain_steps(isolated_->zone().geometry(), most) : 0;
}

Frames Memory::batch(ZoneIndex zone) const noexcept {
  if (zone < LABYRINTH_ZONES) return zones_[zone] == nullptr ? Frames{} : zones_[zone]->batch();
  return zone == kNoZone && isolated_ != nullptr ? isolated_->zone().batch() : Frames{};
}

bool Memory::is_set_apart(Pfn pfn) const noexcept {
  for (const Zone* const zone : zones_) {
    if (zone != nullptr && zone->contains(pfn)) return zone->is_set_apart(pfn);
  }
  return false;
}

Frames Memory::free_frames() const noexcept {
  Frames sum{};
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) sum = sum + zone->free_frames();
  }
  return sum;
}

}  // namespace labyrinth
