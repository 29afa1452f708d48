// The reference allocator as a target: labyrinth.h behind labyrinth/machine/target.h, with a port to the
// machine.
#include <cstddef>
#include <cstdint>

#include "labyrinth/labyrinth.h"
#include "labyrinth/machine/machine.h"
#include "labyrinth/machine/target.h"

namespace {

[[nodiscard]] labyrinth_config config_of(const labyrinth_target_geometry& geometry) noexcept {
  return {.first_pfn = geometry.first_pfn,
          .frames = geometry.frames,
          .min = geometry.min,
          .low = geometry.low,
          .high = geometry.high,
          .max_order = geometry.max_order,
          .cpus = geometry.cpus,
          .port = {.self = nullptr,
                   .cpu = [](void*) { return labyrinth_machine_cpu(); },
                   .may_sleep = [](void*) { return labyrinth_machine_may_sleep(); }}};
}

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  const labyrinth_config config = config_of(*geometry);
  return labyrinth_metadata_size(&config);
}

void* create(const labyrinth_target_geometry* geometry, void* state, void*) {
  const labyrinth_config config = config_of(*geometry);
  return labyrinth_init(&config, state, labyrinth_metadata_size(&config));
}

void alloc(void* self, std::uint32_t gfp, std::uint32_t order, labyrinth_target_answer* answer) {
  labyrinth_page page;
  labyrinth_alloc_page(static_cast<labyrinth_zone*>(self), gfp, order, &page);
  *answer = {static_cast<std::uint32_t>(page.status), page.wake ? 1U : 0U, page.pfn};
}

void free(void* self, std::uint64_t pfn, std::uint32_t order, labyrinth_target_answer* answer) {
  answer->status =
      static_cast<std::uint32_t>(labyrinth_free_page(static_cast<labyrinth_zone*>(self), pfn, order));
}

std::uint64_t alloc_steps(const void* self, std::uint32_t order) {
  return labyrinth_alloc_steps(static_cast<const labyrinth_zone*>(self), order);
}

std::uint64_t free_steps(const void* self, std::uint32_t order) {
  return labyrinth_free_steps(static_cast<const labyrinth_zone*>(self), order);
}

constexpr labyrinth_target kTable{
    .abi = LABYRINTH_TARGET_ABI,
    .name = "reference",
    .description = "Labyrinth's own allocator: ownership words and a tree of credits",
    .state_size = state_size,
    .create = create,
    .alloc = alloc,
    .free = free,
    .alloc_steps = alloc_steps,
    .free_steps = free_steps};

static_assert(LABYRINTH_TARGET_DIRECT_RECLAIM == LABYRINTH_GFP_DIRECT_RECLAIM);
static_assert(LABYRINTH_TARGET_KSWAPD_RECLAIM == LABYRINTH_GFP_KSWAPD_RECLAIM);
static_assert(LABYRINTH_TARGET_HIGH == LABYRINTH_GFP_HIGH);
static_assert(LABYRINTH_TARGET_MEMALLOC == LABYRINTH_GFP_MEMALLOC);
static_assert(LABYRINTH_TARGET_NOMEMALLOC == LABYRINTH_GFP_NOMEMALLOC);
static_assert(LABYRINTH_TARGET_OK == LABYRINTH_OK && LABYRINTH_TARGET_EXHAUSTED == LABYRINTH_EXHAUSTED);
static_assert(LABYRINTH_TARGET_FRAGMENTED == LABYRINTH_FRAGMENTED &&
              LABYRINTH_TARGET_CONTENDED == LABYRINTH_CONTENDED);
static_assert(LABYRINTH_TARGET_BAD_ARGUMENT == LABYRINTH_BAD_ARGUMENT &&
              LABYRINTH_TARGET_BAD_CONTEXT == LABYRINTH_BAD_CONTEXT);

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
