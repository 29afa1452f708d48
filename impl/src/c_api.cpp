// The C interface: checks handles, turns plain numbers into typed ones, and adds nothing else.
#include <cstddef>
#include <cstdint>
#include <new>

#include "labyrinth/labyrinth.h"
#include "labyrinth/types.hpp"
#include "steps.hpp"
#include "zone.hpp"

using labyrinth::Gfp;
using labyrinth::Order;
using labyrinth::Page;
using labyrinth::Pfn;
using labyrinth::Status;
using labyrinth::Zone;

static_assert(alignof(labyrinth_zone) == LABYRINTH_METADATA_ALIGNMENT);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::int32_t>::is_always_lock_free);

std::size_t labyrinth_metadata_size(const labyrinth_config* config) {
  if (config == nullptr || !labyrinth::is_valid(*config)) return 0;
  return Zone::layout_of(*config).size;
}

labyrinth_zone* labyrinth_init(const labyrinth_config* config, void* metadata, std::size_t size) {
  const std::size_t needed = labyrinth_metadata_size(config);
  if (needed == 0 || metadata == nullptr || size < needed) return nullptr;
  if (reinterpret_cast<std::uintptr_t>(metadata) % LABYRINTH_METADATA_ALIGNMENT != 0) return nullptr;
  return ::new (metadata) labyrinth_zone{Zone(*config, static_cast<std::byte*>(metadata))};
}

void labyrinth_alloc_page(labyrinth_zone* zone, std::uint32_t gfp, unsigned order, labyrinth_page* out) {
  if (out == nullptr) return;
  Page page{Pfn{}, Order{order}, Status::kBadArgument, false};
  if (zone != nullptr) zone->zone.alloc_page(Gfp{gfp}, Order{order}, page);
  *out = {page.pfn.value, page.order.value, static_cast<labyrinth_status>(page.status), page.wake};
}

labyrinth_status labyrinth_free_page(labyrinth_zone* zone, std::uint64_t pfn, unsigned order) {
  if (zone == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(zone->zone.free_page(Pfn{pfn}, Order{order}));
}

std::uint64_t labyrinth_alloc_steps(const labyrinth_zone* zone, unsigned order) {
  return zone == nullptr ? 0 : labyrinth::alloc_steps(zone->zone.geometry(), Order{order});
}

std::uint64_t labyrinth_free_steps(const labyrinth_zone* zone, unsigned order) {
  return zone == nullptr ? 0 : labyrinth::free_steps(zone->zone.geometry(), Order{order});
}

std::uint64_t labyrinth_free_frames(const labyrinth_zone* zone) {
  return zone == nullptr ? 0 : static_cast<std::uint64_t>(zone->zone.free_frames().value);
}

const char* labyrinth_status_name(labyrinth_status status) {
  switch (status) {
    case LABYRINTH_OK:
      return "ok";
    case LABYRINTH_EXHAUSTED:
      return "exhausted";
    case LABYRINTH_FRAGMENTED:
      return "fragmented";
    case LABYRINTH_CONTENDED:
      return "contended";
    case LABYRINTH_BAD_ARGUMENT:
      return "bad_argument";
    case LABYRINTH_BAD_CONTEXT:
      return "bad_context";
  }
  return "unknown";
}
