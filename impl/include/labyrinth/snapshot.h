/* What an allocator's zones look like at the moment, in the manner of /proc/zoneinfo and /proc/buddyinfo:
 * free frames, watermarks, and how many free blocks of each order there are. As text for people, as JSON for
 * programs.
 *
 * A block counts once, as the largest free aligned block that it belongs to, up to the allocator's max_order.
 *
 * Context: any, as for every call of labyrinth.h; nothing is locked, allocated or changed. Bounded: one look
 * at each word of 32 frames, and one at each zone's counter. Exact when no other call is in progress;
 * otherwise the numbers are true of their own instants, which differ, so that the blocks need not add up to
 * the free frames. */
#ifndef LABYRINTH_SNAPSHOT_H
#define LABYRINTH_SNAPSHOT_H

#include <stddef.h>

#include "labyrinth/labyrinth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* More of a zone's name is not read. */
#define LABYRINTH_MAX_NAME 32u

/* Writes at most `size` bytes, the last of them a zero, and returns how many all of it would have taken,
 * without the zero: what was written is complete if and only if the result is less than `size` (as with
 * snprintf). A NULL buffer of size 0 asks for the size alone.
 *
 * `names` are the zones' names in the allocator's order, `count` of them; a zone without one, or with NULL,
 * is called by its number. What is not printable ASCII in a name becomes a question mark. A NULL zone is an
 * allocator without zones. */
size_t labyrinth_snapshot_text(const struct labyrinth_zone* zone, const char* const* names, size_t count,
                               char* buffer, size_t size);
size_t labyrinth_snapshot_json(const struct labyrinth_zone* zone, const char* const* names, size_t count,
                               char* buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
