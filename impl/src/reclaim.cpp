// Reclaim: what a request does that may sleep and was refused, and what the background reclaimer does.
#include "labyrinth/reclaim.h"

#include <algorithm>

#include "memory.hpp"

namespace labyrinth {
namespace {

// So many frames in this round: twice as many each time, in the last one all there are. Whoever is refused
// in the end has asked for everything, and has not emptied every cache for the sake of one frame.
[[nodiscard]] std::uint64_t share_of_round(Frames missing, std::uint32_t round) noexcept {
  if (round + 1 == LABYRINTH_RECLAIM_ROUNDS) return UINT64_MAX;
  return static_cast<std::uint64_t>(missing.value) << round;  // at most 2^28 << 14
}

[[nodiscard]] bool is_shortage(Status status) noexcept {
  return status == Status::kExhausted || status == Status::kFragmented;
}

[[nodiscard]] Frames missing_in(const Zone& zone, Frames need, Frames floor) noexcept {
  // Fragmented, it lacks a block of what it asked for, however many frames are free.
  return std::max(floor + need - zone.free_frames(), need);
}

}  // namespace

// Who has been served nothing asks for what is missing in the zone that lacks least.
Frames Memory::missing(const Wish& wish, const Route& route) const noexcept {
  const Frames need = wish.need();
  if (route.leads_to(Place::kVoid)) {
    return missing_in(isolated_->zone(), need, isolated_->zone().floor(wish.gfp, Pass::kMin, 0));
  }
  Frames least{LABYRINTH_MAX_FRAMES};
  for (ZoneIndex index = 0; index <= route.highest && route.leads_to(Place::kZones); ++index) {
    if (zones_[index] == nullptr) continue;
    const Frames floor = zones_[index]->floor(wish.gfp, Pass::kMin, route.highest);
    least = std::min(least, missing_in(*zones_[index], need, floor));
  }
  return route.leads_to(Place::kOwnRoom) ? need : least;
}

// A shrinker's own request does not reclaim again (mm: PF_MEMALLOC in __alloc_pages_slowpath()).
bool Memory::enters_reclaim() noexcept {
  return port_.set_reclaiming != nullptr && !port_.set_reclaiming(port_.self, true);
}

std::uint64_t Memory::ask_shrinkers(std::uint64_t frames) noexcept {
  const std::uint64_t given = shrinkers_.scan(frames);
  static_cast<void>(port_.set_reclaiming(port_.self, false));
  return given;
}

// From the first station on; whoever slept may be on another CPU.
void Memory::walk_again(const Wish& wish, Journey& journey, Page& out) noexcept {
  Caller caller = journey.caller;
  caller.draws = caller.gives_back = false;
  const std::uint32_t cpu = port_.cpu(port_.self);
  if (cpu < cpus_) caller.cpu = cpu;
  journey = Journey{journey.route, caller};
  walk(wish, journey, out);
}

void Memory::reclaim_for(const Wish& wish, Journey& journey, Page& out) noexcept {
  const std::uint32_t rounds = wish.gfp.has(kNoretry) ? 1 : LABYRINTH_RECLAIM_ROUNDS;
  for (;;) {
    for (std::uint32_t round = 0; round < rounds && is_shortage(out.status); ++round) {
      // First of all: what is counted below is reclaim's, and no step of the request's own way.
      if (!enters_reclaim()) break;
      const Frames lacking = missing(wish, journey.route);
      if (ask_shrinkers(share_of_round(lacking, round)) == 0) break;
      walk_again(wish, journey, out);
    }
    if (out.status == Status::kOk || !wish.gfp.has(kNofail)) return;
    // Unbounded, as was asked for; nothing is held here.
    port_.wait(port_.self);
    walk_again(wish, journey, out);
  }
}

bool Memory::may_not_fail(const Wish& wish, const Route& route) const noexcept {
  if (port_.wait == nullptr || !wish.gfp.has(kDirectReclaim) || wish.gfp.has(kNoretry)) return false;
  if (route.leads_to(Place::kOwnRoom)) return true;
  if (route.leads_to(Place::kVoid)) {
    const Zone& zone = isolated_->zone();
    return zone.could_give(wish.order, wish.need(), zone.floor(wish.gfp, Pass::kMin, 0));
  }
  for (ZoneIndex index = 0; index <= route.highest; ++index) {
    if (zones_[index] == nullptr) continue;
    const Frames floor = zones_[index]->floor(wish.gfp, Pass::kMin, route.highest);
    if (zones_[index]->could_give(wish.order, wish.need(), floor)) return true;
  }
  return false;
}

Frames Memory::below_high() const noexcept {
  Frames sum{};
  const auto add = [&sum](const Zone& zone) {
    sum = sum + std::max(zone.watermarks().high - zone.free_frames(), Frames{});
  };
  for (const Zone* const zone : zones_) {
    if (zone != nullptr) add(*zone);
  }
  if (isolated_ != nullptr) add(isolated_->zone());
  return sum;
}

Status Memory::balance() noexcept {
  if (!port_.may_sleep(port_.self)) return Status::kBadContext;
  for (std::uint32_t round = 0;; ++round) {
    const Frames lacking = below_high();
    if (lacking == Frames{}) return Status::kOk;
    if (round == LABYRINTH_RECLAIM_ROUNDS) return Status::kExhausted;
    if (!enters_reclaim() || ask_shrinkers(share_of_round(lacking, round)) == 0) return Status::kExhausted;
  }
}

Status Memory::register_shrinker(const Shrinker& shrinker) noexcept {
  if (shrinker.scan == nullptr || port_.set_reclaiming == nullptr) return Status::kBadArgument;
  return port_.may_sleep(port_.self) ? shrinkers_.add(shrinker) : Status::kBadContext;
}

Status Memory::unregister_shrinker(const Shrinker& shrinker) noexcept {
  return port_.may_sleep(port_.self) ? shrinkers_.remove(shrinker) : Status::kBadContext;
}

}  // namespace labyrinth

labyrinth_status labyrinth_register_shrinker(labyrinth_allocator* allocator,
                                             const labyrinth_shrinker* shrinker) {
  if (allocator == nullptr || shrinker == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(allocator->memory.register_shrinker(*shrinker));
}

labyrinth_status labyrinth_unregister_shrinker(labyrinth_allocator* allocator,
                                               const labyrinth_shrinker* shrinker) {
  if (allocator == nullptr || shrinker == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(allocator->memory.unregister_shrinker(*shrinker));
}

labyrinth_status labyrinth_balance(labyrinth_allocator* allocator) {
  if (allocator == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(allocator->memory.balance());
}
