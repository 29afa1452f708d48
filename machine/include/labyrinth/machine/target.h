/* What an allocator under test looks like to the machine: one C table of functions.
 *
 * A target is a shared object that exports `labyrinth_target_entry()`; CMake's labyrinth_add_target() builds
 * one from unmodified sources and an adapter that fills in this table. Every function may be called on a
 * fiber with 64 KiB of stack and must not keep pointers to its arguments. Numbers cross the border as plain
 * integers, so that a C target needs nothing but this file; their meanings are those of
 * labyrinth/model/types.hpp.
 */
#ifndef LABYRINTH_MACHINE_TARGET_H
#define LABYRINTH_MACHINE_TARGET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LABYRINTH_TARGET_ABI 4u

/* Request flags, as in Linux's gfp_types.h by name. */
#define LABYRINTH_TARGET_DIRECT_RECLAIM 1u
#define LABYRINTH_TARGET_KSWAPD_RECLAIM 2u
#define LABYRINTH_TARGET_HIGH 4u
#define LABYRINTH_TARGET_MEMALLOC 8u
#define LABYRINTH_TARGET_NOMEMALLOC 16u
#define LABYRINTH_TARGET_DMA 0x20u
#define LABYRINTH_TARGET_DMA32 0x40u
#define LABYRINTH_TARGET_HIGHMEM 0x80u
#define LABYRINTH_TARGET_MOVABLE 0x100u
#define LABYRINTH_TARGET_EXCLUSIVE 0x200u    /* from the void only */
#define LABYRINTH_TARGET_ROOM 0x400u         /* from the room of the caller's CPU and level first */
#define LABYRINTH_TARGET_ZERO 0x800u         /* zeroed before the answer */
#define LABYRINTH_TARGET_RECLAIMABLE 0x1000u /* the content can be dropped; MOVABLE or this, not both */
#define LABYRINTH_TARGET_NORETRY 0x2000u     /* one round of reclaim at most */
#define LABYRINTH_TARGET_NOFAIL 0x4000u      /* never refused: reclaims and waits */
/* A number and no flags: 1 + the device from whose room it is served first, on any CPU and at any level; 0:
 * none. */
#define LABYRINTH_TARGET_DEVICE 0xf00000u
#define LABYRINTH_TARGET_DEVICE_SHIFT 20u

/* Answers. */
#define LABYRINTH_TARGET_OK 0u
#define LABYRINTH_TARGET_EXHAUSTED 1u
#define LABYRINTH_TARGET_FRAGMENTED 2u
#define LABYRINTH_TARGET_CONTENDED 3u
#define LABYRINTH_TARGET_BAD_ARGUMENT 4u
#define LABYRINTH_TARGET_BAD_CONTEXT 5u

#define LABYRINTH_TARGET_MAX_BULK 64u

/* What a target can do. What it cannot never reaches it: such memory becomes zone NORMAL's, such flags are
 * taken off its requests, such calls are left out; and reports say which requirements were not checked. */
#define LABYRINTH_TARGET_CAN_ORDERS 1u     /* blocks of more than one frame; else max_order is 0 */
#define LABYRINTH_TARGET_CAN_ZONES 2u      /* others than NORMAL, and the flags that choose them */
#define LABYRINTH_TARGET_CAN_WATERMARKS 4u /* floors and wake-ups; else all marks are 0 */
#define LABYRINTH_TARGET_CAN_HIGHATOMIC 8u /* pageblocks set apart */
#define LABYRINTH_TARGET_CAN_VOID 0x10u    /* EXCLUSIVE */
#define LABYRINTH_TARGET_CAN_ROOMS 0x20u   /* ROOM and DEVICE */
#define LABYRINTH_TARGET_CAN_ZERO 0x40u    /* ZERO */
#define LABYRINTH_TARGET_CAN_SLEEP 0x80u   /* DIRECT_RECLAIM, answered BAD_CONTEXT where it may not sleep */
#define LABYRINTH_TARGET_CAN_CHECK_FREES                             \
  0x100u /* a wrong free is answered BAD_ARGUMENT; else none is made \
          */
/* Tells exhausted, fragmented, contended, bad_argument and bad_context apart; else EXHAUSTED, "null", may
 * mean any refusal that is permitted. */
#define LABYRINTH_TARGET_CAN_TELL_WHY 0x200u
/* An order, flag or count that does not exist is answered BAD_ARGUMENT; else no such request is made. */
#define LABYRINTH_TARGET_CAN_CHECK_REQUESTS 0x400u
/* Calls from NMIs, which nothing holds back, not even who holds a lock; else NMIs make none. */
#define LABYRINTH_TARGET_CAN_NMI 0x800u
#define LABYRINTH_TARGET_CAN_ALL 0xfffu

/* The zones in the order of their addresses; the last one is the void, which only `exclusive` requests are
 * served from. */
