/* The C interface of the Labyrinth page allocator: page frames, handed out in blocks of 2^order frames by
 * calls that never sleep, never spin and never wait for a context they interrupted.
 *
 *      first_pfn                                                                 first_pfn + all frames
 *      | DMA | DMA32 | NORMAL | MOVABLE | the void | rooms of levels, by CPU | rooms of devices |
 *
 * Units: a pfn is the number of a page frame; counts are in frames; sizes of metadata in bytes.
 * Context: every function below, except labyrinth_init, may be called in any context (task, softirq, hardirq,
 * NMI), nested in any other call of this interface at any instruction, and on any number of CPUs at once.
 * Only a port that unmaps (see there) may sleep, in calls that say so, and nowhere but where it says itself
 * that it may. The frames themselves are touched through the port alone, and only for ZERO and EXCLUSIVE
 * requests. */
#ifndef LABYRINTH_LABYRINTH_H
#define LABYRINTH_LABYRINTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum labyrinth_status {
  LABYRINTH_OK = 0,
  /* Fewer free frames than the caller's floor + 2^order. */
  LABYRINTH_EXHAUSTED = 1,
  /* Enough free frames, but no free block of this order. */
  LABYRINTH_FRAGMENTED = 2,
  /* Other contexts kept changing what this call was about to take; calling again is sensible. */
  LABYRINTH_CONTENDED = 3,
  /* The arguments name nothing that exists; nothing was changed. */
  LABYRINTH_BAD_ARGUMENT = 4,
  /* The request may sleep and the context must not; nothing was changed. */
  LABYRINTH_BAD_CONTEXT = 5
};

enum labyrinth_gfp {
  LABYRINTH_GFP_DIRECT_RECLAIM = 1, /* the caller may sleep, and asks shrinkers for frames (reclaim.h) */
  LABYRINTH_GFP_KSWAPD_RECLAIM = 2, /* wake background reclaim when it should run, and say so (`wake`) */
  LABYRINTH_GFP_HIGH = 4,           /* may take half of the frames below min, and more if it cannot reclaim */
  LABYRINTH_GFP_MEMALLOC = 8,       /* may take every frame */
  LABYRINTH_GFP_NOMEMALLOC = 16, /* may not: takes back what MEMALLOC, and what HIGH gives without reclaim */
  /* Zone modifiers: the highest zone that will do. Without one it is NORMAL. */
  LABYRINTH_GFP_DMA = 0x20,
  LABYRINTH_GFP_DMA32 = 0x40,
  LABYRINTH_GFP_HIGHMEM = 0x80,    /* with MOVABLE: up to zone MOVABLE; alone: up to NORMAL */
  LABYRINTH_GFP_MOVABLE = 0x100,   /* the content can be moved elsewhere */
  LABYRINTH_GFP_EXCLUSIVE = 0x200, /* from the void, and from nowhere else */
  LABYRINTH_GFP_ROOM = 0x400,      /* order 0: from the room of the caller's CPU and level first */
  LABYRINTH_GFP_ZERO = 0x800,      /* zeroed before the answer */
  /* The content is a cache that its owner can drop. Like MOVABLE (they exclude one another) it only decides
   * beside what else the frames lie: without either the content is unmovable. */
  LABYRINTH_GFP_RECLAIMABLE = 0x1000,
  LABYRINTH_GFP_NORETRY = 0x2000, /* one round of direct reclaim at most */
  LABYRINTH_GFP_NOFAIL = 0x4000,  /* never refused: reclaims and waits. With DIRECT_RECLAIM, not NORETRY */
  /* A number and no flags: 1 + the device, for whose driver this is; 0: none. See labyrinth_gfp_device(). */
  LABYRINTH_GFP_DEVICE = 0xf00000,
  LABYRINTH_GFP_ATOMIC = LABYRINTH_GFP_HIGH | LABYRINTH_GFP_KSWAPD_RECLAIM,
  LABYRINTH_GFP_NOWAIT = LABYRINTH_GFP_KSWAPD_RECLAIM,
  LABYRINTH_GFP_KERNEL = LABYRINTH_GFP_DIRECT_RECLAIM | LABYRINTH_GFP_KSWAPD_RECLAIM
};

