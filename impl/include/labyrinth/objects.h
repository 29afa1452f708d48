/* The C interface of small objects over the page allocator: kmalloc and kfree, and caches of objects of one
 * size, by calls that never spin and never wait for a context they interrupted. They sleep only where the
 * page allocator asks shrinkers for the frame that a DIRECT_RECLAIM request needs (reclaim.h).
 *
 * Units: an address is a byte address, pfn * LABYRINTH_PAGE_BYTES + offset; sizes and alignments in bytes.
 * Context: every function below, except labyrinth_objects_init, may be called in any context (task, softirq,
 * hardirq, NMI), nested in any other call of this interface or of the page allocator's at any instruction,
 * and on any number of CPUs at once.
 * To the page allocator, slabs and kmalloc's blocks are live blocks like any other: only these functions may
 * free them there.
 * The objects themselves are touched through the configuration's `zero` alone, and only for ZERO requests:
 * all that is known about them lies in the metadata. */
#ifndef LABYRINTH_OBJECTS_H
#define LABYRINTH_OBJECTS_H

#include "labyrinth/labyrinth.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LABYRINTH_NO_ADDRESS UINT64_MAX
#define LABYRINTH_PAGE_BYTES UINT64_C(4096)
/* Every object's address is a multiple of it, and no object is smaller. */
#define LABYRINTH_OBJECT_GRANULE UINT64_C(16)
#define LABYRINTH_MAX_CACHES 64u

/* A cache of objects of `size` bytes, 1 .. LABYRINTH_PAGE_BYTES, at multiples of `alignment`, a power of two
 * up to LABYRINTH_PAGE_BYTES. Its slabs are single frames: an object never crosses a frame's end, and a frame
 * holds LABYRINTH_PAGE_BYTES / (size rounded up to alignment and granule) objects. */
struct labyrinth_cache {
  uint32_t size;
  uint32_t alignment;
};

struct labyrinth_objects_config {
  uint64_t first_pfn;   /* these frames must include all that the page allocator can hand out; */
  uint64_t frames;      /* 1 .. LABYRINTH_MAX_FRAMES, first_pfn at most LABYRINTH_MAX_FIRST_PFN - frames */
  uint32_t cpus;        /* 1 .. LABYRINTH_MAX_CPUS; only spreads the CPUs over the slabs */
  uint32_t cache_count; /* at most LABYRINTH_MAX_CACHES, besides kmalloc's own */
  const struct labyrinth_cache*
      caches;                 /* read by metadata_size and init only; may be NULL if there are none */
  struct labyrinth_port port; /* asked as the page allocator asks its own */
  /* Zeroes bytes of one object, with the port's `self`; the port's own zero() would take the whole frame and
   * the neighbours with it. Any context; must not call back. May be NULL: then ZERO is BAD_ARGUMENT. */
  void (*zero)(void* self, uint64_t address, uint64_t bytes);
};

/* The answer to an allocation. `address` is LABYRINTH_NO_ADDRESS unless `status` is LABYRINTH_OK. */
struct labyrinth_object {
  uint64_t address;
  enum labyrinth_status status;
  bool wake; /* as in struct labyrinth_page, if a page was asked for; false if none was needed */
};

/* It lies at the start of its metadata. */
struct labyrinth_objects;

/* Bytes of metadata that the configuration needs; 0 if it is NULL or out of the ranges above. It is 36 bytes
 * a frame, 1/8 byte a frame and cache, 128 bytes a cache, and 4 bytes a CPU and cache: 39.9 bytes a frame
 * (0.98 %) with kmalloc's thirty caches, ten for each of DMA, DMA32 and neither. */
size_t labyrinth_objects_metadata_size(const struct labyrinth_objects_config* config);

/* Sets up kmalloc and the configuration's caches over `allocator`, which must outlive them, in `size` bytes
 * that belong to them until the caller reuses them; NULL if the configuration is refused, the allocator is
 * NULL, or the metadata is NULL, too small, or not aligned to LABYRINTH_METADATA_ALIGNMENT. Takes no page.
 * The only function that is neither bounded in the sense below nor safe against concurrent calls: publish the
 * result to other contexts with release semantics. */
struct labyrinth_objects* labyrinth_objects_init(const struct labyrinth_objects_config* config,
                                                 struct labyrinth_allocator* allocator, void* metadata,
                                                 size_t size);

