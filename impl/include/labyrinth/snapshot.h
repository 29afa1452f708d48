/* What an allocator looks like at the moment, in the manner of /proc/zoneinfo and /proc/buddyinfo: of each
 * zone, and of the void, the free frames, watermarks, and how many free blocks of each order there are; of
 * the rooms of each context level and of each device, how full they are. As text for people, as JSON for
 * programs.
 *
 * A block counts once, as the largest free aligned block that it belongs to, up to the allocator's max_order.
 * Frames that a CPU keeps at hand are free.
 *
 * Context: any, as for every call of labyrinth.h; nothing is locked, allocated or changed. Bounded: one look
 * at each word of 32 frames, at each CPU's slot, at each zone's counter, and at each room. Exact when no
 * other call is in progress; otherwise the numbers are true of their own instants, which differ, so that the
 * blocks need not add up to the free frames, though neither is ever more than the zone has. */
#ifndef LABYRINTH_SNAPSHOT_H
#define LABYRINTH_SNAPSHOT_H

#include <stddef.h>

#include "labyrinth/labyrinth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes at most `size` bytes, the last of them a zero, and returns how many all of it would have taken,
 * without the zero: what was written is complete if and only if the result is less than `size` (as with
 * snprintf). A NULL buffer of size 0 asks for the size alone. A NULL allocator has nothing to show. */
size_t labyrinth_snapshot_text(const struct labyrinth_allocator* allocator, char* buffer, size_t size);
size_t labyrinth_snapshot_json(const struct labyrinth_allocator* allocator, char* buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
