// The C library's locks as facts of the schedule: mutexes, spinlocks, locks of readers and writers, and what
// is done once.
//
// The machine keeps its words where the C library keeps its own. Initialised by zeros, a lock is free in
// both.
#include <pthread.h>
#include <threads.h>

#include <cerrno>

#include "posix_sleep.hpp"

using namespace labyrinth::machine;

namespace {

/// Of whoever takes a lock outside of a run, alone: no context has this number.
constexpr std::uint32_t kOutside = 0xff;

// A mutex: the lock's word, how often its holder has taken it again, and where the C library has it, its
// kind.
static_assert(offsetof(pthread_mutex_t, __data.__kind) >= 2 * sizeof(std::uint32_t));
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t));

/// 0, EBUSY, EDEADLK, ETIMEDOUT.
enum class Wait : std::uint8_t { kNever, kUntilTimeout, kForGood };
int lock_mutex(pthread_mutex_t* mutex, Wait wait) noexcept {
  std::uint32_t& word = word_at(mutex, 0);
  if (!core.active()) {
    word = kOutside;
    return 0;
  }
  while (look(word, kAcquireOrder) != 0) {
    if (word == held_by_me() && mutex->__data.__kind == PTHREAD_MUTEX_RECURSIVE) {
      put_aside(word_at(mutex, 1), word_at(mutex, 1) + 1);
      return 0;
    }
    if (word == held_by_me() && mutex->__data.__kind == PTHREAD_MUTEX_ERRORCHECK && wait != Wait::kNever)
      return EDEADLK;
    if (wait == Wait::kNever) return EBUSY;
    if (!sleep_for_lock(word, wait == Wait::kUntilTimeout)) return ETIMEDOUT;
  }
  put(word, held_by_me(), kAcquireOrder);
  return 0;
}

int unlock_mutex(pthread_mutex_t* mutex) noexcept {
  std::uint32_t& word = word_at(mutex, 0);
  if (!core.active()) {
    word = 0;
    return 0;
  }
  look(word, kReleaseOrder);
  if (word != held_by_me() && mutex->__data.__kind != PTHREAD_MUTEX_NORMAL) return EPERM;
  if (word_at(mutex, 1) != 0) {
    put_aside(word_at(mutex, 1), word_at(mutex, 1) - 1);
  } else {
    put(word, 0, kReleaseOrder);
  }
  return 0;
}

[[nodiscard]] pthread_mutex_t* as_mutex(mtx_t* mutex) noexcept {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}

[[nodiscard]] int as_c11(int error) noexcept {
  return error == 0           ? thrd_success
         : error == EBUSY     ? thrd_busy
         : error == ETIMEDOUT ? thrd_timedout
                              : thrd_error;
}

// A lock of readers and writers: the word of the writer, and the number of readers.
int lock_to_read(pthread_rwlock_t* lock, bool waits) noexcept {
  std::uint32_t& writer = word_at(lock, 0);
  std::uint32_t& readers = word_at(lock, 1);
  if (core.active()) {
    while (look(writer, kAcquireOrder) != 0) {
      if (!waits) return EBUSY;
      static_cast<void>(sleep_for_lock(writer, false));
    }
    put(readers, readers + 1, kAcquireOrder);
  }
  return 0;
}

int lock_to_write(pthread_rwlock_t* lock, bool waits) noexcept {
  std::uint32_t& writer = word_at(lock, 0);
  const std::uint32_t& readers = word_at(lock, 1);
  if (!core.active()) return 0;
  for (;;) {
    look(writer, kAcquireOrder);
    if (peek(readers, kAcquireOrder) == 0 && writer == 0) break;
    if (!waits) return EBUSY;
    if (writer != 0) {
      static_cast<void>(sleep_for_lock(writer, false));
    } else {
      sleep_for_all(readers);
    }
  }
  put(writer, held_by_me(), kAcquireOrder);
  return 0;
}

/// What is done once: 0 is not yet, kDone done, else the word of the lock of who does it. True: the caller is
/// to do it.
constexpr std::uint32_t kDone = 0xffff'ffff;
[[nodiscard]] bool begin_once(std::uint32_t& word) noexcept {
  if (!core.active()) {
    const bool first = word != kDone;
    word = kDone;
    return first;
  }
  for (;;) {
    const std::uint32_t seen = look(word, kAcquireOrder);
    if (seen == kDone) return false;
    if (seen == 0) break;
    static_cast<void>(sleep_for_lock(word, false));
  }
  put(word, held_by_me(), kAcquireOrder);
  return true;
}

void end_once(std::uint32_t& word, std::uint32_t value) noexcept {
  if (!core.active()) return;
  look(word, kReleaseOrder);
  put(word, value, kReleaseOrder);
}

}  // namespace

extern "C" {

int __wrap_pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) {
  int kind = PTHREAD_MUTEX_NORMAL;
  if (attributes != nullptr) pthread_mutexattr_gettype(attributes, &kind);
  initialise(mutex, sizeof *mutex);
  mutex->__data.__kind = kind;
  return 0;
}
int __wrap_pthread_mutex_destroy(pthread_mutex_t*) { return 0; }
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex) { return lock_mutex(mutex, Wait::kForGood); }
int __wrap_pthread_mutex_trylock(pthread_mutex_t* mutex) { return lock_mutex(mutex, Wait::kNever); }
int __wrap_pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec*) {
  return lock_mutex(mutex, Wait::kUntilTimeout);
}
int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex) { return unlock_mutex(mutex); }

