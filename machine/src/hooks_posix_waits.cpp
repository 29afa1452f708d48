// The C library's conditions and semaphores as facts of the schedule.
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include <bit>
#include <cerrno>

#include "posix_sleep.hpp"

extern "C" {
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex);
}

using namespace labyrinth::machine;

namespace {

// A condition is four words of a bit for each context, but for the last one. It orders nothing: its mutex
// does. A signal is for any of those that wait then, and which one of them goes on is the schedule's choice:
// all of them may, and the first one that does bars the others again. Signals that come before that are for
// the same ones while these are more than the signals; C has them wake any that wait.
static_assert(kMaxContexts <= 32);
static_assert(sizeof(pthread_cond_t) >= 4 * sizeof(std::uint32_t));
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t));
class Condition {
 public:
  explicit Condition(void* place) noexcept
      : barred_(word_at(place, 0)),
        waiting_(word_at(place, 1)),
        signalled_(word_at(place, 2)),
        signals_(word_at(place, 3)) {}

  void begin_wait() noexcept {
    look(barred_, kRelaxedOrder);
    put(barred_, barred_ | mine(), kRelaxedOrder);
    put_aside(waiting_, waiting_ | mine());
  }
  /// A step: whether it still waits. Once it does not, nothing is left of its waiting.
  [[nodiscard]] bool waits() noexcept {
    if ((look(barred_, kRelaxedOrder) & mine()) != 0) return true;
    if ((signalled_ & mine()) != 0) take_signal();
    return false;
  }
  /// False: nobody else can do anything.
  [[nodiscard]] bool sleep() const noexcept { return core.sleep_on({&barred_, mine()}); }
  void give_up_waiting() noexcept {
    put_aside(waiting_, waiting_ & ~mine());
    put(barred_, barred_ & ~mine(), kRelaxedOrder);
  }

  void signal() noexcept {
    look(barred_, kRelaxedOrder);
    if (waiting_ == 0) return;
    if (signalled_ == 0) put_aside(signalled_, waiting_);
    put_aside(signals_, signals_ + 1);
    put(barred_, barred_ & ~signalled_, kRelaxedOrder);
    settle();
  }
  void broadcast() noexcept {
    if (look(barred_, kRelaxedOrder) == 0 && waiting_ == 0) return;
    put(barred_, 0, kRelaxedOrder);
    for (std::uint32_t* const word : {&waiting_, &signalled_, &signals_}) put_aside(*word, 0);
  }

 private:
  [[nodiscard]] static std::uint32_t mine() noexcept { return 1U << core.now->index; }

  void take_signal() noexcept {
    put_aside(waiting_, waiting_ & ~mine());
    put_aside(signalled_, signalled_ & ~mine());
    put_aside(signals_, signals_ - 1);
    // Barred again, if that was the last signal.
    put(barred_, signals_ == 0 ? barred_ | signalled_ : barred_, kRelaxedOrder);
    if (signals_ == 0) put_aside(signalled_, 0);
    settle();
  }
  /// Where there is a signal for each of them, there is nothing left to choose.
  void settle() noexcept {
    if (signals_ == 0 || std::popcount(signalled_) != static_cast<int>(signals_)) return;
    put_aside(waiting_, waiting_ & ~signalled_);
    put_aside(signalled_, 0);
    put_aside(signals_, 0);
  }

  std::uint32_t& barred_;     ///< They cannot go on.
  std::uint32_t& waiting_;    ///< It is not certain yet that they go on.
  std::uint32_t& signalled_;  ///< Of these, those that `signals_` signals are for; always more than these.
  std::uint32_t& signals_;
};

int wait_for_condition(void* place, pthread_mutex_t* mutex, bool times_out) noexcept {
  if (!core.active()) return 0;
  Condition condition(place);
  begin_sleep();
  condition.begin_wait();
  __wrap_pthread_mutex_unlock(mutex);
  int result = 0;
  while (condition.waits()) {
    if (condition.sleep()) continue;
    if (!times_out) {
      core.fail({.clause = labyrinth::model::Clause::N1,
                 .reason = "waits for a condition, although nobody is left who could signal it"});
    }
    condition.give_up_waiting();
    result = ETIMEDOUT;
    break;
  }
  __wrap_pthread_mutex_lock(mutex);
  return result;
}

/// One of those that wait, or all of them.
void signal(void* place, bool all) noexcept {
  if (!core.active()) return;
  Condition condition(place);
  all ? condition.broadcast() : condition.signal();
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
