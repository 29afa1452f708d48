// The C interface of small objects: checks handles and numbers, turns plain numbers into typed ones, and adds
// nothing else.
#include <cstddef>
#include <cstdint>
#include <new>

#include "labyrinth/objects.h"
#include "object_allocator.hpp"
#include "object_steps.hpp"

namespace labyrinth::objects {
namespace {

PageSteps page_steps_of(const Objects& objects) noexcept {
  const labyrinth_allocator* const pages = objects.pages();
  PageSteps steps{labyrinth_alloc_steps(pages, 0), labyrinth_free_steps(pages, 0), 0};
  for (unsigned order = 0; order <= LABYRINTH_MAX_ORDER; ++order) {
    steps.free_block = std::max(steps.free_block, labyrinth_free_steps(pages, order));
  }
  return steps;
}

}  // namespace
}  // namespace labyrinth::objects

std::size_t labyrinth_objects_metadata_size(const labyrinth_objects_config* config) {
  if (config == nullptr || !labyrinth::objects::is_valid(*config)) return 0;
  return labyrinth::objects::Objects::layout_of(*config).size;
}

labyrinth_objects* labyrinth_objects_init(const labyrinth_objects_config* config,
                                          labyrinth_allocator* allocator, void* metadata, std::size_t size) {
  const std::size_t needed = labyrinth_objects_metadata_size(config);
  if (needed == 0 || allocator == nullptr || metadata == nullptr || size < needed) return nullptr;
  if (reinterpret_cast<std::uintptr_t>(metadata) % LABYRINTH_METADATA_ALIGNMENT != 0) return nullptr;
  return ::new (metadata)
      labyrinth_objects{labyrinth::objects::Objects(*config, allocator, static_cast<std::byte*>(metadata))};
}

void labyrinth_kmalloc(labyrinth_objects* objects, std::uint32_t gfp, std::uint64_t bytes,
                       labyrinth_object* out) {
  if (out == nullptr) return;
  labyrinth_object object{LABYRINTH_NO_ADDRESS, LABYRINTH_BAD_ARGUMENT, false};
  if (objects != nullptr && bytes != 0 && bytes <= labyrinth::objects::kLargestBlock) {
    objects->objects.kmalloc(labyrinth::Gfp{gfp}, bytes, object);
  }
  *out = object;
}

void labyrinth_cache_alloc(labyrinth_objects* objects, std::uint32_t cache, std::uint32_t gfp,
                           labyrinth_object* out) {
  if (out == nullptr) return;
  labyrinth_object object{LABYRINTH_NO_ADDRESS, LABYRINTH_BAD_ARGUMENT, false};
  if (objects != nullptr && cache < objects->objects.own_cache_count()) {
    objects->objects.cache_alloc(cache, labyrinth::Gfp{gfp}, object);
  }
  *out = object;
}

labyrinth_status labyrinth_kfree(labyrinth_objects* objects, std::uint64_t address) {
  if (objects == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(objects->objects.free(address));
}

labyrinth_status labyrinth_cache_free(labyrinth_objects* objects, std::uint32_t cache,
                                      std::uint64_t address) {
  if (objects == nullptr || cache >= objects->objects.own_cache_count()) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(
      objects->objects.free_to(labyrinth::objects::kKmallocCaches + cache, address));
}

void labyrinth_objects_trim(labyrinth_objects* objects) {
  if (objects != nullptr) objects->objects.trim();
}

std::uint64_t labyrinth_kmalloc_steps(const labyrinth_objects* objects, std::uint64_t bytes) {
  if (objects == nullptr || bytes == 0 || bytes > labyrinth::objects::kLargestBlock) return 0;
  const labyrinth::objects::Objects& all = objects->objects;
  if (bytes <= labyrinth::objects::kLargestClass) {
    return labyrinth::objects::alloc_steps(all.geometry(), labyrinth::objects::page_steps_of(all));
  }
  const std::uint32_t order = labyrinth::objects::order_of(bytes);
  const std::uint64_t pages = labyrinth_alloc_steps(all.pages(), order);
  if (pages == 0) return 0;
  return labyrinth::objects::alloc_block_steps(pages, labyrinth_free_steps(all.pages(), order));
}

std::uint64_t labyrinth_kfree_steps(const labyrinth_objects* objects) {
  if (objects == nullptr) return 0;
  const labyrinth::objects::Objects& all = objects->objects;
  return labyrinth::objects::free_steps(all.geometry(), labyrinth::objects::page_steps_of(all));
}

std::uint64_t labyrinth_objects_trim_steps(const labyrinth_objects* objects) {
  if (objects == nullptr) return 0;
  const labyrinth::objects::Objects& all = objects->objects;
  return labyrinth::objects::trim_steps(all.geometry(), labyrinth::objects::page_steps_of(all),
                                        all.cache_count());
}

std::uint64_t labyrinth_kmalloc_size(std::uint64_t bytes) {
  using namespace labyrinth::objects;
  if (bytes == 0 || bytes > kLargestBlock) return 0;
  return bytes <= kLargestClass ? kClassBytes[class_of(bytes)] : LABYRINTH_PAGE_BYTES << order_of(bytes);
}