#define LABYRINTH_NO_PFN UINT64_MAX
#define LABYRINTH_MAX_ORDER 10u
#define LABYRINTH_MAX_FRAMES (UINT64_C(1) << 28)
#define LABYRINTH_MAX_FIRST_PFN (UINT64_C(1) << 52)
#define LABYRINTH_MAX_CPUS 4096u
#define LABYRINTH_MAX_HIGHATOMIC 64u
#define LABYRINTH_METADATA_ALIGNMENT 64u

enum labyrinth_level {
  LABYRINTH_TASK,
  LABYRINTH_SOFTIRQ,
  LABYRINTH_HARDIRQ,
  LABYRINTH_NMI,
  LABYRINTH_LEVELS
};

enum labyrinth_zone_type {
  LABYRINTH_ZONE_DMA,
  LABYRINTH_ZONE_DMA32,
  LABYRINTH_ZONE_NORMAL,
  LABYRINTH_ZONE_MOVABLE,
  LABYRINTH_ZONES
};

#define LABYRINTH_MAX_ROOM_FRAMES 64u
#define LABYRINTH_MAX_DEVICES 8u

/* What a device's driver adds to a request of order 0: from the room of that device first, on any CPU and in
 * any context; if that is empty and spills, from the zones, as the rest of the request says. It is in the
 * place of ROOM and EXCLUSIVE, and not to be had together with one of them. No number below
 * LABYRINTH_MAX_DEVICES: a request that is BAD_ARGUMENT. */
static inline uint32_t labyrinth_gfp_device(uint32_t device) {
  return (device < LABYRINTH_MAX_DEVICES ? device + 1u : 15u) << 20;
}

/* What the allocator asks its surroundings. All functions but `unmap` must be callable in any context, and
 * none may call back. Those that may be NULL are needed by what the comment says; without them such requests
 * are BAD_ARGUMENT, and such configurations are refused. */
struct labyrinth_port {
  void* self;
  /* The CPU that runs the caller, below `cpus`; stale as soon as the caller migrates. A number that is not
   * below costs speed, and the rooms. */
  uint32_t (*cpu)(void* self);
  bool (*may_sleep)(void* self);
  enum labyrinth_level (*level)(void* self); /* rooms; may be NULL */
  /* The content of frames, 4096 bytes each. Steps: all 4096 * frames bytes, at most 2^max_order frames. */
  void (*zero)(void* self, uint64_t pfn, uint64_t frames);        /* ZERO; may be NULL */
  void (*poison)(void* self, uint64_t pfn, uint64_t frames);      /* the void; may be NULL */
  bool (*is_poisoned)(void* self, uint64_t pfn, uint64_t frames); /* the void; may be NULL */
  /* A frame of the void was written to while nobody owned it: its poison was gone. May be NULL. Where the
   * void is unmapped: that some frame of this block was. */
  void (*report_damage)(void* self, uint64_t pfn, uint64_t frames);
  /* Of a void whose free frames cannot be addressed; both or neither, NULL: free frames are poisoned and stay
   * mapped. At labyrinth_init() every frame of the void is unmapped and holds nothing of anyone. Both get one
   * whole block, as do poison, is_poisoned and zero then, so that its addresses may be followed by some that
   * fault (guard frames, as labyrinth/void_window.hpp has them: they cost addresses, and no frames).
   *
   * unmap: from here on every access to the frames faults, and their content is gone for good. May sleep, and
   * is called only where may_sleep() says so. False if it could not be done (memory for a page table or a
   * mapping was missing) and the frames can be reached as before: the block is then kept in limbo, for a
   * later drain.
   *
   * remap: makes the block reachable again, without any byte that an owner wrote: what an owner finds is what
   * this leaves (zeros, or any poison). Must not sleep. False if it could not be done and nothing was
   * changed: the request is then EXHAUSTED, although frames are free. */
  bool (*unmap)(void* self, uint64_t pfn, uint64_t frames);
  bool (*remap)(void* self, uint64_t pfn, uint64_t frames);
  /* The sleeping side (reclaim.h). Marks the calling task as one that reclaims, or takes the mark away, and
   * says whether it was marked (Linux: memalloc_noreclaim_save()). Shrinkers; may be NULL. */
  bool (*set_reclaiming)(void* self, bool reclaiming);
  /* Background reclaim is due (`wake`): a task is to call labyrinth_balance() soon. Must not sleep and must
   * not be lost, not even if that task is just about to sleep. May be NULL: `wake` is all there is then. */
  void (*wake_reclaimer)(void* self);
  /* NOFAIL: sleeps until trying again is sensible; called in tasks that may sleep alone. May be NULL. */
  void (*wait)(void* self);
};

