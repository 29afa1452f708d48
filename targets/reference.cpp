// The reference allocator as a target: labyrinth.h behind labyrinth/machine/target.h, with a port to the
// machine.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "labyrinth/labyrinth.h"
#include "labyrinth/machine/machine.h"
#include "labyrinth/machine/target.h"
#include "reference_mapper.hpp"

namespace {

constexpr std::size_t kFrameBytes = 4096;
constexpr unsigned char kPoison = 0xaa;  // Linux: PAGE_POISON

// Where the frames lie; what the port needs to touch them.
struct Frames {
  unsigned char* base;
  std::uint64_t first_pfn;

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

[[nodiscard]] labyrinth_config config_of(const labyrinth_target_geometry& geometry, Frames* frames) noexcept {
  labyrinth_config config{};
  config.first_pfn = geometry.first_pfn;
  const auto zone_of = [&](unsigned index) -> labyrinth_zone_config {
    const labyrinth_target_zone& zone = geometry.zones[index];
    return {zone.frames, zone.min, zone.low, zone.high, zone.lowmem_ratio};
  };
  for (unsigned i = 0; i < LABYRINTH_ZONES; ++i) config.zones[i] = zone_of(i);
  config.isolated = zone_of(LABYRINTH_TARGET_ZONE_VOID);
  for (unsigned i = 0; i < LABYRINTH_LEVELS; ++i) {
    config.rooms[i] = {geometry.rooms[i].frames, geometry.rooms[i].spills != 0};
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
  return config;
}

// Behind the allocator's metadata, whose size is a multiple of its alignment.
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
  auto* const frames = ::new (static_cast<std::byte*>(state) + size)
      Frames{static_cast<unsigned char*>(base), geometry->first_pfn};
  const labyrinth_config config = config_of(*geometry, frames);
  return labyrinth_init(&config, state, size);
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

std::uint64_t batch(const void* self, std::uint32_t zone) {
  return labyrinth_batch(static_cast<const labyrinth_allocator*>(self), zone);
}

constexpr labyrinth_target kTable{
    .abi = LABYRINTH_TARGET_ABI,
    .name = "reference",
    .description = "Labyrinth's own allocator: ownership words and a tree of credits",
    .state_size = state_size,
    .create = create,
    .alloc = alloc,
    .alloc_bulk = alloc_bulk,
    .alloc_exact = alloc_exact,
    .free = free,
    .batch = batch,
    .alloc_steps = alloc_steps,
    .free_steps = free_steps,
    .bulk_steps = bulk_steps,
    .exact_steps = exact_steps,
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
              LABYRINTH_TARGET_ROOM == LABYRINTH_GFP_ROOM && LABYRINTH_TARGET_ZERO == LABYRINTH_GFP_ZERO);
static_assert(LABYRINTH_TARGET_MAX_BULK == LABYRINTH_MAX_BULK);
static_assert(LABYRINTH_TARGET_ZONE_VOID == LABYRINTH_ZONES && LABYRINTH_TARGET_LEVELS == LABYRINTH_LEVELS);
static_assert(LABYRINTH_TARGET_OK == LABYRINTH_OK && LABYRINTH_TARGET_EXHAUSTED == LABYRINTH_EXHAUSTED);
static_assert(LABYRINTH_TARGET_FRAGMENTED == LABYRINTH_FRAGMENTED &&
              LABYRINTH_TARGET_CONTENDED == LABYRINTH_CONTENDED);
static_assert(LABYRINTH_TARGET_BAD_ARGUMENT == LABYRINTH_BAD_ARGUMENT &&
              LABYRINTH_TARGET_BAD_CONTEXT == LABYRINTH_BAD_CONTEXT);

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
