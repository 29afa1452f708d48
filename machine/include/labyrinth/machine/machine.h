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
  uint32_t held;
  uint32_t holder;
};
void labyrinth_machine_spin_lock(struct labyrinth_machine_spinlock* lock);
bool labyrinth_machine_spin_trylock(struct labyrinth_machine_spinlock* lock);
void labyrinth_machine_spin_unlock(struct labyrinth_machine_spinlock* lock);

/* Says that the caller is about to sleep; judged by N1 and C1. */
void labyrinth_machine_sleep(void);

#ifdef __cplusplus
}
#endif
#endif