/* A zone, or the void; with 0 frames it does not exist. */
struct labyrinth_zone_config {
  uint64_t frames;
  uint64_t min; /* watermarks in frames: min <= low <= high <= frames */
  uint64_t low;
  uint64_t high;
  /* As in Linux's vm.lowmem_reserve_ratio: from a request whose highest zone is above this one, the frames of
   * the zones in between and of that one, divided by this, are kept back. 0: nothing is. Not of the void. */
  uint32_t lowmem_ratio;
  /* The highatomic reserve: pageblocks (the largest blocks, of at least 32 frames) that may be set apart,
   * each after a request of order 1 to 4 with HIGH, and neither DIRECT_RECLAIM nor NOMEMALLOC, was served
   * from it. What is set apart is for such requests and MEMALLOC, and is given back before one of them, or
   * one with DIRECT_RECLAIM, is refused. At most LABYRINTH_MAX_HIGHATOMIC, and at most what the zone has;
   * Linux keeps a hundredth of the zone. 0: nothing is set apart. Not of the void. */
  uint32_t highatomic;
};

/* The rooms of one context level, one for each CPU: order 0 only, for the requests made there with ROOM. Or
 * the room of a device: order 0 only, for the requests that name it. */
struct labyrinth_room_config {
  uint32_t frames; /* of each, at most LABYRINTH_MAX_ROOM_FRAMES, a power of two at best; 0: there are none */
  bool spill;      /* what a room cannot serve goes on to the zones; otherwise it is EXHAUSTED */
};

struct labyrinth_config {
  uint64_t first_pfn; /* any alignment; at most LABYRINTH_MAX_FIRST_PFN */
  struct labyrinth_zone_config zones[LABYRINTH_ZONES];
  struct labyrinth_zone_config isolated;                /* the void */
  struct labyrinth_room_config rooms[LABYRINTH_LEVELS]; /* by enum labyrinth_level */
  struct labyrinth_room_config devices[LABYRINTH_MAX_DEVICES];
  uint32_t max_order; /* at most LABYRINTH_MAX_ORDER */
  uint32_t cpus;      /* 1 .. LABYRINTH_MAX_CPUS */
  /* Mobility grouping off: content of all kinds mixed. It is never on in zones of fewer than four pageblocks.
   */
  bool ungrouped;
  struct labyrinth_port port;
};

/* The answer to an allocation. `pfn` is LABYRINTH_NO_PFN unless `status` is LABYRINTH_OK. */
struct labyrinth_page {
  uint64_t pfn;
  uint32_t order;
  enum labyrinth_status status;
  bool wake; /* background reclaim was asked for and is due: no zone could serve this and stay at `low`. The
              * port's wake_reclaimer, if there is one, has been called */
};

