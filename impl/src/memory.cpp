// Requests on their way through the labyrinth (route.hpp), and frees back to where the frame lies.
#include "memory.hpp"

#include <algorithm>
#include <bit>

#include "steps.hpp"

namespace labyrinth {
namespace {

// Which of two refusals says more: that trying again helps, that another order would, or nothing.
[[nodiscard]] Status stronger(Status left, Status right) noexcept {
  static_assert(Status::kExhausted < Status::kFragmented && Status::kFragmented < Status::kContended);
  return std::max(left, right);
}

}  // namespace

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

}  // namespace labyrinth
