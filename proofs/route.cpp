// Where a request may be served: the allocator's route (route.hpp) leads to exactly the pools that the model
// holds open to it (E4, X2), to none if the model knows no such request; only EXCLUSIVE gets into the void,
// and nobody into a room but its owner. Its stations are in the order of the design: rooms first, a pass down
// to low before one down to min, reclaim woken between them, and what is set apart given back last.
//
// For all 2^32 values of a request's bits, all orders, callers of both CPUs and all levels, and all sets of
// zones, rooms that spill or not, and devices, with the void or without it.
#include "route.hpp"

#include "labyrinth/model/entitlement.hpp"
#include "labyrinth/proof.hpp"

namespace {

namespace impl = labyrinth;
namespace model = labyrinth::model;

constexpr std::uint32_t kCpus = 2;
constexpr std::uint32_t kVoid = model::kZoneTypes;
constexpr std::uint32_t kRooms = kVoid + 1;
constexpr std::uint32_t kDevices = kRooms + kCpus * model::kLevels;
constexpr std::uint32_t kPools = kDevices + model::kMaxDevices;
static_assert(model::kMaxDevices == LABYRINTH_MAX_DEVICES && model::kLevels == LABYRINTH_LEVELS);

constinit model::Memory memory{};

// A pool that does not exist is one that nobody owns.
void pool(std::uint32_t index, bool exists, model::PoolKind kind) {
  memory.pools[index].kind = exists ? kind : model::PoolKind::kRoom;
  memory.pools[index].cpu = 31;
  memory.pools[index].device = model::kNoDevice;
}

// What the allocator says that it has, as pools of the model.
void build(const impl::Places& has) {
  memory.pool_count = kPools;
  for (std::uint32_t i = 0; i < model::kZoneTypes; ++i) {
    pool(i, (has.zones >> i & 1U) != 0, model::PoolKind::kZone);
    memory.pools[i].zone = static_cast<model::ZoneType>(i);
  }
  pool(kVoid, has.isolated, model::PoolKind::kVoid);
  for (std::uint32_t i = 0; i < impl::kAllRooms; ++i) {
    const bool exists = (has.rooms >> i & 1U) != 0;
    const bool spills = (has.spilling >> i & 1U) != 0;
    if (i >= model::kLevels) {
      const std::uint32_t index = kDevices + i - model::kLevels;
      pool(index, exists, model::PoolKind::kRoom);
      if (exists) memory.pools[index].device = static_cast<std::uint8_t>(i - model::kLevels);
      memory.pools[index].spills = spills;
      continue;
    }
    for (std::uint32_t cpu = 0; cpu < kCpus; ++cpu) {
      const std::uint32_t index = kRooms + cpu * model::kLevels + i;
      pool(index, exists, model::PoolKind::kRoom);
      if (exists) memory.pools[index].cpu = static_cast<std::uint8_t>(cpu);
      memory.pools[index].level = static_cast<model::Level>(i);
      memory.pools[index].spills = spills;
    }
  }
}

// The pools that the route leads to, as Memory reads it: zones from `highest` down, and of rooms[index] the
// one of the CPU, or the device's.
[[nodiscard]] model::PoolSet pools_on(const impl::Route& route, const impl::Places& has, std::uint32_t cpu) {
  model::PoolSet pools = 0;
  if (route.leads_to(impl::Place::kZones)) pools |= has.zones & ((2U << route.highest) - 1);
  if (route.leads_to(impl::Place::kVoid)) pools |= 1U << kVoid;
  if (!route.leads_to(impl::Place::kOwnRoom)) return pools;
  if (route.rooms >= model::kLevels) return pools | 1U << (kDevices + route.rooms - model::kLevels);
  return pools | 1U << (kRooms + cpu * model::kLevels + route.rooms);
}

void stations_are_in_order() {
  std::uint32_t visits = 0;
  bool has_been_low = false;
  bool has_been_min = false;
  bool has_woken = false;
  bool has_given_back = false;
  for (const impl::Station& station : impl::kLabyrinth) {
    if (station.place == impl::Place::kOwnRoom) {
      labyrinth_prove(visits == 0 && !station.wakes, "E4: the room comes first");
      labyrinth_prove(!station.gives_back, "E4: a room gives back nothing that is set apart");
    }
    if (station.place == impl::Place::kZones) {
      labyrinth_prove(station.pass == impl::Pass::kLow ? !has_been_min : has_been_low,
                      "E1: zones are tried down to low before they are tried down to min");
      labyrinth_prove(station.wakes == (station.pass == impl::Pass::kMin),
                      "C3: reclaim is woken as soon as low does not do");
      labyrinth_prove(!has_given_back && (!station.gives_back || has_been_min),
                      "E4: what is set apart gives way last");
      (station.pass == impl::Pass::kLow ? has_been_low : has_been_min) = true;
      has_woken = has_woken || station.wakes;
      has_given_back = station.gives_back;
    }
    if (station.place == impl::Place::kVoid && station.pass == impl::Pass::kMin)
      labyrinth_prove(station.wakes, "C3: and so in the void");
    ++visits;
  }
  labyrinth_prove(has_been_low && has_been_min && has_woken, "E1: there are two passes");
}

}  // namespace

