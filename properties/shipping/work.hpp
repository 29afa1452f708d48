// What a context does: one call or a few at random, each answer held against what can be known of it in the
// middle of others' calls. Async-signal-safe: handlers do the same as tasks, as far as their level permits.
#pragma once

#include "thread.hpp"
#include "world.hpp"

namespace labyrinth::shipping {

/// One thing at random, in the context of the calling thread.
void act(World& world, Thread& thread);

/// Checks that it still has its owner's marks (X1, X5), and frees it.
void give_back(World& world, Thread& thread, Handle handle);

/// All that the task holds, before the world stops.
void give_back_all(World& world, Thread& thread);

/// All that lies in a world's exchange and cache, once its threads are parked.
void empty(World& world, Thread& observer);

// For the files of work_*.cpp.

/// Marks what the calling context was just given as its own. Complains if it was not nobody's (X1, X5).
[[nodiscard]] Handle take(World& world, Thread& thread, Kind kind, std::uint32_t size, std::uint64_t granule,
                          Call call);
/// Complains unless all of it has its owner's marks.
void check_marks(World& world, const Thread& thread, Handle handle, const char* when);
/// For later: with the task, in the exchange, in the shrinker's cache, or, where there is no room, not at
/// all.
void keep(World& world, Thread& thread, Handle handle);
/// Something live, now the caller's alone, or nothing.
[[nodiscard]] Handle take_any(World& world, Thread& thread);
/// What a refusal may say: answers that need another's step (E3), and those for requests that cannot exist.
void judge_refusal(Thread& thread, Call call, Status status, bool may_be_fragmented, std::uint32_t gfp,
                   std::uint64_t size);

void allocate_page(World& world, Thread& thread);
void allocate_bulk(World& world, Thread& thread);
void allocate_exact(World& world, Thread& thread);
void allocate_object(World& world, Thread& thread);
void use_mappings(World& world, Thread& thread);
void free_what_is_not_live(World& world, Thread& thread);
[[nodiscard]] Gfp any_entitlement(Thread& thread);

}  // namespace labyrinth::shipping
