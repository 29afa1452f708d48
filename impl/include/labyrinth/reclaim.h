/* The sleeping side of the allocator: caches that give frames back when they run short.
 *
 *   request with DIRECT_RECLAIM, refused ──> asks the shrinkers, tries again, in rounds   (its own task)
 *   request with KSWAPD_RECLAIM, below low ─> port.wake_reclaimer ──> labyrinth_balance() (a task of its own)
 *
 * Atomic requests never enter any of this: they wake the reclaimer at most, which must not sleep. Shrinkers
 * are called in tasks that may sleep, and without a lock held by the allocator: they may sleep, take locks,
 * free blocks and allocate. What they allocate themselves does not reclaim again (port.set_reclaiming).
 *
 * Direct reclaim goes in rounds, at most LABYRINTH_RECLAIM_ROUNDS: the shrinkers are asked for what is
 * missing, then for twice as much each time, in the last round for all they have; after each round the
 * request goes through all zones again. It ends when it is served, when a round gave nothing back, or when
 * it is answered CONTENDED. With NORETRY there is one round. With NOFAIL it begins again, after port.wait,
 * until it is served: it is never EXHAUSTED, FRAGMENTED or CONTENDED.
 *
 * Steps: a request that reclaims takes labyrinth_alloc_steps() (bulk, exact) for its first way through the
 * zones and once more for each round, and 3 * LABYRINTH_MAX_SHRINKERS + one per CPU and zone for asking;
 * what shrinkers do comes on top. Nothing is declared for NOFAIL. */
#ifndef LABYRINTH_RECLAIM_H
#define LABYRINTH_RECLAIM_H

#include "labyrinth/labyrinth.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LABYRINTH_MAX_SHRINKERS 16u
#define LABYRINTH_RECLAIM_ROUNDS 16u /* Linux: MAX_RECLAIM_RETRIES */

/* A cache that can give frames back. */
struct labyrinth_shrinker {
  void* self;
  /* Give about `frames` frames back by freeing blocks (UINT64_MAX: all there are), and say how many they
   * were; 0 only if there is nothing left. Called in tasks that may sleep, in several at once. */
  uint64_t (*scan)(void* self, uint64_t frames);
};

/* From the answer on the shrinker is asked; it must stay where it is until it is unregistered. OK;
 * EXHAUSTED: there are LABYRINTH_MAX_SHRINKERS already; BAD_CONTEXT: the caller may not sleep; BAD_ARGUMENT:
 * a null argument or scan, or the port has no set_reclaiming. A shrinker registered twice is asked twice. At
 * most LABYRINTH_MAX_SHRINKERS + 1 steps. */
enum labyrinth_status labyrinth_register_shrinker(struct labyrinth_allocator* allocator,
                                                  const struct labyrinth_shrinker* shrinker);

/* After OK the shrinker is not called any more, and no call of it is in progress. CONTENDED: one may be:
 * nothing has changed, call again. BAD_ARGUMENT: it is not registered, or a null argument; BAD_CONTEXT as
 * above. Within its own scan it is always CONTENDED. At most 4 * LABYRINTH_MAX_SHRINKERS steps. */
enum labyrinth_status labyrinth_unregister_shrinker(struct labyrinth_allocator* allocator,
                                                    const struct labyrinth_shrinker* shrinker);

/* What a background reclaimer does each time it is woken: asks the shrinkers until no zone, nor the void, has
 * fewer free frames than its high watermark. OK: so it is; EXHAUSTED: it is not, and the shrinkers have
 * nothing left; BAD_CONTEXT: the caller may not sleep; BAD_ARGUMENT: no allocator. Frames that calls in
 * progress hold count as taken. */
enum labyrinth_status labyrinth_balance(struct labyrinth_allocator* allocator);

#ifdef __cplusplus
}
#endif

#endif
