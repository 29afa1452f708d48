// The reference allocator as a target: labyrinth.h behind labyrinth/machine/target.h, with a port to the
// machine.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "labyrinth/labyrinth.h"
#include "labyrinth/machine/machine.h"
#include "labyrinth/machine/target.h"
#include "labyrinth/reclaim.h"
#include "reference_mapper.hpp"
#include "reference_objects.hpp"

namespace {

constexpr std::size_t kFrameBytes = 4096;
constexpr unsigned char kPoison = 0xaa;  // Linux: PAGE_POISON

// A shrinker that has nothing, and comes and goes while others are asked. After it has gone, nobody may look
// at it: its owner writes to it without an atomic, so that who does races (M1).
struct Passing {
  std::atomic<std::uint32_t> used{0};
  std::uint32_t here = 0;
  labyrinth_shrinker shrinker{};
};

// Where the frames lie; what the port needs to touch them. In front of the allocator's metadata.
struct alignas(LABYRINTH_METADATA_ALIGNMENT) Frames {
  unsigned char* base;
  std::uint64_t first_pfn;
  std::array<Passing, 4> passing{};

  [[nodiscard]] unsigned char* at(std::uint64_t pfn) const noexcept {
    return base + (pfn - first_pfn) * kFrameBytes;
  }
};

[[nodiscard]] const Frames& frames_of(void* self) noexcept { return *static_cast<const Frames*>(self); }

void zero(void* self, std::uint64_t pfn, std::uint64_t frames) {
  std::memset(frames_of(self).at(pfn), 0, frames * kFrameBytes);
}
void poison(void* self, std::uint64_t pfn, std::uint64_t frames) {
  std::memset(frames_of(self).at(pfn), kPoison, frames * kFrameBytes);
}
bool is_poisoned(void* self, std::uint64_t pfn, std::uint64_t frames) {
  const unsigned char* const bytes = frames_of(self).at(pfn);
  // Equal to its own first byte all along.
  return bytes[0] == kPoison && std::memcmp(bytes, bytes + 1, frames * kFrameBytes - 1) == 0;
}

[[nodiscard]] Frames& frames_before(labyrinth_allocator* allocator) noexcept {
  return *(reinterpret_cast<Frames*>(allocator) - 1);
}

[[nodiscard]] labyrinth_config config_of(const labyrinth_target_geometry& geometry, Frames* frames) noexcept {
  labyrinth_config config{};
  config.first_pfn = geometry.first_pfn;
  const auto zone_of = [&](unsigned index) -> labyrinth_zone_config {
    const labyrinth_target_zone& zone = geometry.zones[index];
    return {zone.frames, zone.min, zone.low, zone.high, zone.lowmem_ratio, zone.highatomic};
  };
  for (unsigned i = 0; i < LABYRINTH_ZONES; ++i) config.zones[i] = zone_of(i);
  config.isolated = zone_of(LABYRINTH_TARGET_ZONE_VOID);
  for (unsigned i = 0; i < LABYRINTH_LEVELS; ++i) {
    config.rooms[i] = {geometry.rooms[i].frames, geometry.rooms[i].spills != 0};
  }
  for (unsigned i = 0; i < LABYRINTH_MAX_DEVICES; ++i) {
    config.devices[i] = {geometry.devices[i].frames, geometry.devices[i].spills != 0};
  }
  config.max_order = geometry.max_order;
  config.cpus = geometry.cpus;
  config.port.self = frames;
  config.port.cpu = [](void*) { return labyrinth_machine_cpu(); };
  config.port.may_sleep = [](void*) { return labyrinth_machine_may_sleep(); };
  config.port.level = [](void*) { return static_cast<labyrinth_level>(labyrinth_machine_level()); };
  config.port.zero = zero;
  config.port.poison = poison;
  config.port.is_poisoned = is_poisoned;
  if (geometry.zones[LABYRINTH_TARGET_ZONE_VOID].unmaps != 0) {
    config.port.unmap = [](void*, std::uint64_t pfn, std::uint64_t count) {
      labyrinth_machine_unmap(pfn, count);
      return true;
    };
    config.port.remap = [](void*, std::uint64_t pfn, std::uint64_t count) {
      labyrinth_machine_remap(pfn, count);
      return true;
    };
  }
  config.port.set_reclaiming = [](void*, bool reclaiming) {
    return labyrinth_machine_set_reclaiming(reclaiming);
  };
  config.port.wake_reclaimer = [](void*) { labyrinth_machine_wake(); };
  config.port.wait = [](void*) { labyrinth_machine_wait(); };
  return config;
}

constexpr labyrinth_shrinker kShrinker{
    nullptr, [](void*, std::uint64_t frames) { return labyrinth_machine_shrink(frames); }};

[[nodiscard]] std::size_t metadata_size(const labyrinth_target_geometry& geometry) noexcept {
  const labyrinth_config config = config_of(geometry, nullptr);
  return labyrinth_metadata_size(&config);
}

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  const std::size_t size = metadata_size(*geometry);
  return size == 0 ? 0 : size + sizeof(Frames);
}

void* create(const labyrinth_target_geometry* geometry, void* state, void* base) {
  const std::size_t size = metadata_size(*geometry);
  if (size == 0) return nullptr;
  auto* const frames = ::new (state) Frames{static_cast<unsigned char*>(base), geometry->first_pfn, {}};
  const labyrinth_config config = config_of(*geometry, frames);
  labyrinth_allocator* const allocator = labyrinth_init(&config, frames + 1, size);
  if (labyrinth_register_shrinker(allocator, &kShrinker) != LABYRINTH_OK) return nullptr;
  return allocator;
}

void alloc(void* self, std::uint32_t gfp, std::uint32_t order, labyrinth_target_answer* answer) {
  labyrinth_page page;
  labyrinth_alloc_page(static_cast<labyrinth_allocator*>(self), gfp, order, &page);
  *answer = {static_cast<std::uint32_t>(page.status), page.wake ? 1U : 0U, page.pfn};
}

void alloc_bulk(void* self, std::uint32_t gfp, std::uint32_t count, std::uint64_t* pfns,
                labyrinth_target_answer* answer) {
  labyrinth_page page;
  labyrinth_alloc_bulk(static_cast<labyrinth_allocator*>(self), gfp, count, pfns, &page);
  *answer = {static_cast<std::uint32_t>(page.status), page.wake ? 1U : 0U, page.pfn};
}

void alloc_exact(void* self, std::uint32_t gfp, std::uint64_t frames, labyrinth_target_answer* answer) {
  labyrinth_page page;
  labyrinth_alloc_exact(static_cast<labyrinth_allocator*>(self), gfp, frames, &page);
  *answer = {static_cast<std::uint32_t>(page.status), page.wake ? 1U : 0U, page.pfn};
}

void free(void* self, std::uint64_t pfn, std::uint32_t order, labyrinth_target_answer* answer) {
  answer->status =
      static_cast<std::uint32_t>(labyrinth_free_page(static_cast<labyrinth_allocator*>(self), pfn, order));
}

Passing* arrive(labyrinth_allocator* allocator, Frames& frames) {
  for (Passing& passing : frames.passing) {
    if (passing.used.exchange(1, std::memory_order_acquire) != 0) continue;
    passing.here = 1;
    passing.shrinker = {&passing, [](void* arg, std::uint64_t) -> std::uint64_t {
                          return static_cast<const Passing*>(arg)->here - 1;
                        }};
    if (labyrinth_register_shrinker(allocator, &passing.shrinker) == LABYRINTH_OK) return &passing;
    passing.used.store(0, std::memory_order_release);
    break;
  }
  return nullptr;
}

void leave(labyrinth_allocator* allocator, Passing& passing) {
  while (labyrinth_unregister_shrinker(allocator, &passing.shrinker) != LABYRINTH_OK)
    labyrinth_machine_wait();
  passing.here = 0;
  passing.used.store(0, std::memory_order_release);
}

void balance(void* self, labyrinth_target_answer* answer) {
  auto* const allocator = static_cast<labyrinth_allocator*>(self);
  Passing* const passing = arrive(allocator, frames_before(allocator));
  answer->status = static_cast<std::uint32_t>(labyrinth_balance(allocator));
  if (passing != nullptr) leave(allocator, *passing);
}

std::uint64_t alloc_steps(const void* self, std::uint32_t order) {
  return labyrinth_alloc_steps(static_cast<const labyrinth_allocator*>(self), order);
}

std::uint64_t free_steps(const void* self, std::uint32_t order) {
  return labyrinth_free_steps(static_cast<const labyrinth_allocator*>(self), order);
}

std::uint64_t bulk_steps(const void* self, std::uint32_t count) {
  return labyrinth_bulk_steps(static_cast<const labyrinth_allocator*>(self), count);
}

std::uint64_t exact_steps(const void* self, std::uint64_t frames) {
  return labyrinth_exact_steps(static_cast<const labyrinth_allocator*>(self), frames);
}

void drain(void* self, std::uint64_t max_blocks, std::uint64_t* drained, labyrinth_target_answer* answer) {
  answer->status = static_cast<std::uint32_t>(
      labyrinth_drain(static_cast<labyrinth_allocator*>(self), max_blocks, drained));
}

std::uint64_t drain_steps(const void* self, std::uint64_t max_blocks) {
  return labyrinth_drain_steps(static_cast<const labyrinth_allocator*>(self), max_blocks);
}

std::uint64_t batch(const void* self, std::uint32_t zone) {
  return labyrinth_batch(static_cast<const labyrinth_allocator*>(self), zone);
}

std::uint32_t is_set_apart(const void* self, std::uint64_t pfn) {
  return labyrinth_is_set_apart(static_cast<const labyrinth_allocator*>(self), pfn) ? 1 : 0;
}

constexpr labyrinth_target kTable{
    .abi = LABYRINTH_TARGET_ABI,
    .name = "reference",
    .description = "Labyrinth's own allocator: ownership words and a tree of credits",
    .can = LABYRINTH_TARGET_CAN_ALL,
    .state_size = state_size,
    .create = create,
    .alloc = alloc,
    .alloc_bulk = alloc_bulk,
    .alloc_exact = alloc_exact,
    .free = free,
    .balance = balance,
    .batch = batch,
    .is_set_apart = is_set_apart,
    .alloc_steps = alloc_steps,
    .free_steps = free_steps,
    .bulk_steps = bulk_steps,
    .exact_steps = exact_steps,
    .drain = drain,
    .drain_steps = drain_steps,
    .objects_size = reference_objects::objects_size,
    .create_objects = reference_objects::create_objects,
    .kmalloc = reference_objects::kmalloc,
    .kfree = reference_objects::kfree,
    .objects_trim = reference_objects::objects_trim,
    .objects_batch = reference_objects::objects_batch,
    .kmalloc_steps = reference_objects::kmalloc_steps,
    .kfree_steps = reference_objects::kfree_steps,
    .mapper = &reference_mapper::kTable};

static_assert(LABYRINTH_TARGET_DIRECT_RECLAIM == LABYRINTH_GFP_DIRECT_RECLAIM);
static_assert(LABYRINTH_TARGET_KSWAPD_RECLAIM == LABYRINTH_GFP_KSWAPD_RECLAIM);
static_assert(LABYRINTH_TARGET_HIGH == LABYRINTH_GFP_HIGH);
static_assert(LABYRINTH_TARGET_MEMALLOC == LABYRINTH_GFP_MEMALLOC);
static_assert(LABYRINTH_TARGET_NOMEMALLOC == LABYRINTH_GFP_NOMEMALLOC);
static_assert(LABYRINTH_TARGET_DMA == LABYRINTH_GFP_DMA && LABYRINTH_TARGET_DMA32 == LABYRINTH_GFP_DMA32);
static_assert(LABYRINTH_TARGET_HIGHMEM == LABYRINTH_GFP_HIGHMEM &&
              LABYRINTH_TARGET_MOVABLE == LABYRINTH_GFP_MOVABLE);
static_assert(LABYRINTH_TARGET_EXCLUSIVE == LABYRINTH_GFP_EXCLUSIVE &&
              LABYRINTH_TARGET_RECLAIMABLE == LABYRINTH_GFP_RECLAIMABLE &&
              LABYRINTH_TARGET_ROOM == LABYRINTH_GFP_ROOM && LABYRINTH_TARGET_ZERO == LABYRINTH_GFP_ZERO);
static_assert(LABYRINTH_TARGET_NORETRY == LABYRINTH_GFP_NORETRY &&
              LABYRINTH_TARGET_NOFAIL == LABYRINTH_GFP_NOFAIL);
static_assert(LABYRINTH_TARGET_MAX_BULK == LABYRINTH_MAX_BULK);
static_assert(LABYRINTH_TARGET_ZONE_VOID == LABYRINTH_ZONES && LABYRINTH_TARGET_LEVELS == LABYRINTH_LEVELS);
static_assert(LABYRINTH_TARGET_OK == LABYRINTH_OK && LABYRINTH_TARGET_EXHAUSTED == LABYRINTH_EXHAUSTED);
static_assert(LABYRINTH_TARGET_FRAGMENTED == LABYRINTH_FRAGMENTED &&
              LABYRINTH_TARGET_CONTENDED == LABYRINTH_CONTENDED);
static_assert(LABYRINTH_TARGET_BAD_ARGUMENT == LABYRINTH_BAD_ARGUMENT &&
              LABYRINTH_TARGET_BAD_CONTEXT == LABYRINTH_BAD_CONTEXT);

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
