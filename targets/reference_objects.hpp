// The reference allocator's small objects as a part of a target: objects.h behind labyrinth/machine/target.h,
// where it is said what each of these is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "labyrinth/machine/target.h"

namespace reference_objects {

std::size_t objects_size(const labyrinth_target_geometry* geometry);
void* create_objects(const labyrinth_target_geometry* geometry, void* state, void* base);
void kmalloc(void* self, std::uint32_t gfp, std::uint64_t bytes, labyrinth_target_answer* answer);
void kfree(void* self, std::uint64_t address, labyrinth_target_answer* answer);
void objects_trim(void* self);
std::uint64_t objects_batch(const void* self);
std::uint64_t kmalloc_steps(const void* self, std::uint64_t bytes);
std::uint64_t kfree_steps(const void* self);

}  // namespace reference_objects