/* An allocator; it lies at the start of its metadata. (Not `struct labyrinth`: C++ has a namespace of that
 * name.) */
struct labyrinth_allocator;

/* Bytes of metadata that the configuration needs; 0 if it is NULL or out of the ranges above, has more than
 * LABYRINTH_MAX_FRAMES in all, or needs a port function that is NULL. */
size_t labyrinth_metadata_size(const struct labyrinth_config* config);

/* Sets up an allocator with every frame free, in `size` bytes that it owns until the caller reuses them; NULL
 * if the configuration is refused, or the metadata is NULL, too small, or not aligned to
 * LABYRINTH_METADATA_ALIGNMENT. The only function that is neither bounded in the sense below nor safe against
 * concurrent calls: publish the result to other contexts with release semantics. */
struct labyrinth_allocator* labyrinth_init(const struct labyrinth_config* config, void* metadata,
                                           size_t size);

/* Takes one free block of 2^order frames, aligned to its order. The zones are tried from the highest one that
 * the modifiers permit downward, twice: first down to their `low` watermark, then, with `wake` set if asked
 * for, down to what the request is entitled to. The outcome is in *out:
 *   OK            out->pfn is the first frame, the caller's own until labyrinth_free_page
 *   EXHAUSTED     in each zone (room, void) open to the request there was an instant of this call at which
 *                 fewer than floor + 2^order frames were free and unclaimed
 *   FRAGMENTED    order > 0 only: enough frames in some zone, but no free block of this order (exact when no
 *                 other call is in progress)
 *   CONTENDED     other contexts took conflicting steps during this call: its patience is used up, or what it
 *                 lost to them was the last block of this order that it found
 *   BAD_ARGUMENT  the allocator is NULL, gfp has unknown bits or modifiers that contradict each other or name
 *                 nothing that this allocator has (a room or a device's room without frames, too), or order
 *                 exceeds max_order, or is not 0 for a room, or NOFAIL could never be served, not even with
 *                 everything free
 *   BAD_CONTEXT   DIRECT_RECLAIM was asked for where the port says that sleeping is not permitted
 * What is refused with DIRECT_RECLAIM first asks the shrinkers, if there are any (reclaim.h). Unless OK
 * nothing else has changed. A NULL out does nothing at all. Takes at most labyrinth_alloc_steps(allocator,
 * order) steps, without reclaim; see labyrinth_drain_steps() for who may sleep. */
void labyrinth_alloc_page(struct labyrinth_allocator* allocator, uint32_t gfp, unsigned order,
                          struct labyrinth_page* out);

#define LABYRINTH_MAX_BULK 64u

/* Takes `count` single frames at once, 1 .. LABYRINTH_MAX_BULK: all of them, from one zone, or none. OK:
 * their numbers are in pfns[0 .. count), each the caller's own and freed on its own, and the first one in
 * out->pfn. Otherwise as labyrinth_alloc_page() for `count` frames; pfns is then undefined. ROOM, a device
 * and EXCLUSIVE with more than one frame are BAD_ARGUMENT, and so is a NULL pfns. At most
 * labyrinth_bulk_steps(allocator, count) steps. */
void labyrinth_alloc_bulk(struct labyrinth_allocator* allocator, uint32_t gfp, unsigned count, uint64_t* pfns,
                          struct labyrinth_page* out);

/* Takes `frames` frames in a row, 1 .. 2^max_order: the block of the smallest order that holds them, less its
 * tail, which is free again before the answer. What the caller gets is the blocks of falling orders that
 * `frames` falls into, from out->pfn on (13 frames: orders 3, 2 and 0); each can be freed on its own.
 * Otherwise as labyrinth_alloc_page() for out->order; ROOM, a device and EXCLUSIVE are BAD_ARGUMENT unless
 * `frames` is a power of two. At most labyrinth_exact_steps(allocator, frames) steps. */
