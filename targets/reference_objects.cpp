#include "reference_objects.hpp"

#include <cstring>
#include <new>

#include "labyrinth/labyrinth.h"
#include "labyrinth/machine/machine.h"
#include "labyrinth/objects.h"

namespace reference_objects {
namespace {

// The objects' memory: a second allocator, and kmalloc on top of it. It lies at the start of its state; the
// metadata of both follow, whose sizes are multiples of their alignment.
struct alignas(LABYRINTH_METADATA_ALIGNMENT) ObjectMemory {
  unsigned char* base;
  labyrinth_allocator* pages;
  labyrinth_objects* objects;
};

[[nodiscard]] const ObjectMemory& objects_of(const void* self) noexcept {
  return *static_cast<const ObjectMemory*>(self);
}

void zero_object(void* self, std::uint64_t address, std::uint64_t bytes) {
  std::memset(objects_of(self).base + address, 0, bytes);
}

[[nodiscard]] labyrinth_port port_of(ObjectMemory* memory) noexcept {
  labyrinth_port port{};
  port.self = memory;
  port.cpu = [](void*) { return labyrinth_machine_cpu(); };
  port.may_sleep = [](void*) { return labyrinth_machine_may_sleep(); };
  return port;
}

[[nodiscard]] labyrinth_config pages_config(const labyrinth_target_geometry& geometry,
                                            ObjectMemory* memory) noexcept {
  labyrinth_config config{};
  const std::uint64_t min = geometry.object_min;
  config.zones[LABYRINTH_ZONE_NORMAL] = {geometry.object_frames, min, min, min, 0, 0};
  config.max_order = geometry.max_order;
  config.cpus = geometry.cpus;
  config.port = port_of(memory);
  return config;
}

[[nodiscard]] labyrinth_objects_config objects_config(const labyrinth_target_geometry& geometry,
                                                      ObjectMemory* memory) noexcept {
  return {0, geometry.object_frames, geometry.cpus, 0, nullptr, port_of(memory), zero_object};
}

}  // namespace

std::size_t objects_size(const labyrinth_target_geometry* geometry) {
  const labyrinth_config pages = pages_config(*geometry, nullptr);
  const labyrinth_objects_config objects = objects_config(*geometry, nullptr);
  return sizeof(ObjectMemory) + labyrinth_metadata_size(&pages) + labyrinth_objects_metadata_size(&objects);
}

void* create_objects(const labyrinth_target_geometry* geometry, void* state, void* base) {
  auto* const memory = ::new (state) ObjectMemory{static_cast<unsigned char*>(base), nullptr, nullptr};
  const labyrinth_config pages = pages_config(*geometry, memory);
  const labyrinth_objects_config objects = objects_config(*geometry, memory);
  const std::size_t size = labyrinth_metadata_size(&pages);
  std::byte* const metadata = static_cast<std::byte*>(state) + sizeof(ObjectMemory);
  memory->pages = labyrinth_init(&pages, metadata, size);
  memory->objects = labyrinth_objects_init(&objects, memory->pages, metadata + size,
                                           labyrinth_objects_metadata_size(&objects));
  return memory->objects == nullptr ? nullptr : memory;
}

void kmalloc(void* self, std::uint32_t gfp, std::uint64_t bytes, labyrinth_target_answer* answer) {
  labyrinth_object object;
  labyrinth_kmalloc(objects_of(self).objects, gfp, bytes, &object);
  *answer = {static_cast<std::uint32_t>(object.status), object.wake ? 1U : 0U, object.address};
}

void kfree(void* self, std::uint64_t address, labyrinth_target_answer* answer) {
  answer->status = static_cast<std::uint32_t>(labyrinth_kfree(objects_of(self).objects, address));
}

void objects_trim(void* self) { labyrinth_objects_trim(objects_of(self).objects); }

std::uint64_t objects_batch(const void* self) {
  return labyrinth_batch(objects_of(self).pages, LABYRINTH_ZONE_NORMAL);
}

std::uint64_t kmalloc_steps(const void* self, std::uint64_t bytes) {
  return labyrinth_kmalloc_steps(objects_of(self).objects, bytes);
}

std::uint64_t kfree_steps(const void* self) { return labyrinth_kfree_steps(objects_of(self).objects); }

}  // namespace reference_objects
