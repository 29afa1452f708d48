// What the allocator asks its surroundings, answered by the calling thread and its level.
#include <algorithm>

#include "complaints.hpp"
#include "work.hpp"
#include "world.hpp"

namespace labyrinth::shipping {
namespace {

World& of(void* self) { return *static_cast<World*>(self); }

}  // namespace

// The thread of the reclaimer is none that the stress started; in its first question it is made known. Others
// that are unknown set up the world, while there is no such thread.
Thread* World::caller() {
  if (this_thread() == nullptr && has_reclaimer_) set_this_thread(&reclaiming_);
  return this_thread();
}

Port World::port() {
  Port port{};
  port.self = this;
  port.cpu = [](void* self) -> std::uint32_t {
    Thread* const thread = this_thread();
    if (thread == nullptr) return 0;
    // Now and then a number that there is not: it costs speed, and the rooms.
    return of(self).shape_.own_cpu ? thread->number % of(self).cpus_ : thread->context().random.below(3);
  };
  port.may_sleep = [](void*) { return this_thread() == nullptr || this_thread()->may_sleep(); };
  port.level = [](void*) { return this_thread() == nullptr ? LABYRINTH_TASK : this_thread()->at(); };
  port.zero = [](void* self, std::uint64_t pfn, std::uint64_t frames) { of(self).fill(pfn, frames, 0); };
  port.poison = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
    of(self).fill(pfn, frames, kPoisonWord);
  };
  port.is_poisoned = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
    return of(self).is_full_of(pfn, frames, kPoisonWord);
  };
  port.report_damage = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
    const std::uint64_t* const words = of(self).words(pfn * Handle::kGranulesPerFrame);
    complaints().add("X6",
                     "{} frame(s) from {} were written to while nobody owned them; the first word is {:#x}",
                     frames, pfn, words[0]);
  };
  if (shape_.unmaps) {
    port.unmap = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
      if (Thread* const thread = this_thread(); thread != nullptr && !thread->may_sleep()) {
        complaints().add("N1", "frame {} was unmapped in thread {}, {}, where sleeping is not permitted", pfn,
                         thread->number, name_of(thread->at()));
      }
      return of(self).window_->unmap(Pfn{pfn}, Frames{static_cast<std::int64_t>(frames)});
    };
    port.remap = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
      return of(self).window_->remap(Pfn{pfn}, Frames{static_cast<std::int64_t>(frames)});
    };
  }
  port.set_reclaiming = [](void* self, bool reclaiming) {
    Thread* const thread = of(self).caller();
    return thread != nullptr && std::exchange(thread->reclaiming, reclaiming);
  };
  port.wake_reclaimer = [](void* self) {
    if (Thread* const thread = this_thread(); thread != nullptr) ++thread->context().wakes;
    if (of(self).background_) {
      of(self).reclaimer_.wake();
    } else {
      of(self).woken_.store(true, std::memory_order_release);
    }
  };
  // Nobody may wait for ever while all hold something: as a kernel that is out of memory, it takes a block of
  // the caller's.
  port.wait = [](void* self) {
    Thread* const thread = this_thread();
    if (thread == nullptr || !thread->may_sleep()) {
      complaints().add("N1", "a request waited where sleeping is not permitted");
      return;
    }
    const Handle handle =
        thread->holds != 0 ? thread->held[--thread->holds] : of(self).exchange().take(0, Exchange::kSlots);
    if (handle) give_back(of(self), *thread, handle);
  };
  return port;
}

// Of a block of the void: what has just been mapped is zero, and the kernel gives it memory at the first
// touch.
void World::fill(std::uint64_t pfn, std::uint64_t frames, std::uint64_t word) const {
  if (window_ && in_void(pfn) && word == 0) return;
  std::fill_n(words(pfn * Handle::kGranulesPerFrame), frames * kFrameWords, word);
}

bool World::is_full_of(std::uint64_t pfn, std::uint64_t frames, std::uint64_t word) const {
  const std::uint64_t* const first = words(pfn * Handle::kGranulesPerFrame);
  return std::all_of(first, first + frames * kFrameWords, [&](std::uint64_t seen) { return seen == word; });
}

}  // namespace labyrinth::shipping