void labyrinth_alloc_exact(struct labyrinth_allocator* allocator, uint32_t gfp, uint64_t frames,
                           struct labyrinth_page* out);

/* Frees what labyrinth_alloc_exact() gave, block by block: OK if each of them was live. Otherwise
 * BAD_ARGUMENT, with those freed that were; nobody else's block is touched unless it is one of these. */
enum labyrinth_status labyrinth_free_exact(struct labyrinth_allocator* allocator, uint64_t pfn,
                                           uint64_t frames);

/* Gives back exactly the live block (pfn, order): always succeeds for one, whatever other contexts do or were
 * interrupted in. For anything else BAD_ARGUMENT, and nothing has changed. Takes at most
 * labyrinth_free_steps(allocator, order) steps. */
enum labyrinth_status labyrinth_free_page(struct labyrinth_allocator* allocator, uint64_t pfn,
                                          unsigned order);

/* The void, where the port unmaps. What is freed where the caller may sleep is unmapped at once; in atomic
 * context it is poisoned, and stays in *limbo*: nobody's, and not free, until a task calls this, or makes an
 * EXCLUSIVE request with DIRECT_RECLAIM that would be refused otherwise. Unmaps and frees at most
 * `max_blocks` blocks; every one that was in limbo at the call is found, unless another call is just dealing
 * with it. *drained (which may be NULL) says how many it were. OK; BAD_CONTEXT where the port says that
 * sleeping is not permitted, and nothing has changed; BAD_ARGUMENT for a NULL allocator. With nothing in
 * limbo, or no limbo at all, this costs one step: nobody is told that there is something, so that a task may
 * call it when it likes. Takes at most labyrinth_drain_steps(allocator, max_blocks) steps, and may sleep in
 * the port. */
enum labyrinth_status labyrinth_drain(struct labyrinth_allocator* allocator, uint64_t max_blocks,
                                      uint64_t* drained);

/* 0 without limbo. An EXCLUSIVE request with DIRECT_RECLAIM takes at most twice labyrinth_alloc_steps(), and
 * labyrinth_drain_steps(allocator, UINT64_MAX). */
uint64_t labyrinth_drain_steps(const struct labyrinth_allocator* allocator, uint64_t max_blocks);

/* The most steps (atomic accesses to the metadata) that one call takes, whatever other contexts do; 0 for a
 * NULL allocator or an order above max_order. Logarithmic in the frames for order 0, and for a free up to
 * order 5.
 */
uint64_t labyrinth_alloc_steps(const struct labyrinth_allocator* allocator, unsigned order);
uint64_t labyrinth_free_steps(const struct labyrinth_allocator* allocator, unsigned order);

uint64_t labyrinth_bulk_steps(const struct labyrinth_allocator* allocator, unsigned count);
uint64_t labyrinth_exact_steps(const struct labyrinth_allocator* allocator, uint64_t frames);

/* Whether the frame is set apart for high-order atomic requests: old as soon as it is read. */
bool labyrinth_is_set_apart(const struct labyrinth_allocator* allocator, uint64_t pfn);

/* The drift of the per-CPU words: the most frames of a zone (enum labyrinth_zone_type; LABYRINTH_ZONES is the
 * void) that one call in progress may hold instead of what it asked for, so that another is refused although
 * they are free. 0 where nothing is cached, and for what does not exist. With no other call in progress every
 * refusal is exact. */
uint64_t labyrinth_batch(const struct labyrinth_allocator* allocator, unsigned zone);

/* Free frames of the zones, less those that calls in progress hold: old as soon as it is read. 0 for a NULL
 * allocator. */
uint64_t labyrinth_free_frames(const struct labyrinth_allocator* allocator);

/* A lower-case name such as "exhausted"; "unknown" for any other number. Never NULL. */
const char* labyrinth_status_name(enum labyrinth_status status);

#ifdef __cplusplus
}
#endif

#endif