extern "C" void proof() {
  stations_are_in_order();
  const auto bits = static_cast<std::uint32_t>(labyrinth_any("gfp", 32));
  const auto order = static_cast<std::uint32_t>(labyrinth_any("order", 4));
  labyrinth_assume(order <= LABYRINTH_MAX_ORDER);
  const auto level = static_cast<std::uint32_t>(labyrinth_any("level", 2));
  const auto cpu = static_cast<std::uint32_t>(labyrinth_any("cpu", 1));
  impl::Places has;
  has.zones = static_cast<std::uint8_t>(labyrinth_any("zones", 4));
  has.isolated = labyrinth_any("void", 1) != 0;
  has.limbo = labyrinth_any("limbo", 1) != 0;
  has.rooms = static_cast<std::uint16_t>(labyrinth_any("rooms", impl::kAllRooms));
  has.spilling = static_cast<std::uint16_t>(labyrinth_any("spilling", impl::kAllRooms));
  build(has);
  const impl::Gfp gfp{bits};
  // Who may not fail has rules of its own, which are no question of places.
  const model::Gfp same{bits & ~static_cast<std::uint32_t>(LABYRINTH_GFP_NOFAIL)};

  const impl::Route route = impl::route_of(gfp, impl::Order{order}, level, has);
  const model::PoolSet pools = pools_on(route, has, cpu);

  const bool is_request =
      model::well_formed(same, model::Order{static_cast<std::uint8_t>(order)}, model::kMaxOrder);
  const model::PoolSet open =
      is_request ? model::open_pools(memory, same, 1U << cpu, static_cast<model::Level>(level)) : 0;
  labyrinth_prove(pools == open,
                  "E4: a route leads to the pools that are open to the request, and no others");
  labyrinth_prove((route.places == 0) == (open == 0), "X2: and to none if there is no such request");
  if (open == 0) return labyrinth_cover("no such request");
  labyrinth_prove(route.highest == static_cast<impl::ZoneIndex>(
                                       model::highest_zone(same).value_or(model::ZoneType::kNormal)),
                  "X2: the highest zone is the model's");
  if (route.leads_to(impl::Place::kVoid)) {
    labyrinth_cover("void");
    labyrinth_prove(gfp.has(impl::kExclusive), "X6: only exclusive requests get into the void");
    labyrinth_prove(pools == 1U << kVoid, "X6: and they get nowhere else");
  }
  if (route.leads_to(impl::Place::kLimbo)) {
    labyrinth_cover("limbo");
    labyrinth_prove(gfp.has(impl::kExclusive) && gfp.has(impl::kDirectReclaim) && has.limbo,
                    "N1: only who may sleep waits for limbo");
  }
  if (route.leads_to(impl::Place::kOwnRoom)) {
    if (impl::names_device(gfp)) labyrinth_cover("device");
    if (gfp.has(impl::kRoom)) labyrinth_cover("room");
  }
  if (route.leads_to(impl::Place::kOwnRoom) && route.leads_to(impl::Place::kZones)) labyrinth_cover("spills");
  if (route.places == impl::bit_of(impl::Place::kZones)) labyrinth_cover("zones");
  // doorway() of memory.hpp: who asks for these bits alone begins, and may end, in a zone.
  if ((bits & ~impl::kThroughDoorways.bits) == 0) {
    labyrinth_prove(route.places == impl::bit_of(impl::Place::kZones),
                    "X6: through a doorway one gets to the zones that one may, and nowhere else");
  }
}
