// An allocator of single frames whose allocations wait for a lock word: for ten rounds, a thousand, or as
// long as it takes. Who gives up answers `contended`, which is wrong (E3) if the holder has only been
// stopped: that shows where others could have gone on.
#include <atomic>
#include <bit>
#include <cstdint>

#include "labyrinth/machine/machine.h"
#include "labyrinth/machine/target.h"

namespace {

struct Zone {
  labyrinth_target_geometry geometry;
  std::atomic<std::uint32_t> held;
  std::atomic<std::uint64_t> taken;
};

/// 0: no end.
[[nodiscard]] unsigned rounds_of(std::uint32_t gfp) {
  if ((gfp & LABYRINTH_TARGET_DIRECT_RECLAIM) != 0) return 0;
  return (gfp & LABYRINTH_TARGET_MEMALLOC) != 0 ? 1000 : 10;
}

[[nodiscard]] bool lock(Zone& zone, unsigned rounds) {
  for (unsigned round = 1;; ++round) {
    std::uint32_t free = 0;
    if (zone.held.compare_exchange_strong(free, 1, std::memory_order_acquire, std::memory_order_relaxed))
      return true;
    if (round == rounds) return false;
    if (rounds == 0) round = 0;
  }
}

void alloc(void* self, std::uint32_t gfp, std::uint32_t order, labyrinth_target_answer* answer) {
  auto& zone = *static_cast<Zone*>(self);
  *answer = {LABYRINTH_TARGET_BAD_ARGUMENT, 0, 0};
  if (order != 0) return;
  answer->status = LABYRINTH_TARGET_BAD_CONTEXT;
  if ((gfp & LABYRINTH_TARGET_DIRECT_RECLAIM) != 0 && !labyrinth_machine_may_sleep()) return;
  answer->status = LABYRINTH_TARGET_CONTENDED;
  if (!lock(zone, rounds_of(gfp))) return;
  const std::uint64_t taken = zone.taken.load(std::memory_order_acquire);
  const auto frame = static_cast<std::uint64_t>(std::countr_one(taken));
  answer->status = LABYRINTH_TARGET_EXHAUSTED;
  if (frame < zone.geometry.frames) {
    zone.taken.fetch_or(std::uint64_t{1} << frame, std::memory_order_acq_rel);
    answer->status = LABYRINTH_TARGET_OK;
    answer->pfn = zone.geometry.first_pfn + frame;
  }
  zone.held.store(0, std::memory_order_release);
}

void free(void* self, std::uint64_t pfn, std::uint32_t order, labyrinth_target_answer* answer) {
  auto& zone = *static_cast<Zone*>(self);
  answer->status = LABYRINTH_TARGET_BAD_ARGUMENT;
  const std::uint64_t frame = pfn - zone.geometry.first_pfn;
  if (order != 0 || frame >= zone.geometry.frames) return;
  const std::uint64_t bit = std::uint64_t{1} << frame;
  if ((zone.taken.fetch_and(~bit, std::memory_order_acq_rel) & bit) != 0)
    answer->status = LABYRINTH_TARGET_OK;
}

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  const bool plain = geometry->zones[LABYRINTH_TARGET_ZONE_NORMAL].frames == geometry->frames;
  return geometry->frames <= 64 && geometry->max_order == 0 && plain ? sizeof(Zone) : 0;
}

void* create(const labyrinth_target_geometry* geometry, void* state, void*) {
  auto* zone = static_cast<Zone*>(state);
  zone->geometry = *geometry;
  return zone;
}

constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "polling",
                                  .description = "Waits for a lock, now and then for a while only",
                                  .can = LABYRINTH_TARGET_CAN_WATERMARKS | LABYRINTH_TARGET_CAN_SLEEP,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc,
                                  .free = free,
                                  .alloc_steps = nullptr,
                                  .free_steps = nullptr};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
