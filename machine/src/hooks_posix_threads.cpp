// What a target calls of the C library for threads of its own: thread-local values by key, which are the
// machine's, and making threads and handling signals, which is the program's to say and not the target's.
#include <pthread.h>
#include <signal.h>
#include <threads.h>

#include <cerrno>

#include "posix_threads.hpp"
#include "refused_call.hpp"

using namespace labyrinth::machine;

extern "C" void* __emutls_get_address(void* control_block);

namespace {

/// A key is where its block lies in the arena, so that it is gone when what a run took is given back, and a
/// thread-local like those of the compiler, so that it is whose these are. kMagic: it has not been deleted.
struct Key {
  EmulatedTls value;
  std::uint64_t magic;
};
constexpr std::uint64_t kMagic = 0x6b65'7920'6f66'2031;
constexpr std::size_t kGrain = 16;

/// 0: the arena is used up.
[[nodiscard]] unsigned create_key() noexcept {
  auto* const key = static_cast<Key*>(heap_take(sizeof(Key), kGrain));
  if (key == nullptr) return 0;
  write_range(key, sizeof *key);
  *key = {{sizeof(void*), alignof(void*), nullptr, nullptr}, kMagic};
  const auto offset = static_cast<std::size_t>(reinterpret_cast<std::byte*>(key) - core.shadow.arena());
  return static_cast<unsigned>(offset / kGrain + 1);
}

/// Null: there is no such key.
[[nodiscard]] Key* key_of(unsigned number) noexcept {
  const std::size_t offset = (std::size_t{number} - 1) * kGrain;
  if (number == 0 || offset + sizeof(Key) > heap_mark().used) return nullptr;
  auto* const key = reinterpret_cast<Key*>(core.shadow.arena() + offset);
  return key->magic == kMagic ? key : nullptr;
}

[[nodiscard]] bool delete_key(unsigned number) noexcept {
  Key* const key = key_of(number);
  if (key == nullptr) return false;
  write_range(&key->magic, sizeof key->magic);
  key->magic = 0;
  return true;
}

[[nodiscard]] void** value_of(unsigned number) noexcept {
  Key* const key = key_of(number);
  return key == nullptr ? nullptr : static_cast<void**>(__emutls_get_address(&key->value));
}

[[nodiscard]] bool set_value(unsigned number, const void* value) noexcept {
  void** const place = value_of(number);
  if (place == nullptr) return false;
  // Nobody but the thread and its handlers gets there, through the C library, so nothing races.
  note_initialised(place, sizeof *place);
  *place = const_cast<void*>(value);
  return true;
}

[[nodiscard]] void* get_value(unsigned number) noexcept {
  void** const place = value_of(number);
  return place == nullptr ? nullptr : *place;
}

const char* refused = nullptr;

/// Ends a run; outside of one it is remembered, and the call fails.
int refuse(const char* call) noexcept {
  if (core.active()) core.give_up(call);
  if (refused == nullptr) refused = call;
  return ENOSYS;
}

constexpr const char* kNoThreads =
    "the target makes or joins threads (pthread_create, thrd_create, std::thread, ...), which is not "
    "supported: tasks come from the program";
constexpr const char* kNoSignals =
    "the target handles or masks signals (signal, sigaction, pthread_sigmask, ...), which is not "
    "supported: interrupts come from the program";
constexpr const char* kNoProcesses = "the target makes a process (fork), which is not supported";

}  // namespace

namespace labyrinth::machine {

const char* take_refused_call() noexcept { return std::exchange(refused, nullptr); }

}  // namespace labyrinth::machine

extern "C" {

// Destructors never run: no thread ends before the run does, which takes its memory back as a whole.
int __wrap_pthread_key_create(pthread_key_t* key, void (*)(void*)) {
  const unsigned made = create_key();
  if (made == 0) return EAGAIN;
  write_range(key, sizeof *key);
  *key = made;
  return 0;
}
int __wrap_pthread_key_delete(pthread_key_t key) { return delete_key(key) ? 0 : EINVAL; }
void* __wrap_pthread_getspecific(pthread_key_t key) { return get_value(key); }
int __wrap_pthread_setspecific(pthread_key_t key, const void* value) {
  return set_value(key, value) ? 0 : EINVAL;
}

int __wrap_tss_create(tss_t* key, void (*)(void*)) {
  return __wrap_pthread_key_create(key, nullptr) == 0 ? thrd_success : thrd_error;
}
void __wrap_tss_delete(tss_t key) { static_cast<void>(delete_key(key)); }
void* __wrap_tss_get(tss_t key) { return get_value(key); }
int __wrap_tss_set(tss_t key, void* value) { return set_value(key, value) ? thrd_success : thrd_error; }

// By this name, and not by --wrap: see cmake/AddTarget.cmake.
int labyrinth_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) {
  return refuse(kNoThreads);
}
int __wrap_pthread_join(pthread_t, void**) { return refuse(kNoThreads); }
int __wrap_pthread_detach(pthread_t) { return refuse(kNoThreads); }
int __wrap_thrd_create(thrd_t*, int (*)(void*), void*) {
  refuse(kNoThreads);
  return thrd_error;
}
int __wrap_thrd_join(thrd_t, int*) {
  refuse(kNoThreads);
  return thrd_error;
}
int __wrap_thrd_detach(thrd_t) {
  refuse(kNoThreads);
  return thrd_error;
}
// std::thread's constructor and join(), which the C++ library has compiled already.
void __wrap__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
    void*, void*, void (*)()) {
  refuse(kNoThreads);
}
void __wrap__ZNSt6thread4joinEv(void*) { refuse(kNoThreads); }

sighandler_t __wrap_signal(int, sighandler_t) {
  errno = refuse(kNoSignals);
  return SIG_ERR;
}
int __wrap_sigaction(int, const struct sigaction*, struct sigaction*) {
  errno = refuse(kNoSignals);
  return -1;
}
int __wrap_sigprocmask(int, const sigset_t*, sigset_t*) {
  errno = refuse(kNoSignals);
  return -1;
}
int __wrap_pthread_sigmask(int, const sigset_t*, sigset_t*) { return refuse(kNoSignals); }
int __wrap_pthread_kill(pthread_t, int) { return refuse(kNoSignals); }
int __wrap_raise(int) { return refuse(kNoSignals); }
pid_t __wrap_fork() {
  errno = refuse(kNoProcesses);
  return -1;
}

}  // extern "C"
