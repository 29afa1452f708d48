// What an unmodified target calls of the C library to know its CPU, to yield, to sleep and to get memory: the
// machine's answers, judged by N1 and C1. labyrinth_add_target() redirects the calls with the linker's
// --wrap.
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>

#include "heap.hpp"
#include "labyrinth/machine/machine.h"
#include "posix_sleep.hpp"
#include "program.hpp"

namespace labyrinth::machine {

namespace {

constexpr model::Clause kClause = model::Clause::N1;

void judge_wait(std::uint8_t holder) noexcept {
  if (core.now->may_not_sleep || !model::may_sleep(core.situation())) {
    core.fail({.clause = kClause,
               .other = holder,
               .reason = "waits for a lock of the C library that another context holds, and may not sleep"});
  }
  program.may_sleep_here("");
}

void wait_for_good(std::uint8_t holder) noexcept {
  core.fail({.clause = kClause,
             .other = holder,
             .reason =
                 "waits for a lock of the C library that is never given back: its holder waits, too, or "
                 "has ended"});
}

}  // namespace

bool sleep_for_lock(const std::uint32_t& lock, bool times_out) noexcept {
  const auto holder = static_cast<std::uint8_t>(holder_of(lock));
  if (lock == held_by_me())
    core.fail({.clause = kClause, .reason = "waits for a lock of the C library that it has taken itself"});
  judge_wait(holder);
  if (core.sleep_on({&lock})) return true;
  if (!times_out) wait_for_good(holder);
  return false;
}

void sleep_for_all(const std::uint32_t& holders) noexcept {
  judge_wait(kNoCall);
  if (!core.sleep_on({&holders})) wait_for_good(kNoCall);
}

void begin_sleep() noexcept {
  core.point({});
  labyrinth_machine_sleep();
  program.may_sleep_here("");
}

namespace {

constexpr std::size_t kPage = 4096;

/// Others run for a while, if there are any.
void sleep_a_while() noexcept {
  if (!core.active()) return;
  begin_sleep();
  static_cast<void>(core.wait_for_others());
}

/// What somebody scribbled there without hooks, in a run before.
void clean(std::byte* memory, std::size_t bytes) noexcept {
  for (std::byte* at = memory; at != memory + bytes; at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    if (word == 0) continue;
    write_range(at, sizeof word);
    std::memset(at, 0, sizeof word);
  }
}

int refuse(int error) noexcept {
  errno = error;
  return -1;
}

/// Returns at once if the value is another; else others run, and then it returns as if woken, as it may for
/// no reason at all. Neither this nor waking orders anything, as in C++ no system call does: what orders is
/// the load that the target makes of the word before and after.
long wait_on_futex(const std::uint32_t* word, std::uint32_t expected) noexcept {
  if (!core.active()) return 0;
  if (look(*word, kRelaxedOrder) != expected) return refuse(EAGAIN);
  begin_sleep();
  if (!core.wait_for_others() && *word == expected) {
    core.fail({.clause = model::Clause::N1,
               .reason = "waits on a futex, although nobody is left who could wake it"});
  }
  return 0;
}

}  // namespace
}  // namespace labyrinth::machine

using namespace labyrinth::machine;

extern "C" {

int __wrap_sched_getcpu() { return static_cast<int>(labyrinth_machine_cpu()); }
int __wrap_getcpu(unsigned* cpu, unsigned* node) {
  if (cpu != nullptr) *cpu = labyrinth_machine_cpu();
  if (node != nullptr) *node = 0;
  return 0;
}

// Handlers are the task that they interrupt, as they are to thread-locals. No thread has number 0.
pthread_t __wrap_pthread_self() { return core.active() ? core.fiber() + 1UL : UINT32_MAX; }
pid_t __wrap_gettid() { return static_cast<pid_t>(__wrap_pthread_self() & INT32_MAX); }

int __wrap_sched_yield() {
  sleep_a_while();
  return 0;
}
unsigned __wrap_sleep(unsigned) {
  sleep_a_while();
  return 0;
}
int __wrap_usleep(unsigned) {
  sleep_a_while();
  return 0;
}
int __wrap_nanosleep(const timespec*, timespec*) {
  sleep_a_while();
  return 0;
}
int __wrap_clock_nanosleep(clockid_t, int, const timespec*, timespec*) {
  sleep_a_while();
  return 0;
}
int __wrap_thrd_sleep(const timespec*, timespec*) {
  sleep_a_while();
  return 0;
}
void __wrap_thrd_yield() { sleep_a_while(); }

// Nothing ever happens to a file: the time is up.
int __wrap_poll(pollfd*, nfds_t, int timeout) {
  if (timeout != 0) sleep_a_while();
  return 0;
}
int __wrap_select(int, fd_set* reads, fd_set* writes, fd_set* errors, timeval* timeout) {
  for (fd_set* const set : {reads, writes, errors}) {
    if (set == nullptr) continue;
    write_range(set, sizeof *set);
    FD_ZERO(set);
  }
  if (timeout == nullptr || timeout->tv_sec != 0 || timeout->tv_usec != 0) sleep_a_while();
  return 0;
}

// What std::atomic's wait and hand-made locks call.
long __wrap_syscall(long number, ...) {
  va_list arguments;
  va_start(arguments, number);
  const auto* const word = va_arg(arguments, const std::uint32_t*);
  const auto operation = static_cast<int>(va_arg(arguments, long));
  const auto expected = static_cast<std::uint32_t>(va_arg(arguments, long));
  va_end(arguments);
  switch (number) {
    case SYS_futex: {
      const int kind = operation & FUTEX_CMD_MASK;
      if (kind == FUTEX_WAKE || kind == FUTEX_WAKE_BITSET) return 0;
      if (kind == FUTEX_WAIT || kind == FUTEX_WAIT_BITSET) return wait_on_futex(word, expected);
      return refuse(ENOSYS);
    }
    case SYS_sched_yield:
      return __wrap_sched_yield();
    default:
      return refuse(ENOSYS);  // The machine is no kernel.
  }
}

// Memory comes from the machine's arena, as that of malloc does; nothing is reused within a run.
void* __wrap_mmap(void* at, std::size_t bytes, int, int flags, int, off_t) {
  errno = bytes == 0 ? EINVAL : ENODEV;
  if (bytes == 0 || (flags & MAP_ANONYMOUS) == 0) return MAP_FAILED;  // No file is the same in every run.
  errno = ENOMEM;
  if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0 && at != nullptr) return MAP_FAILED;
  if (bytes > kArenaBytes) return MAP_FAILED;
  const std::size_t whole = (bytes + kPage - 1) / kPage * kPage;
  auto* const memory = static_cast<std::byte*>(heap_take(whole, kPage));
  if (memory == nullptr) return MAP_FAILED;
  clean(memory, whole);
  return memory;
}
int __wrap_munmap(void*, std::size_t) { return 0; }
int __wrap_mprotect(void*, std::size_t, int) { return 0; }
int __wrap_madvise(void* at, std::size_t bytes, int advice) {
  if (advice != MADV_DONTNEED) return 0;
  write_range(at, bytes);
  std::memset(at, 0, bytes);
  return 0;
}

}  // extern "C"
