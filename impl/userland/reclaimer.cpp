// A thread, the futex that it sleeps on, and the mark of a thread that reclaims.
#include "labyrinth/reclaimer.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>

namespace labyrinth {
namespace {

// initial-exec: in a shared library the first access would otherwise allocate.
[[gnu::tls_model("initial-exec")]] constinit thread_local bool reclaims = false;

static_assert(sizeof(std::atomic<std::uint32_t>) == 4 && std::atomic<std::uint32_t>::is_always_lock_free);

void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) noexcept {
  syscall(SYS_futex, &word, operation | FUTEX_PRIVATE_FLAG, value, nullptr, nullptr, 0);
}

}  // namespace

bool Reclaimer::start(labyrinth_allocator* allocator) noexcept {
  if (running_) return false;
  allocator_ = allocator;
  stopping_.store(false, std::memory_order_relaxed);  // pthread_create() orders it
  // Handlers are other threads' business: here they would interrupt what may sleep.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  running_ = pthread_create(&thread_, nullptr, run, this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return running_;
}

void Reclaimer::stop() noexcept {
  if (!std::exchange(running_, false)) return;
  stopping_.store(true, std::memory_order_relaxed);  // the release in wake() carries it
  wake();
  pthread_join(thread_, nullptr);
}

void Reclaimer::wake() noexcept {
  // Release: pairs with the exchange in run(); what was freed or taken before is seen by the balance after.
  // Who finds 1 has nothing to do: the exchange that will take it away has not been made.
  if (woken_.exchange(1, std::memory_order_acq_rel) != 0) return;
  const int saved = errno;
  futex(woken_, FUTEX_WAKE, 1);
  errno = saved;
}

// The kernel looks at the word itself: it does not sleep if a wake-up came between the look and the sleep.
void Reclaimer::sleep() noexcept { futex(woken_, FUTEX_WAIT, 0); }

void* Reclaimer::run(void* self) noexcept {
  Reclaimer& me = *static_cast<Reclaimer*>(self);
  for (;;) {
    // Before it balances, not afterwards: a wake-up in the middle is one more.
    while (me.woken_.exchange(0, std::memory_order_acq_rel) == 0) me.sleep();
    static_cast<void>(labyrinth_balance(me.allocator_));
    me.balances_.fetch_add(1, std::memory_order_release);
    if (me.stopping_.load(std::memory_order_relaxed)) return nullptr;
  }
}

namespace userland {

bool set_reclaiming(void*, bool reclaiming) noexcept { return std::exchange(reclaims, reclaiming); }

void wait(void*) noexcept {
  const timespec moment{0, 1'000'000};
  nanosleep(&moment, nullptr);
}

}  // namespace userland
}  // namespace labyrinth