#define LABYRINTH_TARGET_ZONE_DMA 0u
#define LABYRINTH_TARGET_ZONE_DMA32 1u
#define LABYRINTH_TARGET_ZONE_NORMAL 2u
#define LABYRINTH_TARGET_ZONE_MOVABLE 3u
#define LABYRINTH_TARGET_ZONE_VOID 4u
#define LABYRINTH_TARGET_ZONES 5u
#define LABYRINTH_TARGET_LEVELS 4u /* task, softirq, hardirq, NMI */
#define LABYRINTH_TARGET_DEVICES 8u

/* A zone; without frames it does not exist. Watermarks in frames. */
struct labyrinth_target_zone {
  uint64_t frames;
  uint64_t min, low, high;
  uint32_t lowmem_ratio; /* as in Linux's vm.lowmem_reserve_ratio; 0: no reserve */
  uint32_t
      highatomic;  /* pageblocks that may be set apart after high-order atomic requests; not of the void */
  uint32_t unmaps; /* 1: the void's frames are unmapped while nobody owns them (labyrinth_machine_unmap()) */
};

/* The rooms of one context level, one for each CPU; or the room of a device. */
struct labyrinth_target_room {
  uint32_t frames; /* of each; 0: there are none */
  uint32_t spills; /* 1: what a room cannot serve goes on to the zones */
};

/* The machine a target is created for: from `first_pfn` on the zones follow one another, then the rooms,
 * those of tasks first, for CPU 0, CPU 1, ... each, and those of devices last. */
struct labyrinth_target_geometry {
  uint64_t first_pfn;
  uint64_t frames; /* all of them together */
  struct labyrinth_target_zone zones[LABYRINTH_TARGET_ZONES];
  struct labyrinth_target_room rooms[LABYRINTH_TARGET_LEVELS];
  uint64_t object_frames;   /* of the objects' memory, which is none of the above; 0: there is none */
  uint64_t object_min;      /* its watermarks, all the same */
  uint32_t max_order;       /* largest order a request may have, at most 10 */
  uint32_t pageblock_order; /* of what is set apart; at least max_order */
  uint32_t cpus;
  uint32_t map_slots; /* global slots, for map */
  uint32_t map_depth; /* of each context's stack of local mappings */
  uint32_t unmapped;  /* bit per zone (LABYRINTH_TARGET_ZONE_*) whose frames have no direct map */
  struct labyrinth_target_room devices[LABYRINTH_TARGET_DEVICES];
};

struct labyrinth_target_answer {
  uint32_t status; /* LABYRINTH_TARGET_OK, ... */
  uint32_t wake;   /* 1: the target asks for background reclaim to be woken; allocation only */
  uint64_t pfn;    /* first frame of the block; allocation with status OK only */
};

/* The ways to map a frame. */
#define LABYRINTH_TARGET_MAP 0u        /* in a global slot, counted; may sleep */
#define LABYRINTH_TARGET_MAP_LOCAL 1u  /* on the context's own stack */
#define LABYRINTH_TARGET_MAP_ATOMIC 2u /* the same, with preemption off as long */

struct labyrinth_target_map_answer {
  uint32_t status;  /* LABYRINTH_TARGET_OK, ... */
  uint64_t address; /* where the frame is; mapping with status OK only */
};

/* Addresses for frames: an object of its own, which need know nothing of the allocator. Global and local
 * mappings of frames without a direct map are in slots; nothing is ever read or written at their addresses,
 * which are compared as numbers. */
struct labyrinth_target_mapper {
  /* As state_size and create below. */
  size_t (*state_size)(const struct labyrinth_target_geometry* geometry);
  void* (*create)(const struct labyrinth_target_geometry* geometry, void* state, void* frames);

  uint64_t (*page_address)(const void* self, uint64_t pfn); /* 0: none */
  void (*map)(void* self, uint32_t way, uint64_t pfn, struct labyrinth_target_map_answer* answer);
  /* MAP goes by the pfn, the others by the address. */
  void (*unmap)(void* self, uint32_t way, uint64_t pfn, uint64_t address,
                struct labyrinth_target_map_answer* answer);
  /* The frame that an address reaches at this instant, all ones: none. Asked by the machine between calls;
   * null: not watched. */
  uint64_t (*reaches)(const void* self, uint64_t address);
  /* As alloc_steps below, of the mapping and of the unmapping. */
  uint64_t (*map_steps)(const void* self, uint32_t way);
  uint64_t (*unmap_steps)(const void* self, uint32_t way);
};

struct labyrinth_target {
  uint32_t abi; /* LABYRINTH_TARGET_ABI */
  const char* name;
  const char* description;
  uint64_t can; /* LABYRINTH_TARGET_CAN_* */

  /* Bytes of state a target needs for this geometry; 0: the geometry is refused. */
  size_t (*state_size)(const struct labyrinth_target_geometry* geometry);
  /* Build a target in `state` (64-byte aligned, zeroed, state_size() bytes). `frames` is the address of the
   * first frame (4096 bytes each); their content is undefined. Returns the handle that the calls below get,
   * or NULL if the geometry is refused. */
  void* (*create)(const struct labyrinth_target_geometry* geometry, void* state, void* frames);

