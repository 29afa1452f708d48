// What a context does: one call or a few at random, each answer held against what can be known of it in the
// middle of others' calls. Async-signal-safe: handlers do the same as tasks, as far as their level permits.
#pragma once

#include "thread.hpp"
#include "world.hpp"

namespace labyrinth::shipping {

// For the files of work_*.cpp.

void allocate_page(World& world, Thread& thread);
void allocate_bulk(World& world, Thread& thread);
void allocate_exact(World& world, Thread& thread);
void allocate_object(World& world, Thread& thread);
void use_mappings(World& world, Thread& thread);
void free_what_is_not_live(World& world, Thread& thread);
[[nodiscard]] Gfp any_entitlement(Thread& thread);

}  // namespace labyrinth::shipping
