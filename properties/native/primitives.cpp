// What targets ask of the machine (labyrinth/machine/machine.h), for real: atomics, and signals that are held
// back.
#include <sched.h>

#include <atomic>
#include <utility>

#include "child.hpp"
#include "complaints.hpp"
#include "interrupts.hpp"
#include "labyrinth/machine/machine.h"
#include "refused_call.hpp"
#include "target_world.hpp"

namespace labyrinth::native {
namespace {

using shipping::complaints;
using shipping::name_of;
using shipping::this_thread;

/// One who looks on runs when all others are parked: it stands in for the first.
[[nodiscard]] std::uint32_t number_of(const Thread& thread) {
  return thread.number == shipping::kObserver ? 0 : thread.number;
}

constexpr std::uint32_t kTasks = 7;
static_assert(kTasks * LABYRINTH_LEVELS == LABYRINTH_MACHINE_CONTEXTS);

[[nodiscard]] std::uint32_t context_at(std::uint32_t number, labyrinth_level level) {
  return level == LABYRINTH_TASK ? number : kTasks + number * 3 + static_cast<std::uint32_t>(level) - 1;
}

/// Whose thread it is that the context is one of.
[[nodiscard]] std::uint32_t thread_of(std::uint32_t context) {
  return context < kTasks ? context : (context - kTasks) / 3;
}

void judge_sleep(const char* what) {
  const Thread* const thread = this_thread();
  if (thread == nullptr || thread->may_sleep()) return;
  complaints().add("N1", "{} in thread {} {}, where sleeping is not permitted", what, thread->number,
                   name_of(thread->at()));
  end_with_complaint();
}

/// Whoever holds it was interrupted by this context, or is it: neither goes on.
void judge_spin(std::uint32_t held) {
  const Thread* const thread = this_thread();
  if (thread == nullptr || held == 0 || thread_of(held - 1) != number_of(*thread)) return;
  complaints().add("N1", "{} in thread {} {} spins on a lock that is never given back: its holder is {}",
                   name_of(thread->call.load(std::memory_order_relaxed)), thread->number,
                   name_of(thread->at()),
                   held - 1 == labyrinth_machine_context() ? "the caller itself" : "interrupted by it");
  end_with_complaint();
}

}  // namespace
}  // namespace labyrinth::native

// Threads and signals are real here, a target's own as well.
const char* labyrinth::machine::take_refused_call() noexcept { return nullptr; }

using namespace labyrinth::native;

extern "C" {

uint32_t labyrinth_machine_cpu(void) { return this_thread() == nullptr ? 0 : number_of(*this_thread()); }

uint32_t labyrinth_machine_level(void) {
  return this_thread() == nullptr ? 0U : static_cast<uint32_t>(this_thread()->at());
}

uint32_t labyrinth_machine_context(void) {
  return this_thread() == nullptr ? 0 : context_at(number_of(*this_thread()), this_thread()->at());
}

bool labyrinth_machine_may_sleep(void) { return this_thread() == nullptr || this_thread()->may_sleep(); }

bool labyrinth_machine_irq_save(void) {
  return this_thread() == nullptr || !this_thread()->irqs_off.exchange(true, std::memory_order_relaxed);
}

void labyrinth_machine_irq_restore(bool were_on) {
  Thread* const thread = this_thread();
  if (thread == nullptr || !were_on) return;
  thread->irqs_off.store(false, std::memory_order_relaxed);
  labyrinth::shipping::deliver_waiting(*thread);
}

void labyrinth_machine_bh_disable(void) {
  if (Thread* const thread = this_thread(); thread != nullptr)
    thread->bhs_off.fetch_add(1, std::memory_order_relaxed);
}

void labyrinth_machine_bh_enable(void) {
  Thread* const thread = this_thread();
  if (thread != nullptr && thread->bhs_off.fetch_sub(1, std::memory_order_relaxed) == 1)
    labyrinth::shipping::deliver_waiting(*thread);
}

void labyrinth_machine_preempt_disable(void) {
  if (Thread* const thread = this_thread(); thread != nullptr)
    thread->preempt_off.fetch_add(1, std::memory_order_relaxed);
}

void labyrinth_machine_preempt_enable(void) {
  if (Thread* const thread = this_thread(); thread != nullptr)
    thread->preempt_off.fetch_sub(1, std::memory_order_relaxed);
}

bool labyrinth_machine_spin_trylock(struct labyrinth_machine_spinlock* lock) {
  labyrinth_machine_preempt_disable();
  std::uint32_t free = 0;
  const std::atomic_ref<std::uint32_t> held(lock->held);
  // Acquire: pairs with the unlock.
  if (held.compare_exchange_strong(free, 1 + labyrinth_machine_context(), std::memory_order_acquire,
                                   std::memory_order_relaxed))
    return true;
  labyrinth_machine_preempt_enable();
  return false;
}

void labyrinth_machine_spin_lock(struct labyrinth_machine_spinlock* lock) {
  constexpr unsigned kPatience = 64;
  const std::atomic_ref<std::uint32_t> held(lock->held);
  for (unsigned tries = 1; !labyrinth_machine_spin_trylock(lock); ++tries) {
    judge_spin(held.load(std::memory_order_relaxed));
    // Here the kernel does preempt who holds it.
    if (tries % kPatience == 0) sched_yield();
  }
}

void labyrinth_machine_spin_unlock(struct labyrinth_machine_spinlock* lock) {
  // Release: pairs with the lock.
  std::atomic_ref<std::uint32_t>(lock->held).store(0, std::memory_order_release);
  labyrinth_machine_preempt_enable();
}

void labyrinth_machine_sleep(void) {
  judge_sleep("a call sleeps");
  sched_yield();
}

void labyrinth_machine_wait(void) {
  judge_sleep("a call waits for others");
  Thread* const thread = this_thread();
  // Nobody may wait for ever while all hold something.
  if (thread != nullptr && thread->holds != 0)
    labyrinth::shipping::give_back(*thread->work, *thread, thread->held[--thread->holds]);
  sched_yield();
}

// No machine of this program has a void that is unmapped.
void labyrinth_machine_unmap(uint64_t pfn, uint64_t frames) {
  complaints().add("X6", "{} frame(s) from {} are unmapped, and there is no void", frames, pfn);
  end_with_complaint();
}
void labyrinth_machine_remap(uint64_t pfn, uint64_t frames) {
  complaints().add("X6", "{} frame(s) from {} are mapped, and there is no void", frames, pfn);
  end_with_complaint();
}

uint64_t labyrinth_machine_shrink(uint64_t frames) {
  return this_thread() == nullptr || this_thread()->work == nullptr
             ? 0
             : labyrinth::shipping::shrink(*this_thread()->work, frames);
}

bool labyrinth_machine_set_reclaiming(bool reclaiming) {
  return this_thread() != nullptr && std::exchange(this_thread()->reclaiming, reclaiming);
}

void labyrinth_machine_wake(void) {
  Thread* const thread = this_thread();
  if (thread == nullptr) return;
  ++thread->context().wakes;
  if (thread->work != nullptr) thread->work->wake();
}

// What counts the edges that fuzzers follow; nobody does here. labyrinth_add_target() redirects them.
void __wrap___sanitizer_cov_8bit_counters_init(char*, char*) {}
void __wrap___sanitizer_cov_pcs_init(const uintptr_t*, const uintptr_t*) {}

}  // extern "C"
