/* What a target may ask of the machine it runs on: where it is, masks and locks, in C.
 *
 * The executable that loads a target defines these functions. Masks nest; every *_disable needs its *_enable
 * in the same context. Outside of a run they do nothing and report CPU 0 in a task that may sleep.
 */
#ifndef LABYRINTH_MACHINE_MACHINE_H
#define LABYRINTH_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The virtual CPU the caller runs on at this instant; stale as soon as it may migrate. */
uint32_t labyrinth_machine_cpu(void);
/* 0 task, 1 softirq, 2 hardirq, 3 NMI. */
uint32_t labyrinth_machine_level(void);
/* The context that runs: a task keeps its number wherever it runs, a handler has that of its CPU and level.
 * Below LABYRINTH_MACHINE_CONTEXTS. */
uint32_t labyrinth_machine_context(void);
#define LABYRINTH_MACHINE_CONTEXTS 28u
/* False at interrupt level, with interrupts, bottom halves or preemption off, or with a spinlock held. */
bool labyrinth_machine_may_sleep(void);

/* Hold back hardirqs (and with them softirqs) on this CPU. Returns whether they were on before. */
bool labyrinth_machine_irq_save(void);
void labyrinth_machine_irq_restore(bool were_on);
void labyrinth_machine_bh_disable(void);
void labyrinth_machine_bh_enable(void);
void labyrinth_machine_preempt_disable(void);
void labyrinth_machine_preempt_enable(void);

/* A spinlock; zero-initialised is unlocked. Locking disables preemption. Waiting for one is a scheduling
 * fact: if the holder was interrupted by the waiter, that is reported (N1, N2) and not spun on. */
struct labyrinth_machine_spinlock {
  uint32_t held; /* 0, or 1 + the context that holds it */
  uint32_t unused;
};
void labyrinth_machine_spin_lock(struct labyrinth_machine_spinlock* lock);
bool labyrinth_machine_spin_trylock(struct labyrinth_machine_spinlock* lock);
void labyrinth_machine_spin_unlock(struct labyrinth_machine_spinlock* lock);

/* Says that the caller is about to sleep; judged by N1 and C1. */
void labyrinth_machine_sleep(void);

/* Frames of a void that is unmapped, one whole block at a time. At first all of them are unmapped.
 * Unmapping destroys their content and may sleep, so it is judged by N1; until they are mapped again, whoever
 * touches them is reported (X6). Unmapping what belongs to an owner is reported (X5), and so is unmapping or
 * mapping what is so already, or is no such frame (X6). A block is given out mapped, and unmapped before it
 * is given out again. */
void labyrinth_machine_unmap(uint64_t pfn, uint64_t frames);
void labyrinth_machine_remap(uint64_t pfn, uint64_t frames);

/* The sleeping side. Where sleeping is not permitted, in this context or in the call that was made on the
 * target, all but waking breaks N1.
 *
 * The machine's shrinker: a cache that programs hand blocks over to. Frees the oldest of them through the
 * target, in the caller's context, until so many frames are free, or all; returns how many became free. */
uint64_t labyrinth_machine_shrink(uint64_t frames);
/* Marks the caller's context as one that reclaims; returns whether it was. From here on nothing is declared
 * for the steps of its call. */
bool labyrinth_machine_set_reclaiming(bool reclaiming);
/* Wakes background reclaim: never lost, permitted anywhere. A target calls it in those calls that answer
 * `wake`, and in no others. */
void labyrinth_machine_wake(void);
/* Lets others run until it is sensible to try again. If nobody else can run, the machine takes away what one
 * of the contexts has. */
void labyrinth_machine_wait(void);

#ifdef __cplusplus
}
#endif
#endif
