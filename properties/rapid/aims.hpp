// The aims of all properties.
#pragma once

#include "aim.hpp"

namespace labyrinth::properties::aims {

extern const Aim owners, places, frees, nothing_lost, content, exclusive, sleepers, alone, bounds, nesting,
    floors, refusals, conflicts, reserves, contexts, stacks, wakes, races, weak, histories, commands,
    everything;
/// One task, or one a CPU, for the algebra.
extern const Aim sequential, snapshots, single_frames, cpus, forms;
/// Bad callers: the mistakes of one kind among correct calls.
extern const Aim double_frees, foreign_frees, bad_contexts, bad_unmaps, wrong_rooms;

}  // namespace labyrinth::properties::aims
