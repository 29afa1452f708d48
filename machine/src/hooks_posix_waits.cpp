// The C library's conditions and semaphores as facts of the schedule.
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include <cerrno>

#include "posix_sleep.hpp"

extern "C" {
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex);
}

using namespace labyrinth::machine;

namespace {

// A condition is a bit for each context that waits. It orders nothing: its mutex does.
static_assert(kMaxContexts <= 32);

int wait_for_condition(void* condition, pthread_mutex_t* mutex, bool times_out) noexcept {
  if (!core.active()) return 0;
  std::uint32_t& word = word_at(condition, 0);
  const std::uint32_t mine = 1U << core.now->index;
  begin_sleep();
  look(word, kRelaxedOrder);
  put(word, word | mine, kRelaxedOrder);
  __wrap_pthread_mutex_unlock(mutex);
  int result = 0;
  while ((look(word, kRelaxedOrder) & mine) != 0) {
    if (core.sleep_on({&word, mine})) continue;
    if (!times_out) {
      core.fail({.clause = labyrinth::model::Clause::N1,
                 .reason = "waits for a condition, although nobody is left who could signal it"});
    }
    put(word, word & ~mine, kRelaxedOrder);
    result = ETIMEDOUT;
    break;
  }
  __wrap_pthread_mutex_lock(mutex);
  return result;
}

/// The first of those that wait, or all of them.
void signal(void* condition, bool all) noexcept {
  if (!core.active()) return;
  std::uint32_t& word = word_at(condition, 0);
  if (look(word, kRelaxedOrder) != 0) put(word, all ? 0 : word & (word - 1), kRelaxedOrder);
}

// A semaphore is its value, and whether that is 0.
void set_value(sem_t* semaphore, std::uint32_t value, int order) noexcept {
  put(word_at(semaphore, 0), value, order);
  put_aside(word_at(semaphore, 1), value == 0 ? 1 : 0);
}

int take_one(sem_t* semaphore, bool waits, bool times_out) noexcept {
  std::uint32_t& value = word_at(semaphore, 0);
  if (!core.active()) {
    --value;
    word_at(semaphore, 1) = value == 0 ? 1 : 0;
    return 0;
  }
  const auto refuse = [](int error) {
    errno = error;
    return -1;
  };
  while (look(value, kAcquireOrder) == 0) {
    if (!waits) return refuse(EAGAIN);
    begin_sleep();
    if (core.sleep_on({&word_at(semaphore, 1)})) continue;
    if (times_out) return refuse(ETIMEDOUT);
    core.fail({.clause = labyrinth::model::Clause::N1,
               .reason = "waits for a semaphore, although nobody is left who could post it"});
  }
  set_value(semaphore, value - 1, kAcquireOrder);
  return 0;
}

}  // namespace

extern "C" {

int __wrap_pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t*) {
  initialise(condition, sizeof *condition);
  return 0;
}
int __wrap_pthread_cond_destroy(pthread_cond_t*) { return 0; }
int __wrap_pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  return wait_for_condition(condition, mutex, false);
}
int __wrap_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec*) {
  return wait_for_condition(condition, mutex, true);
}
int __wrap_pthread_cond_signal(pthread_cond_t* condition) {
  signal(condition, false);
  return 0;
}
int __wrap_pthread_cond_broadcast(pthread_cond_t* condition) {
  signal(condition, true);
  return 0;
}

int __wrap_cnd_init(cnd_t* condition) {
  initialise(condition, sizeof *condition);
  return thrd_success;
}
void __wrap_cnd_destroy(cnd_t*) {}
int __wrap_cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return wait_for_condition(condition, reinterpret_cast<pthread_mutex_t*>(mutex), false);
}
int __wrap_cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec*) {
  const int result = wait_for_condition(condition, reinterpret_cast<pthread_mutex_t*>(mutex), true);
  return result == 0 ? thrd_success : thrd_timedout;
}
int __wrap_cnd_signal(cnd_t* condition) {
  signal(condition, false);
  return thrd_success;
}
int __wrap_cnd_broadcast(cnd_t* condition) {
  signal(condition, true);
  return thrd_success;
}

// std::condition_variable's, which the C++ library has compiled already: a pthread_cond_t, waited for with a
// std::unique_lock, which begins with a pointer to its mutex.
void __wrap__ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE(void* condition,
                                                                      pthread_mutex_t** lock) {
  static_cast<void>(wait_for_condition(condition, *lock, false));
}
void __wrap__ZNSt18condition_variable10notify_oneEv(void* condition) { signal(condition, false); }
void __wrap__ZNSt18condition_variable10notify_allEv(void* condition) { signal(condition, true); }

int __wrap_sem_init(sem_t* semaphore, int, unsigned value) {
  initialise(semaphore, sizeof *semaphore);
  word_at(semaphore, 0) = value;
  word_at(semaphore, 1) = value == 0 ? 1 : 0;
  return 0;
}
int __wrap_sem_destroy(sem_t*) { return 0; }
int __wrap_sem_wait(sem_t* semaphore) { return take_one(semaphore, true, false); }
int __wrap_sem_trywait(sem_t* semaphore) { return take_one(semaphore, false, false); }
int __wrap_sem_timedwait(sem_t* semaphore, const timespec*) { return take_one(semaphore, true, true); }
int __wrap_sem_post(sem_t* semaphore) {
  std::uint32_t& value = word_at(semaphore, 0);
  if (!core.active()) {
    ++value;
    word_at(semaphore, 1) = 0;
    return 0;
  }
  look(value, kReleaseOrder);
  set_value(semaphore, value + 1, kReleaseOrder);
  return 0;
}
int __wrap_sem_getvalue(sem_t* semaphore, int* value) {
  *value =
      static_cast<int>(core.active() ? look(word_at(semaphore, 0), kRelaxedOrder) : word_at(semaphore, 0));
  return 0;
}

}  // extern "C"
