// Shared by the tests of what a target calls of the C library. The bodies of their tasks call what
// labyrinth_add_target() makes the linker call.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/select.h>
#include <threads.h>

#include <cstring>

#include "machine_fixture.hpp"

extern "C" {
int __wrap_sched_getcpu();
int __wrap_sched_yield();
pthread_t __wrap_pthread_self();
pid_t __wrap_gettid();
void* __wrap_realloc(void* memory, std::size_t bytes);
int __wrap_posix_memalign(void** memory, std::size_t alignment, std::size_t bytes);
unsigned __wrap_sleep(unsigned seconds);
int __wrap_usleep(unsigned microseconds);
int __wrap_nanosleep(const timespec* time, timespec* left);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left);
int __wrap_poll(pollfd* files, nfds_t count, int timeout);
int __wrap_select(int files, fd_set* reads, fd_set* writes, fd_set* errors, timeval* timeout);
long __wrap_syscall(long number, ...);
void* __wrap_mmap(void* at, std::size_t bytes, int protection, int flags, int file, off_t offset);
int __wrap_munmap(void* at, std::size_t bytes);
int __wrap_madvise(void* at, std::size_t bytes, int advice);
int __wrap_pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes);
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_trylock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* time);
int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex);
int __wrap_mtx_init(mtx_t* mutex, int type);
int __wrap_mtx_lock(mtx_t* mutex);
int __wrap_mtx_trylock(mtx_t* mutex);
int __wrap_mtx_unlock(mtx_t* mutex);
int __wrap_pthread_spin_lock(pthread_spinlock_t* lock);
int __wrap_pthread_spin_trylock(pthread_spinlock_t* lock);
int __wrap_pthread_spin_unlock(pthread_spinlock_t* lock);
int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t* lock);
int __wrap_pthread_rwlock_tryrdlock(pthread_rwlock_t* lock);
int __wrap_pthread_rwlock_wrlock(pthread_rwlock_t* lock);
int __wrap_pthread_rwlock_trywrlock(pthread_rwlock_t* lock);
int __wrap_pthread_rwlock_unlock(pthread_rwlock_t* lock);
int __wrap_pthread_once(pthread_once_t* once, void (*routine)());
int __wrap___cxa_guard_acquire(std::uint64_t* guard);
void __wrap___cxa_guard_release(std::uint64_t* guard);
int __wrap_pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex);
int __wrap_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* time);
int __wrap_pthread_cond_signal(pthread_cond_t* condition);
int __wrap_pthread_cond_broadcast(pthread_cond_t* condition);
int __wrap_sem_init(sem_t* semaphore, int shared, unsigned value);
int __wrap_sem_wait(sem_t* semaphore);
int __wrap_sem_trywait(sem_t* semaphore);
int __wrap_sem_timedwait(sem_t* semaphore, const timespec* time);
int __wrap_sem_post(sem_t* semaphore);
int __wrap_pthread_key_create(pthread_key_t* key, void (*destructor)(void*));
int __wrap_pthread_key_delete(pthread_key_t key);
void* __wrap_pthread_getspecific(pthread_key_t key);
int __wrap_pthread_setspecific(pthread_key_t key, const void* value);
int __wrap_tss_create(tss_t* key, void (*destructor)(void*));
void __wrap_tss_delete(tss_t key);
void* __wrap_tss_get(tss_t key);
int __wrap_tss_set(tss_t key, void* value);
int labyrinth_pthread_create(pthread_t* made, const pthread_attr_t* attributes, void* (*run)(void*),
                             void* argument);
int __wrap_pthread_join(pthread_t thread, void** result);
int __wrap_thrd_create(thrd_t* made, int (*run)(void*), void* argument);
sighandler_t __wrap_signal(int number, sighandler_t handler);
int __wrap_sigaction(int number, const struct sigaction* now, struct sigaction* before);
pid_t __wrap_fork();
}

namespace labyrinth::machine::testing {

using model::Clause;

inline constexpr auto kHardirq = static_cast<std::uint8_t>(Level::kHardirq);

inline pthread_mutex_t mutex{};
inline mtx_t c11_mutex{};
inline pthread_spinlock_t spinlock{};
inline pthread_rwlock_t rwlock{};
inline pthread_cond_t condition{};
inline sem_t semaphore{};

inline void unlock_all() {
  std::memset(&mutex, 0, sizeof mutex);
  std::memset(&c11_mutex, 0, sizeof c11_mutex);
  spinlock = 0;
  std::memset(&rwlock, 0, sizeof rwlock);
}

class MachinePosix : public ::testing::Test {
 protected:
  void SetUp() override { unlock_all(); }
  Location x_;
  Scenario scenario_;
};

}  // namespace labyrinth::machine::testing
