/* The C interface to addresses of page frames: a mapper gives a frame an address and takes it back.
 *
 *      direct map       an address for good: arithmetic, no slot          page_address
 *      global slots     one slot a frame, counted, for all contexts       map, unmap              may sleep
 *      local slots      a stack of slots for each context, strict LIFO    map_local, map_atomic   never sleep
 *
 * Names and rules are Linux's: kmap, kmap_local_page, kmap_atomic (mm/highmem.c,
 * Documentation/mm/highmem.rst); docs/mapping.md says which to use when. Units: a pfn is the number of a page
 * frame of 4096 bytes; slots and depths are counts; sizes of metadata in bytes; steps are atomic accesses to
 * the metadata, those of the port not counted. A mapper knows nothing of who owns a frame: to map is not to
 * own. */
#ifndef LABYRINTH_MAPPING_H
#define LABYRINTH_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labyrinth/labyrinth.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LABYRINTH_MAX_MAP_SLOTS 255u
#define LABYRINTH_MAX_MAP_DEPTH 16u
#define LABYRINTH_MAX_MAP_USERS (1u << 20)
#define LABYRINTH_MAX_MAP_WAITS 16u /* of one map() */
#define LABYRINTH_DIRECT_RANGES 4u

/* An entry of a context's stack: what is mapped, where, and how. */
struct labyrinth_map_entry {
  uint64_t pfn;
  void* address;
  bool atomic; /* by map_atomic, which has disabled preemption */
};

/* The local mappings of one context: entries[0 .. depth), the newest last. Whoever runs contexts embeds one
 * in each task, and one in each CPU for each handler level; so a task that migrates, or is preempted by
 * another task of its CPU, takes its mappings along. Set up by labyrinth_map_stack_init(); read by a
 * debugger, or a handler on the same CPU, at any time: entries below `depth` are whole. */
struct labyrinth_map_stack {
  uint32_t depth;
  uint32_t first_slot;
  struct labyrinth_map_entry entries[LABYRINTH_MAX_MAP_DEPTH];
};

/* What the mapper asks its surroundings. All functions but wait_for_slot must be callable in any context, and
 * none calls back. Those that may be NULL are marked. */
struct labyrinth_map_port {
  void* self;
  /* The stack of the context that runs: of this handler, or else of this task. The same for a context
   * wherever it runs, and no other context's. */
  struct labyrinth_map_stack* (*context)(void* self);
  /* False wherever sleeping is not permitted, so also with preemption off. */
  bool (*may_sleep)(void* self);
  void (*preempt_disable)(void* self); /* nests */
  void (*preempt_enable)(void* self);
  /* Lets the slot reach the frame, on all CPUs, in place of whatever it reached before; returns the slot's
   * address: never NULL, and the same for a slot each time. Global slots are 0 .. map_slots; the stack with
   * number n has the `depth` slots from map_slots + n * depth on. Several contexts may do it at once for one
   * slot and one pfn. */
  void* (*set_slot)(void* self, uint32_t slot, uint64_t pfn);
  /* Lets a local slot reach nothing. */
  void (*clear_slot)(void* self, uint32_t slot);
  /* Sleeps until labyrinth_mapper_freed() differs from `freed`, or for as long as it sees fit; false: give
   * up. Only called where may_sleep() holds. May be NULL: map() then never waits. */
  bool (*wait_for_slot)(void* self, uint32_t freed);
  /* A global slot has come free: wake who waits. May be NULL. */
  void (*wake_waiters)(void* self);
};

/* Frames that have an address for good, one behind the other; 0 frames: no such range. */
struct labyrinth_direct_range {
  uint64_t first_pfn;
  uint64_t frames;
  void* base; /* the address of the first one */
};

struct labyrinth_mapper_config {
  uint64_t first_pfn;                                            /* at most LABYRINTH_MAX_FIRST_PFN */
  uint64_t frames;                                               /* 1 .. LABYRINTH_MAX_FRAMES */
  struct labyrinth_direct_range direct[LABYRINTH_DIRECT_RANGES]; /* disjoint, inside the frames above */
  uint32_t map_slots;                                            /* for map(): 0 .. LABYRINTH_MAX_MAP_SLOTS */
  uint32_t depth; /* of each local stack: 0 .. LABYRINTH_MAX_MAP_DEPTH */
  struct labyrinth_map_port port;
};

/* A mapper; it lies at the start of its metadata. */
struct labyrinth_mapper;

/* Bytes of metadata that the configuration needs; 0 if it is NULL, out of the ranges above, or lacks a port
 * function that may not be NULL. */
size_t labyrinth_mapper_size(const struct labyrinth_mapper_config* config);

