// A toy allocator for machine_rollback_test.cpp: one word of order-0 frames, right or wrong in one chosen
// way.
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>

#include "labyrinth/machine/machine.h"
#include "labyrinth/machine/target.h"

/// What the allocator does besides, all of which a run has to undo: globals of many sizes, some of them
/// overlapping.
struct ToyGlobals {
  std::atomic<std::uint64_t> calls;
  std::uint8_t bytes[64];
  std::uint64_t* heap;
};

namespace {

enum Way : int { kRight, kReadsLiveFrames, kRelaxed, kDeclaresTooFew, kLeaks, kWays };

struct Zone {
  labyrinth_target_geometry geometry;
  std::uint64_t* frames;
  std::atomic<std::uint64_t> taken;
};

ToyGlobals globals{{0}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, nullptr};

/// Keeps the compiler from leaving out a write that the next one covers.
void next() { asm volatile("" : : : "memory"); }

/// Called under the order that the allocation word gives: only the CPU that got frame 0 comes here.
void scribble() {
  globals.bytes[5] = 9;  // one byte ...
  next();
  std::uint64_t word = 0x1111'2222'3333'4444 + globals.bytes[6];
  std::memcpy(globals.bytes + 5, &word, 3);  // ... then a wider access to the same address
  next();
  globals.bytes[21] = 9;
  next();
  std::memcpy(globals.bytes + 20, &word, 4);  // around a known location
  next();
  *reinterpret_cast<std::uint16_t*>(globals.bytes + 10) = 7;
  next();
  std::memset(globals.bytes, 0xee, 40);  // over all of them
  next();
  *reinterpret_cast<std::uint32_t*>(globals.bytes + 12) = 1;
  next();
  *reinterpret_cast<std::uint64_t*>(globals.bytes + 8) = 2;
  globals.heap = new std::uint64_t(word);
}

[[nodiscard]] std::uint64_t floor_of(std::uint32_t gfp, std::uint64_t min) {
  if ((gfp & LABYRINTH_TARGET_MEMALLOC) != 0 && (gfp & LABYRINTH_TARGET_NOMEMALLOC) == 0) return 0;
  if ((gfp & LABYRINTH_TARGET_HIGH) == 0) return min;
  min -= min / 2;
  const bool atomic = (gfp & (LABYRINTH_TARGET_DIRECT_RECLAIM | LABYRINTH_TARGET_NOMEMALLOC)) == 0;
  return atomic ? min - min / 4 : min;
}

template <Way kWay>
void alloc(void* self, std::uint32_t gfp, std::uint32_t order, labyrinth_target_answer* answer) {
  auto& zone = *static_cast<Zone*>(self);
  constexpr auto kSuccess = kWay == kRelaxed ? std::memory_order_relaxed : std::memory_order_acq_rel;
  constexpr auto kFailure = kWay == kRelaxed ? std::memory_order_relaxed : std::memory_order_acquire;
  *answer = {LABYRINTH_TARGET_BAD_ARGUMENT, 0, 0};
  constexpr std::uint32_t kServed =
      31 | LABYRINTH_TARGET_HIGHMEM | LABYRINTH_TARGET_MOVABLE | LABYRINTH_TARGET_ZERO;
  if (order != 0 || (gfp & ~kServed) != 0) return;
  answer->status = LABYRINTH_TARGET_BAD_CONTEXT;
  if ((gfp & LABYRINTH_TARGET_DIRECT_RECLAIM) != 0 && !labyrinth_machine_may_sleep()) return;
  globals.calls.fetch_add(1, std::memory_order_relaxed);
  if (kWay == kReadsLiveFrames && *zone.frames == 0x5ca1ab1e) return;
  std::uint64_t taken = zone.taken.load(kFailure);
  for (;;) {
    const auto free = zone.geometry.frames - static_cast<std::uint64_t>(std::popcount(taken));
    const bool below_low = free < zone.geometry.zones[LABYRINTH_TARGET_ZONE_NORMAL].low + 1;
    answer->wake = (gfp & LABYRINTH_TARGET_KSWAPD_RECLAIM) != 0 && below_low ? 1 : 0;
    answer->status = LABYRINTH_TARGET_EXHAUSTED;
    if (free < floor_of(gfp, zone.geometry.zones[LABYRINTH_TARGET_ZONE_NORMAL].min) + 1) return;
    const int frame = std::countr_one(taken);
    if (zone.taken.compare_exchange_strong(taken, taken | std::uint64_t{1} << frame, kSuccess, kFailure)) {
      answer->status = LABYRINTH_TARGET_OK;
      answer->pfn = zone.geometry.first_pfn + static_cast<std::uint64_t>(frame);
      if (frame == 0 && kWay != kRelaxed) scribble();
      if ((gfp & LABYRINTH_TARGET_ZERO) != 0) {
        std::memset(reinterpret_cast<std::byte*>(zone.frames) + static_cast<std::size_t>(frame) * 4096, 0,
                    4096);
      }
      return;
    }
  }
}

template <Way kWay>
void free(void* self, std::uint64_t pfn, std::uint32_t order, labyrinth_target_answer* answer) {
  auto& zone = *static_cast<Zone*>(self);
  answer->status = LABYRINTH_TARGET_BAD_ARGUMENT;
  const std::uint64_t frame = pfn - zone.geometry.first_pfn;
  if (order != 0 || frame >= zone.geometry.frames) return;
  const std::uint64_t bit = std::uint64_t{1} << frame;
  if (kWay == kLeaks) {
    answer->status = (zone.taken.load() & bit) != 0 ? LABYRINTH_TARGET_OK : LABYRINTH_TARGET_BAD_ARGUMENT;
    return;
  }
  constexpr auto kOrder = kWay == kRelaxed ? std::memory_order_relaxed : std::memory_order_acq_rel;
  if ((zone.taken.fetch_and(~bit, kOrder) & bit) != 0) answer->status = LABYRINTH_TARGET_OK;
}

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  const bool plain = geometry->zones[LABYRINTH_TARGET_ZONE_NORMAL].frames == geometry->frames;
  return geometry->frames <= 64 && geometry->max_order == 0 && plain ? sizeof(Zone) : 0;
}

void* create(const labyrinth_target_geometry* geometry, void* state, void* frames) {
  auto* zone = static_cast<Zone*>(state);
  zone->geometry = *geometry;
  zone->frames = static_cast<std::uint64_t*>(frames);
  return zone;
}

std::uint64_t two_steps(const void*, std::uint32_t) { return 2; }

template <Way kWay>
constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "toy",
                                  .description = "One word of frames",
                                  .can = LABYRINTH_TARGET_CAN_ALL,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc<kWay>,
                                  .free = free<kWay>,
                                  .alloc_steps = kWay == kDeclaresTooFew ? two_steps : nullptr,
                                  .free_steps = nullptr};

}  // namespace

extern "C" __attribute__((visibility("default"))) ToyGlobals* toy_globals() { return &globals; }

extern "C" __attribute__((visibility("default"))) const labyrinth_target* toy_table(int way) {
  constexpr const labyrinth_target* kTables[kWays] = {&kTable<kRight>, &kTable<kReadsLiveFrames>,
                                                      &kTable<kRelaxed>, &kTable<kDeclaresTooFew>,
                                                      &kTable<kLeaks>};
  return kTables[way];
}

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable<kRight>; }