  void (*alloc)(void* self, uint32_t gfp, uint32_t order, struct labyrinth_target_answer* answer);
  /* `count` single frames at once, all of one zone or none; their numbers go to pfns[0 .. count), and the
   * first one to the answer. At most LABYRINTH_TARGET_MAX_BULK. Null, as alloc_exact: such calls are left
   * out. */
  void (*alloc_bulk)(void* self, uint32_t gfp, uint32_t count, uint64_t* pfns,
                     struct labyrinth_target_answer* answer);
  /* `frames` frames in a row, as blocks of falling orders from the answer's pfn on, each to be freed on its
   * own: 5 frames are a block of order 2 and one of order 0. What is left of the block of the next order is
   * given back. */
  void (*alloc_exact)(void* self, uint32_t gfp, uint64_t frames, struct labyrinth_target_answer* answer);
  void (*free)(void* self, uint64_t pfn, uint32_t order, struct labyrinth_target_answer* answer);

  /* Background reclaim: asks labyrinth_machine_shrink() until every zone, and the void, has its high mark.
   * Status OK: so it is; EXHAUSTED: it is not, and the shrinker has nothing left; BAD_CONTEXT. A target with
   * this function calls labyrinth_machine_wake() when it answers `wake`, and asks the shrinker before it
   * refuses a request with DIRECT_RECLAIM. Null: there is no sleeping side, and such calls are left out. */
  void (*balance)(void* self, struct labyrinth_target_answer* answer);

  /* The most frames of a zone (LABYRINTH_TARGET_ZONE_*) that one call in progress may hold instead of what it
   * asked for (E2): of a batch on its way into a per-CPU cache, say. 0 or a null function: none. */
  uint64_t (*batch)(const void* self, uint32_t zone);

  /* Whether the frame is set apart now as a highatomic reserve. Null: E4 is not checked for it. */
  uint32_t (*is_set_apart)(const void* self, uint64_t pfn);

  /* Largest number of atomic shared-memory steps the call may take whatever the others do (N3); 0 or a null
   * function: nothing is declared, and N2/N3 are not checked. */
  uint64_t (*alloc_steps)(const void* self, uint32_t order);
  uint64_t (*free_steps)(const void* self, uint32_t order);
  uint64_t (*bulk_steps)(const void* self, uint32_t count);
  uint64_t (*exact_steps)(const void* self, uint64_t frames);

  /* Unmaps and frees blocks of the void that were freed where that may not be done, at most so many; *drained
   * says how many it were. BAD_CONTEXT where sleeping is not permitted. Every block that was waiting at the
   * call is found, but for what another call is just dealing with. Null: no void is unmapped, and drains are
   * left out. */
  void (*drain)(void* self, uint64_t max_blocks, uint64_t* drained, struct labyrinth_target_answer* answer);
  /* Of a drain; and of an exclusive request with DIRECT_RECLAIM in a void that is unmapped, which drains
   * before it is refused: twice what is declared for the request otherwise, and drain_steps(self,
   * UINT64_MAX). */
  uint64_t (*drain_steps)(const void* self, uint64_t max_blocks);

  /* Small objects, in a memory of `object_frames` frames of their own, which only these functions use: they
   * get what create_objects() returned, in `state` of objects_size() bytes. Addresses are bytes from the
   * start of that memory. Null, all of them together: such calls are left out. (objects_batch and the steps
   * may be null alone.)
   *
   * kmalloc: at least `bytes` bytes: of the classes 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, aligned
   * to the largest power of two that divides the class's size; above that a block of 2^order frames. Flags
   * besides DIRECT_RECLAIM, NORETRY, KSWAPD_RECLAIM, HIGH, MEMALLOC, NOMEMALLOC and ZERO (so NOFAIL, too), no
   * bytes and more than 2^max_order frames are a bad argument. The machine's shrinker has nothing of theirs.
   * A frame is cut into objects of one class; with no other call in progress, each class may keep one frame
   * that holds none, and one more for each call that overlapped another; objects_trim gives those back. */
  size_t (*objects_size)(const struct labyrinth_target_geometry* geometry);
  void* (*create_objects)(const struct labyrinth_target_geometry* geometry, void* state, void* memory);
  void (*kmalloc)(void* objects, uint32_t gfp, uint64_t bytes,
                  struct labyrinth_target_answer* answer); /* `pfn` is the address */
  void (*kfree)(void* objects, uint64_t address, struct labyrinth_target_answer* answer);
  void (*objects_trim)(void* objects);
  uint64_t (*objects_batch)(const void* objects); /* as batch(), of that memory */
  uint64_t (*kmalloc_steps)(const void* objects, uint64_t bytes);
  uint64_t (*kfree_steps)(const void* objects);

  /* Null: calls that map are left out. */
  const struct labyrinth_target_mapper* mapper;
};

/* What the machine looks up in the shared object. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const struct labyrinth_target*
labyrinth_target_entry(void);

#ifdef __cplusplus
}
#endif
#endif