/* Sets up a mapper with nothing mapped, in `size` bytes that it owns until the caller reuses them; NULL if
 * the configuration is refused, or the metadata is NULL, too small, or not aligned to
 * LABYRINTH_METADATA_ALIGNMENT. Publish the result to other contexts with release semantics. */
struct labyrinth_mapper* labyrinth_mapper_init(const struct labyrinth_mapper_config* config, void* metadata,
                                               size_t size);

/* Makes `stack` the empty stack number `number` of this mapper. Numbers are the owner's choice; two stacks in
 * use at once have different ones. map_slots + (number + 1) * depth is at most 2^32: slots have 32 bits. Not
 * while mappings are held in it. */
void labyrinth_map_stack_init(const struct labyrinth_mapper* mapper, struct labyrinth_map_stack* stack,
                              uint32_t number);

/* The mappings held in a stack: to check that a context leaves none behind. 1 step. */
uint32_t labyrinth_map_depth(const struct labyrinth_map_stack* stack);

/* The address of a directly mapped frame, for good; NULL for any other number, and for a NULL mapper. Any
 * context; no steps. */
void* labyrinth_page_address(const struct labyrinth_mapper* mapper, uint64_t pfn);

/* Maps a frame for as long as it takes, in any task, at an address that is good in every context until
 * unmap(). Two maps of a frame share a slot and are counted. A frame that is mapped directly has its address
 * anyway, and no count. OK            *address is the frame's EXHAUSTED     there was an instant of this call
 * at which all slots were in use, none of them by this frame (in use: mapped, or by a map() in progress), and
 * wait_for_slot is NULL or gave up; or the frame has LABYRINTH_MAX_MAP_USERS already CONTENDED     other
 * contexts took conflicting steps during this call, and its patience is used up BAD_ARGUMENT  the mapper or
 * `address` is NULL, or the pfn is not one of the mapper's BAD_CONTEXT   sleeping is not permitted here: use
 * map_local Unless OK nothing has changed. At most labyrinth_map_steps(). */
enum labyrinth_status labyrinth_map(struct labyrinth_mapper* mapper, uint64_t pfn, void** address);

/* Takes back one map() of the frame, in any context. With the last one its slot comes free; what stands in it
 * stays readable there until the slot is used again, as in Linux: do not rely on a fault.
 *   OK            also for a frame that is mapped directly
 *   CONTENDED     other contexts changed this frame's count time and again during this call, nothing has
 * changed: call again BAD_ARGUMENT  the frame is not mapped, or is none of the mapper's, or the mapper is
 * NULL At most labyrinth_unmap_steps(). */
enum labyrinth_status labyrinth_unmap(struct labyrinth_mapper* mapper, uint64_t pfn);

/* Maps a frame for the context that runs: in any context, NMI too, without sleeping, and never for long. The
 * address is good on every CPU, until unmap_local() in the same context; other contexts may use it as long.
 *   OK            *address is the frame's. A frame that is mapped directly needs no slot, but has its entry
 * in the stack all the same: so that mistakes in the order show on every machine EXHAUSTED     the context
 * holds `depth` mappings already BAD_ARGUMENT  as map(); or context() returned NULL Unless OK nothing has
 * changed. At most labyrinth_map_local_steps(). */
enum labyrinth_status labyrinth_map_local(struct labyrinth_mapper* mapper, uint64_t pfn, void** address);

/* Takes back the newest mapping of this context. BAD_ARGUMENT, with nothing changed, if that is not
 * `address`, or was not made by map_local(). At most labyrinth_map_local_steps(). */
enum labyrinth_status labyrinth_unmap_local(struct labyrinth_mapper* mapper, const void* address);

/* As map_local(), and preemption is off until the matching unmap_atomic(): so sleeping is forbidden
 * meanwhile, and what may sleep is BAD_CONTEXT. For what must stay on its CPU; otherwise use map_local(). */
enum labyrinth_status labyrinth_map_atomic(struct labyrinth_mapper* mapper, uint64_t pfn, void** address);
enum labyrinth_status labyrinth_unmap_atomic(struct labyrinth_mapper* mapper, const void* address);

/* How often a global slot has come free, modulo 2^32. 1 step; 0 for a NULL mapper. */
uint32_t labyrinth_mapper_freed(const struct labyrinth_mapper* mapper);

/* The most steps that one call takes, whatever other contexts do; linear in map_slots, but for local mappings
 * constant. 0 for a NULL mapper. */
uint64_t labyrinth_map_steps(const struct labyrinth_mapper* mapper);
uint64_t labyrinth_unmap_steps(const struct labyrinth_mapper* mapper);
uint64_t labyrinth_map_local_steps(const struct labyrinth_mapper* mapper);

#ifdef __cplusplus
}
#endif

#endif
