// The C interface of mappings: checks handles and sizes, and adds nothing else.
#include <cstdint>
#include <new>

#include "labyrinth/mapping.h"
#include "mapper.hpp"
#include "mapping_stack.hpp"

using labyrinth::Status;
using labyrinth::mapping::LocalStack;
using labyrinth::mapping::Mapper;
using labyrinth::mapping::Slots;

static_assert(std::atomic<void*>::is_always_lock_free && std::atomic_ref<std::uint32_t>::is_always_lock_free);

std::size_t labyrinth_mapper_size(const labyrinth_mapper_config* config) {
  if (config == nullptr || !labyrinth::mapping::is_valid(*config)) return 0;
  return sizeof(labyrinth_mapper) + Slots::size_of(config->map_slots);
}

labyrinth_mapper* labyrinth_mapper_init(const labyrinth_mapper_config* config, void* metadata,
                                        std::size_t size) {
  const std::size_t needed = labyrinth_mapper_size(config);
  if (needed == 0 || metadata == nullptr || size < needed) return nullptr;
  if (reinterpret_cast<std::uintptr_t>(metadata) % LABYRINTH_METADATA_ALIGNMENT != 0) return nullptr;
  std::byte* const slots = static_cast<std::byte*>(metadata) + sizeof(labyrinth_mapper);
  return ::new (metadata) labyrinth_mapper{Mapper(*config, slots)};
}

void labyrinth_map_stack_init(const labyrinth_mapper* mapper, labyrinth_map_stack* stack,
                              std::uint32_t number) {
  if (mapper != nullptr && stack != nullptr) mapper->mapper.set_up(*stack, number);
}

std::uint32_t labyrinth_map_depth(const labyrinth_map_stack* stack) {
  if (stack == nullptr) return 0;
  // atomic_ref wants what it could change; a load does not.
  return LocalStack(*const_cast<labyrinth_map_stack*>(stack)).depth();
}

void* labyrinth_page_address(const labyrinth_mapper* mapper, std::uint64_t pfn) {
  return mapper == nullptr ? nullptr : mapper->mapper.page_address(pfn);
}

labyrinth_status labyrinth_map(labyrinth_mapper* mapper, std::uint64_t pfn, void** address) {
  if (mapper == nullptr || address == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(mapper->mapper.map(pfn, *address));
}

labyrinth_status labyrinth_unmap(labyrinth_mapper* mapper, std::uint64_t pfn) {
  if (mapper == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(mapper->mapper.unmap(pfn));
}

labyrinth_status labyrinth_map_local(labyrinth_mapper* mapper, std::uint64_t pfn, void** address) {
  if (mapper == nullptr || address == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(mapper->mapper.map_local(pfn, false, *address));
}

labyrinth_status labyrinth_unmap_local(labyrinth_mapper* mapper, const void* address) {
  if (mapper == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(mapper->mapper.unmap_local(address, false));
}

labyrinth_status labyrinth_map_atomic(labyrinth_mapper* mapper, std::uint64_t pfn, void** address) {
  if (mapper == nullptr || address == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(mapper->mapper.map_local(pfn, true, *address));
}

labyrinth_status labyrinth_unmap_atomic(labyrinth_mapper* mapper, const void* address) {
  if (mapper == nullptr) return LABYRINTH_BAD_ARGUMENT;
  return static_cast<labyrinth_status>(mapper->mapper.unmap_local(address, true));
}

std::uint32_t labyrinth_mapper_freed(const labyrinth_mapper* mapper) {
  return mapper == nullptr ? 0 : mapper->mapper.slots().freed();
}

std::uint64_t labyrinth_map_steps(const labyrinth_mapper* mapper) {
  return mapper == nullptr ? 0 : mapper->mapper.slots().map_steps();
}

std::uint64_t labyrinth_unmap_steps(const labyrinth_mapper* mapper) {
  return mapper == nullptr ? 0 : mapper->mapper.slots().unmap_steps();
}

std::uint64_t labyrinth_map_local_steps(const labyrinth_mapper* mapper) {
  return mapper == nullptr ? 0 : LocalStack::kSteps;
}