int __wrap_mtx_init(mtx_t* mutex, int type) {
  initialise(mutex, sizeof *mutex);
  if ((type & mtx_recursive) != 0) as_mutex(mutex)->__data.__kind = PTHREAD_MUTEX_RECURSIVE;
  return thrd_success;
}
void __wrap_mtx_destroy(mtx_t*) {}
int __wrap_mtx_lock(mtx_t* mutex) { return as_c11(lock_mutex(as_mutex(mutex), Wait::kForGood)); }
int __wrap_mtx_trylock(mtx_t* mutex) { return as_c11(lock_mutex(as_mutex(mutex), Wait::kNever)); }
int __wrap_mtx_timedlock(mtx_t* mutex, const timespec*) {
  return as_c11(lock_mutex(as_mutex(mutex), Wait::kUntilTimeout));
}
int __wrap_mtx_unlock(mtx_t* mutex) { return as_c11(unlock_mutex(as_mutex(mutex))); }

// Who spins on what a task holds that it keeps from running breaks N1; a thread that may sleep is preempted
// one day.
int __wrap_pthread_spin_init(pthread_spinlock_t* lock, int) {
  write_range(const_cast<int*>(lock), sizeof *lock);
  *lock = 0;
  return 0;
}
int __wrap_pthread_spin_destroy(pthread_spinlock_t*) { return 0; }
int __wrap_pthread_spin_lock(pthread_spinlock_t* lock) {
  std::uint32_t& word = word_at(const_cast<int*>(lock), 0);
  if (!core.active()) return 0;
  while (look(word, kAcquireOrder) != 0) {
    const bool may_sleep = !core.now->may_not_sleep && labyrinth::model::may_sleep(core.situation());
    if (may_sleep && word != held_by_me()) {
      static_cast<void>(sleep_for_lock(word, false));
    } else {
      core.wait_for(word);
    }
  }
  put(word, held_by_me(), kAcquireOrder);
  return 0;
}
int __wrap_pthread_spin_trylock(pthread_spinlock_t* lock) {
  std::uint32_t& word = word_at(const_cast<int*>(lock), 0);
  if (!core.active()) return 0;
  if (look(word, kAcquireOrder) != 0) return EBUSY;
  put(word, held_by_me(), kAcquireOrder);
  return 0;
}
int __wrap_pthread_spin_unlock(pthread_spinlock_t* lock) {
  std::uint32_t& word = word_at(const_cast<int*>(lock), 0);
  if (!core.active()) return 0;
  look(word, kReleaseOrder);
  put(word, 0, kReleaseOrder);
  return 0;
}

int __wrap_pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t*) {
  initialise(lock, sizeof *lock);
  return 0;
}
int __wrap_pthread_rwlock_destroy(pthread_rwlock_t*) { return 0; }
int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t* lock) { return lock_to_read(lock, true); }
int __wrap_pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) { return lock_to_read(lock, false); }
int __wrap_pthread_rwlock_wrlock(pthread_rwlock_t* lock) { return lock_to_write(lock, true); }
int __wrap_pthread_rwlock_trywrlock(pthread_rwlock_t* lock) { return lock_to_write(lock, false); }
int __wrap_pthread_rwlock_unlock(pthread_rwlock_t* lock) {
  std::uint32_t& writer = word_at(lock, 0);
  std::uint32_t& readers = word_at(lock, 1);
  if (!core.active()) return 0;
  look(writer, kReleaseOrder);
  if (writer == held_by_me()) {
    put(writer, 0, kReleaseOrder);
  } else {
    put(readers, readers - 1, kReleaseOrder);
  }
  return 0;
}

int __wrap_pthread_once(pthread_once_t* once, void (*routine)()) {
  std::uint32_t& word = word_at(once, 0);
  if (!begin_once(word)) return 0;
  routine();
  end_once(word, kDone);
  return 0;
}
void __wrap_call_once(once_flag* once, void (*routine)()) {
  std::uint32_t& word = word_at(once, 0);
  if (!begin_once(word)) return;
  routine();
  end_once(word, kDone);
}

// C++'s variables within functions (Itanium C++ ABI 3.3.2): compiled code looks at the first byte, and asks
// if that is 0.
int __wrap___cxa_guard_acquire(std::uint64_t* guard) { return begin_once(word_at(guard, 1)) ? 1 : 0; }
void __wrap___cxa_guard_release(std::uint64_t* guard) {
  if (core.active()) {
    Cell& cell = cell_at(reinterpret_cast<std::uintptr_t>(guard), 1);
    atomic_write(cell, kReleaseOrder, true);
  }
  *reinterpret_cast<std::uint8_t*>(guard) = 1;
  end_once(word_at(guard, 1), kDone);
}
void __wrap___cxa_guard_abort(std::uint64_t* guard) { end_once(word_at(guard, 1), 0); }

}  // extern "C"
