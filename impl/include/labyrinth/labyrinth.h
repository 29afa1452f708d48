/* The C interface of the Labyrinth page allocator: one zone of page frames, handed out in blocks of 2^order
 * frames by calls that never sleep, never spin and never wait for a context they interrupted.
 *
 * Units: a pfn is the number of a page frame; counts are in frames; sizes of metadata in bytes.
 * Context: every function below, except labyrinth_init, may be called in any context (task, softirq, hardirq,
 * NMI), nested in any other call of this interface at any instruction, and on any number of CPUs at once.
 * The frames themselves are never read or written. */
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
  LABYRINTH_GFP_DIRECT_RECLAIM = 1, /* the caller may sleep; checked against the context, never used */
  LABYRINTH_GFP_KSWAPD_RECLAIM = 2, /* tell the caller (`wake`) when background reclaim should run */
  LABYRINTH_GFP_HIGH = 4,           /* may take half of the frames below min, and more if it cannot reclaim */
  LABYRINTH_GFP_MEMALLOC = 8,       /* may take every frame */
  LABYRINTH_GFP_NOMEMALLOC = 16, /* may not: takes back what MEMALLOC, and what HIGH gives without reclaim */
  LABYRINTH_GFP_ATOMIC = LABYRINTH_GFP_HIGH | LABYRINTH_GFP_KSWAPD_RECLAIM,
  LABYRINTH_GFP_NOWAIT = LABYRINTH_GFP_KSWAPD_RECLAIM,
  LABYRINTH_GFP_KERNEL = LABYRINTH_GFP_DIRECT_RECLAIM | LABYRINTH_GFP_KSWAPD_RECLAIM
};

#define LABYRINTH_NO_PFN UINT64_MAX
#define LABYRINTH_MAX_ORDER 10u
#define LABYRINTH_MAX_FRAMES (UINT64_C(1) << 28)
#define LABYRINTH_MAX_FIRST_PFN (UINT64_C(1) << 52)
#define LABYRINTH_MAX_CPUS 4096u
#define LABYRINTH_METADATA_ALIGNMENT 64u

/* What the allocator asks its surroundings. Both functions must be callable in any context and must not call
 * back. A stale CPU number costs speed, never correctness. */
struct labyrinth_port {
  void* self;
  uint32_t (*cpu)(void* self);
  bool (*may_sleep)(void* self);
};

struct labyrinth_config {
  uint64_t first_pfn; /* any alignment; at most LABYRINTH_MAX_FIRST_PFN */
  uint64_t frames;    /* 1 .. LABYRINTH_MAX_FRAMES */
  uint64_t min;       /* watermarks in frames: min <= low <= high <= frames */
  uint64_t low;
  uint64_t high;
  uint32_t max_order; /* at most LABYRINTH_MAX_ORDER */
  uint32_t cpus;      /* 1 .. LABYRINTH_MAX_CPUS; only spreads the CPUs over the zone */
  struct labyrinth_port port;
};

/* The answer to an allocation. `pfn` is LABYRINTH_NO_PFN unless `status` is LABYRINTH_OK. */
struct labyrinth_page {
  uint64_t pfn;
  uint32_t order;
  enum labyrinth_status status;
  bool wake; /* background reclaim was asked for and is due: less than `low` is, or would have been, left */
};

/* A zone; it lies at the start of its metadata. (Not `struct labyrinth`: C++ has a namespace of that name.)
 */
struct labyrinth_zone;

/* Bytes of metadata that the configuration needs; 0 if it is NULL or out of the ranges above. */
size_t labyrinth_metadata_size(const struct labyrinth_config* config);

/* Sets up a zone with every frame free, in `size` bytes that the zone owns until the caller reuses them; NULL
 * if the configuration is refused, or the metadata is NULL, too small, or not aligned to
 * LABYRINTH_METADATA_ALIGNMENT. The only function that is neither bounded in the sense below nor safe against
 * concurrent calls: publish the result to other contexts with release semantics. */
struct labyrinth_zone* labyrinth_init(const struct labyrinth_config* config, void* metadata, size_t size);

/* Takes one free block of 2^order frames, aligned to its order. The outcome is in *out:
 *   OK            out->pfn is the first frame, the caller's own until labyrinth_free_page
 *   EXHAUSTED     at an instant of this call, fewer than floor + 2^order frames were free and unclaimed
 *   FRAGMENTED    order > 0 only: no free block of this order (exact when no other call is in progress)
 *   CONTENDED     other contexts took conflicting steps during this call: its patience is used up, or what it
 *                 lost to them was the last block of this order that it found
 *   BAD_ARGUMENT  zone is NULL, gfp has unknown bits, or order exceeds max_order
 *   BAD_CONTEXT   DIRECT_RECLAIM was asked for where the port says that sleeping is not permitted
 * Unless OK nothing has changed. A NULL out does nothing at all. Takes at most
 * labyrinth_alloc_steps(zone, order) steps. */
void labyrinth_alloc_page(struct labyrinth_zone* zone, uint32_t gfp, unsigned order,
                          struct labyrinth_page* out);

/* Gives back exactly the live block (pfn, order): always succeeds for one, whatever other contexts do or were
 * interrupted in. For anything else BAD_ARGUMENT, and nothing has changed. Takes at most
 * labyrinth_free_steps(zone, order) steps. */
enum labyrinth_status labyrinth_free_page(struct labyrinth_zone* zone, uint64_t pfn, unsigned order);

/* The most steps (atomic accesses to the metadata) that one call takes, whatever other contexts do; 0 for a
 * NULL zone or an order above max_order. Logarithmic in the frames for order 0, and for a free up to order 5.
 */
uint64_t labyrinth_alloc_steps(const struct labyrinth_zone* zone, unsigned order);
uint64_t labyrinth_free_steps(const struct labyrinth_zone* zone, unsigned order);

/* Free frames, less those that calls in progress hold: old as soon as it is read. 0 for a NULL zone. */
uint64_t labyrinth_free_frames(const struct labyrinth_zone* zone);

/* A lower-case name such as "exhausted"; "unknown" for any other number. Never NULL. */
const char* labyrinth_status_name(enum labyrinth_status status);

#ifdef __cplusplus
}
#endif

#endif
