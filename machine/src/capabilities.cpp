// Narrowing to what a target can do, and what follows for the requirements.
#include "labyrinth/machine/capabilities.hpp"

namespace labyrinth::machine {

using model::Clause;
using model::Gfp;

namespace {

/// A capability and the flags that need it.
struct Needs {
  std::uint64_t capability;
  Gfp flags;
};
constexpr Needs kFlags[] = {
    {LABYRINTH_TARGET_CAN_ZONES,
     model::kDma | model::kDma32 | model::kHighmem | model::kMovable | model::kReclaimable},
    {LABYRINTH_TARGET_CAN_WATERMARKS,
     model::kKswapdReclaim | model::kHigh | model::kMemalloc | model::kNomemalloc},
    {LABYRINTH_TARGET_CAN_ROOMS, model::kRoom | Gfp{LABYRINTH_TARGET_DEVICE}},
    {LABYRINTH_TARGET_CAN_ZERO, model::kZero},
    {LABYRINTH_TARGET_CAN_SLEEP, model::kDirectReclaim | model::kNoretry | model::kNofail},
};

void give_to_normal(Geometry& geometry, std::uint32_t frames) noexcept { geometry.normal().frames += frames; }

}  // namespace

Geometry narrow(const Geometry& geometry, std::uint64_t can) noexcept {
  Geometry result = geometry;
  if (can == LABYRINTH_TARGET_CAN_ALL) return result;
  const auto lacks = [can](std::uint64_t capability) { return (can & capability) == 0; };
  if (lacks(LABYRINTH_TARGET_CAN_ORDERS)) result.max_order = 0;
  for (std::size_t i = 0; i < kVoid && lacks(LABYRINTH_TARGET_CAN_ZONES); ++i) {
    if (i == static_cast<std::size_t>(model::ZoneType::kNormal)) continue;
    give_to_normal(result, result.zones[i].frames);
    result.zones[i] = {};
    result.map.unmapped = static_cast<std::uint8_t>(result.map.unmapped & ~(1U << i));
  }
  if (lacks(LABYRINTH_TARGET_CAN_VOID)) {
    give_to_normal(result, result.zones[kVoid].frames);
    result.zones[kVoid] = {};
    result.map.unmapped = static_cast<std::uint8_t>(result.map.unmapped & ~(1U << kVoid));
  }
  if (lacks(LABYRINTH_TARGET_CAN_ROOMS)) {
    for (RoomShape& room : result.rooms) {
      give_to_normal(result, std::uint32_t{room.frames} * result.cpus);
      room = {};
    }
    for (RoomShape& room : result.devices) {
      give_to_normal(result, room.frames);
      room = {};
    }
  }
  if (lacks(LABYRINTH_TARGET_CAN_WATERMARKS)) result.objects.min = 0;
  for (ZoneShape& zone : result.zones) {
    if (lacks(LABYRINTH_TARGET_CAN_WATERMARKS)) zone.min = zone.low = zone.high = zone.ratio = 0;
    if (lacks(LABYRINTH_TARGET_CAN_HIGHATOMIC)) zone.highatomic = 0;
  }
  return result;
}

Gfp narrow_what_it_lacks(Gfp gfp, std::uint64_t can) noexcept {
  for (const Needs& needs : kFlags) {
    if ((can & needs.capability) == 0) gfp.bits &= ~needs.flags.bits;
  }
  return gfp;
}

bool leaves_out(const Call& call, std::uint64_t can) noexcept {
  if (!allocates(call.op)) return false;
  if ((can & LABYRINTH_TARGET_CAN_VOID) == 0 && Gfp{call.gfp}.has(model::kExclusive)) return true;
  if ((can & LABYRINTH_TARGET_CAN_ORDERS) != 0) return false;
  return call.order != 0 || (call.op == Op::kExact && call.pfn != 1);
}

std::vector<NotChecked> not_checked(const labyrinth_target& target, bool plain) {
  std::vector<NotChecked> result;
  const auto unless = [&result](bool checked, Clause clause, const char* why) {
    if (!checked) result.push_back({clause, why});
  };
  const auto can = [&target](std::uint64_t capability) { return (target.can & capability) != 0; };
  unless(can(LABYRINTH_TARGET_CAN_CHECK_REQUESTS), Clause::X2,
         "of requests that make no sense: it does not check them, so it is given none");
  unless(can(LABYRINTH_TARGET_CAN_CHECK_FREES), Clause::X3,
         "it does not check frees, so it is given no wrong one");
  unless(can(LABYRINTH_TARGET_CAN_ZERO), Clause::X5, "of zeroed frames: it has none");
  unless(!plain, Clause::X5, "of reads and writes: it is compiled without hooks");
  unless(can(LABYRINTH_TARGET_CAN_VOID), Clause::X6, "it has no void");
  unless(!plain, Clause::N1, "of spinning inside a call: it is compiled without hooks");
  const bool declares = target.alloc_steps != nullptr && target.free_steps != nullptr && !plain;
  unless(declares, Clause::N2, plain ? "it is compiled without hooks" : "it declares no steps");
  unless(declares, Clause::N3, plain ? "it is compiled without hooks" : "it declares no steps");
  unless(can(LABYRINTH_TARGET_CAN_NMI), Clause::N4, "of calls from NMIs: it does not permit them");
  unless(!plain, Clause::N4, "of interrupts inside a call: it is compiled without hooks");
  unless(can(LABYRINTH_TARGET_CAN_WATERMARKS), Clause::E1, "it has no watermarks, so every floor is 0");
  unless(can(LABYRINTH_TARGET_CAN_TELL_WHY), Clause::E2,
         "of which refusal: it does not tell them apart, so each may be the one that is permitted");
  unless(can(LABYRINTH_TARGET_CAN_TELL_WHY), Clause::E3,
         "it does not tell contended from other refusals; one without a reason is found still");
  unless(can(LABYRINTH_TARGET_CAN_ROOMS), Clause::E4, "of rooms: it has none");
  unless(can(LABYRINTH_TARGET_CAN_HIGHATOMIC) && target.is_set_apart != nullptr, Clause::E4,
         "of what is set apart for high-order atomic requests: it has none, or does not tell it");
  unless(can(LABYRINTH_TARGET_CAN_SLEEP), Clause::C1, "it has no requests that may sleep");
  unless(target.mapper != nullptr, Clause::C2, "it has no mapper");
  unless(can(LABYRINTH_TARGET_CAN_WATERMARKS), Clause::C3, "it has no background reclaim");
  unless(!plain, Clause::M1, "nor any other under weak memory (M2): it is compiled without hooks");
  return result;
}

}  // namespace labyrinth::machine
