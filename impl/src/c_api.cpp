// The C interface: checks handles, turns plain numbers into typed ones, and adds nothing else.
#include <cstddef>
#include <cstdint>
#include <new>

#include "labyrinth/labyrinth.h"
#include "labyrinth/types.hpp"
#include "memory.hpp"

using labyrinth::Gfp;
using labyrinth::Memory;
using labyrinth::Order;
using labyrinth::Page;
using labyrinth::Pfn;
using labyrinth::Status;

static_assert(alignof(labyrinth_allocator) == LABYRINTH_METADATA_ALIGNMENT);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::int32_t>::is_always_lock_free);

namespace {

// Apart, so that what most requests go through needs little stack.
[[gnu::noinline]] void alloc_from_anywhere(labyrinth_allocator* allocator, std::uint32_t gfp, unsigned order,
                                           labyrinth_page* out) noexcept {
  Page page{Pfn{}, Order{order}, Status::kBadArgument, false};
  if (allocator != nullptr) allocator->memory.alloc_page(Gfp{gfp}, Order{order}, page);
  *out = {page.pfn.value, page.order.value, static_cast<labyrinth_status>(page.status), page.wake};
}

[[gnu::noinline]] void alloc_from_room(labyrinth_allocator* allocator, std::uint32_t gfp,
                                       labyrinth_page* out) noexcept {
  const Pfn pfn = labyrinth::names_device(Gfp{gfp}) ? allocator->memory.take_at_hand_of_device(Gfp{gfp})
                                                    : allocator->memory.take_at_hand_in_room(Gfp{gfp});
  if (pfn == Pfn{}) return alloc_from_anywhere(allocator, gfp, 0, out);
  *out = {pfn.value, 0, LABYRINTH_OK, false};
}

}  // namespace

std::size_t labyrinth_metadata_size(const labyrinth_config* config) {
  if (config == nullptr || !labyrinth::is_valid(*config)) return 0;
  return Memory::size_of(*config);
}

labyrinth_allocator* labyrinth_init(const labyrinth_config* config, void* metadata, std::size_t size) {
  const std::size_t needed = labyrinth_metadata_size(config);
  if (needed == 0 || metadata == nullptr || size < needed) return nullptr;
  if (reinterpret_cast<std::uintptr_t>(metadata) % LABYRINTH_METADATA_ALIGNMENT != 0) return nullptr;
  return ::new (metadata) labyrinth_allocator{Memory(*config, static_cast<std::byte*>(metadata))};
}

void labyrinth_alloc_page(labyrinth_allocator* allocator, std::uint32_t gfp, unsigned order,
                          labyrinth_page* out) {
  if (out == nullptr) return;
  if (order != 0 || allocator == nullptr) return alloc_from_anywhere(allocator, gfp, order, out);
  if (labyrinth::names_room(Gfp{gfp})) return alloc_from_room(allocator, gfp, out);
  const Pfn pfn = allocator->memory.take_at_hand(Gfp{gfp});
  if (pfn == Pfn{}) [[unlikely]]
    return alloc_from_anywhere(allocator, gfp, 0, out);
  *out = {pfn.value, 0, LABYRINTH_OK, false};
}

void labyrinth_alloc_bulk(labyrinth_allocator* allocator, std::uint32_t gfp, unsigned count,
                          std::uint64_t* pfns, labyrinth_page* out) {
  if (out == nullptr) return;
  Page page{Pfn{}, Order{0}, Status::kBadArgument, false};
  if (allocator != nullptr) allocator->memory.alloc_bulk(Gfp{gfp}, count, pfns, page);
  *out = {page.pfn.value, page.order.value, static_cast<labyrinth_status>(page.status), page.wake};
}

void labyrinth_alloc_exact(labyrinth_allocator* allocator, std::uint32_t gfp, std::uint64_t frames,
                           labyrinth_page* out) {
  if (out == nullptr) return;
  Page page{Pfn{}, Order{0}, Status::kBadArgument, false};
  if (allocator != nullptr) allocator->memory.alloc_exact(Gfp{gfp}, frames, page);
  *out = {page.pfn.value, page.order.value, static_cast<labyrinth_status>(page.status), page.wake};
}

labyrinth_status labyrinth_free_exact(labyrinth_allocator* allocator, std::uint64_t pfn,
                                      std::uint64_t frames) {
  if (allocator == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(allocator->memory.free_exact(Pfn{pfn}, frames));
}

labyrinth_status labyrinth_drain(labyrinth_allocator* allocator, std::uint64_t max_blocks,
                                 std::uint64_t* drained) {
  std::uint64_t count = 0;
  const Status status =
      allocator == nullptr ? Status::kBadArgument : allocator->memory.drain(max_blocks, count);
  if (drained != nullptr) *drained = count;
  return static_cast<labyrinth_status>(status);
}

std::uint64_t labyrinth_drain_steps(const labyrinth_allocator* allocator, std::uint64_t max_blocks) {
  return allocator == nullptr ? 0 : allocator->memory.drain_steps(max_blocks);
}

std::uint64_t labyrinth_bulk_steps(const labyrinth_allocator* allocator, unsigned count) {
  return allocator == nullptr ? 0 : allocator->memory.bulk_steps(count);
}

std::uint64_t labyrinth_exact_steps(const labyrinth_allocator* allocator, std::uint64_t frames) {
  return allocator == nullptr ? 0 : allocator->memory.exact_steps(frames);
}

labyrinth_status labyrinth_free_page(labyrinth_allocator* allocator, std::uint64_t pfn, unsigned order) {
  if (allocator == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(allocator->memory.free_page(Pfn{pfn}, Order{order}));
}

std::uint64_t labyrinth_alloc_steps(const labyrinth_allocator* allocator, unsigned order) {
  return allocator == nullptr ? 0 : allocator->memory.alloc_steps(Order{order});
}

std::uint64_t labyrinth_free_steps(const labyrinth_allocator* allocator, unsigned order) {
  return allocator == nullptr ? 0 : allocator->memory.free_steps(Order{order});
}

std::uint64_t labyrinth_batch(const labyrinth_allocator* allocator, unsigned zone) {
  return allocator == nullptr ? 0 : static_cast<std::uint64_t>(allocator->memory.batch(zone).value);
}

bool labyrinth_is_set_apart(const labyrinth_allocator* allocator, std::uint64_t pfn) {
  return allocator != nullptr && allocator->memory.is_set_apart(labyrinth::Pfn{pfn});
}

std::uint64_t labyrinth_free_frames(const labyrinth_allocator* allocator) {
  return allocator == nullptr ? 0 : static_cast<std::uint64_t>(allocator->memory.free_frames().value);
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
