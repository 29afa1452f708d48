// Frames from thread-local caches as a target.
#include <new>

#include "caches.hpp"
#include "labyrinth/machine/machine.h"
#include "labyrinth/machine/target.h"

namespace thread_caches {

static_assert(sizeof(Lock) == sizeof(labyrinth_machine_spinlock));

void Lock::lock() noexcept {
  labyrinth_machine_spin_lock(reinterpret_cast<labyrinth_machine_spinlock*>(words_));
}
void Lock::unlock() noexcept {
  labyrinth_machine_spin_unlock(reinterpret_cast<labyrinth_machine_spinlock*>(words_));
}

InterruptsOff::InterruptsOff() noexcept : were_on_(labyrinth_machine_irq_save()) {}
InterruptsOff::~InterruptsOff() { labyrinth_machine_irq_restore(were_on_); }

}  // namespace thread_caches

namespace {

using thread_caches::Allocator;

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  return Allocator::size(geometry->frames);
}

void* create(const labyrinth_target_geometry* geometry, void* state, void*) {
  auto* const allocator = ::new (state) Allocator;
  allocator->create(geometry->first_pfn, geometry->frames);
  return allocator;
}

void alloc(void* self, std::uint32_t, std::uint32_t, labyrinth_target_answer* answer) {
  const bool served = static_cast<Allocator*>(self)->alloc(answer->pfn);
  answer->status = served ? LABYRINTH_TARGET_OK : LABYRINTH_TARGET_EXHAUSTED;
}

void free(void* self, std::uint64_t pfn, std::uint32_t, labyrinth_target_answer* answer) {
  static_cast<Allocator*>(self)->free(pfn);
  answer->status = LABYRINTH_TARGET_OK;
}

// No batch() is declared: what is on its way into a cache is found there by whoever takes all locks.
constexpr labyrinth_target kTable{.abi = LABYRINTH_TARGET_ABI,
                                  .name = "thread-caches",
                                  .description = "Single frames from thread-local caches over a shared stack",
                                  .can = 0,
                                  .state_size = state_size,
                                  .create = create,
                                  .alloc = alloc,
                                  .free = free};

}  // namespace

extern "C" const labyrinth_target* labyrinth_target_entry() { return &kTable; }