/* Takes an object of at least `bytes` bytes: of kmalloc's size classes 16, 32, 64, 96, 128, 192, 256, 512,
 * 1024 and 2048, aligned to the largest power of two that divides the class's size; or, above 2048, a block
 * of 2^order frames aligned as such. The outcome is in *out:
 *   OK            out->address is the caller's own until labyrinth_kfree
 *   EXHAUSTED     the page allocator answered so, and at an instant of this call the size class had no free
 *                 object but those that calls in progress held: one each for an allocation or a free, all of
 *                 a slab for a call that brings the slab in, gives it back, or tries to
 *   FRAGMENTED    above 4096 bytes only: the page allocator answered so
 *   CONTENDED     other contexts took conflicting steps during this call until its patience was used up
 *   BAD_ARGUMENT  objects is NULL, bytes is 0 or more than the largest block's, the page allocator has
 *                 frames outside the configuration's or no zone for DMA or DMA32 as asked, gfp has ZERO and
 *                 the configuration no zero(), both DMA and DMA32, or other bits than these three,
 *                 DIRECT_RECLAIM, NORETRY, KSWAPD_RECLAIM, HIGH, MEMALLOC and NOMEMALLOC
 *   BAD_CONTEXT   DIRECT_RECLAIM was asked for where the port says that sleeping is not permitted, also when
 *                 an object is free and no page is needed
 * Unless OK nothing has changed, but for what shrinkers gave back: all reclaim is the page allocator's, and
 * NORETRY, which bounds its rounds, is passed on to it. NOFAIL is refused: what other contexts do with the
 * objects themselves can end this call CONTENDED, so that the promise could not be kept; ask again instead.
 * Slabs are shared by all who ask for the same size and zone, so that what
 * concerns one owner's frames alone is refused: ROOM, a device, EXCLUSIVE, RECLAIMABLE and MOVABLE, and
 * HIGHMEM, whose frames need not have an address. ZERO zeroes all labyrinth_kmalloc_size(bytes) bytes, by
 * steps of zero()'s that are not counted here. A NULL out does nothing at all. Watermarks guard pages, not
 * objects: whoever asks may have any free object, also one in a slab that a request entitled to the reserves
 * brought in. Takes at most labyrinth_kmalloc_steps(objects, bytes). */
void labyrinth_kmalloc(struct labyrinth_objects* objects, uint32_t gfp, uint64_t bytes,
                       struct labyrinth_object* out);

/* Takes an object of the configuration's cache of that index. Answers as labyrinth_kmalloc does, never
 * FRAGMENTED; BAD_ARGUMENT for an index that the configuration does not have, and for DMA and DMA32: all its
 * slabs lie in the same zones. ZERO zeroes the object up to the next one's start. Takes at most
 * labyrinth_kmalloc_steps(objects, 1) steps. */
void labyrinth_cache_alloc(struct labyrinth_objects* objects, uint32_t cache, uint32_t gfp,
                           struct labyrinth_object* out);

/* Gives back exactly the live object at that address, kmalloc's or a cache's: always succeeds for one,
 * whatever other contexts do or were interrupted in. For anything else (freed already, the inside of an
 * object, never allocated, not of these objects) BAD_ARGUMENT, and nothing has changed. An object's name is
 * its address: a stale free that takes effect when another object is live at its address frees that one.
 *
 * A slab's page goes back to the page allocator when the slab empties, unless less than a whole slab's worth
 * of objects would then be free in its cache; so calls one after another leave each cache at most one empty
 * slab, and each call that overlapped another may leave one more. labyrinth_objects_trim gives them back.
 * Takes at most labyrinth_kfree_steps(objects). */
enum labyrinth_status labyrinth_kfree(struct labyrinth_objects* objects, uint64_t address);

/* The same for an object of that cache. BAD_ARGUMENT, and nothing has changed, for an object of any other
 * cache that was live when the call began. (The cache is a check, not a part of the name: a stale free whose
 * address came to life in another cache during the call frees that object.) Takes at most
 * labyrinth_kfree_steps(objects) steps. */
enum labyrinth_status labyrinth_cache_free(struct labyrinth_objects* objects, uint32_t cache,
                                           uint64_t address);

/* Gives back the pages of all slabs that are empty, but for those that a call in progress holds objects of.
 * Once every object is freed and no other call is in progress, no page is kept. Its answers to others are
 * exact meanwhile (see EXHAUSTED). Takes at most labyrinth_objects_trim_steps(objects) steps, but in practice
 * looks only at the groups of 64 frames that have a slab's worth of free objects of one cache. */
void labyrinth_objects_trim(struct labyrinth_objects* objects);

/* The most steps (atomic accesses to this metadata or the page allocator's) that one call takes, whatever
 * other contexts do, without reclaim, which costs what reclaim.h says; 0 for NULL, and for a number of bytes
 * that labyrinth_kmalloc refuses. Logarithmic in the frames up to 4096 bytes; trim's is linear. */
uint64_t labyrinth_kmalloc_steps(const struct labyrinth_objects* objects, uint64_t bytes);
uint64_t labyrinth_kfree_steps(const struct labyrinth_objects* objects);
uint64_t labyrinth_objects_trim_steps(const struct labyrinth_objects* objects);

/* What labyrinth_kmalloc(bytes) hands out, in bytes: its class's size, or its block's; 0 for 0 bytes or more
 * than 2^LABYRINTH_MAX_ORDER frames. A constant of the interface. */
uint64_t labyrinth_kmalloc_size(uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif
