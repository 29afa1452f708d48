// The sleeping side of an ordinary Linux process: a thread that does background reclaim, and the rest of
// what the port of labyrinth.h needs for it. Link labyrinth_userland.
//
//     Reclaimer reclaimer;
//     config.port.set_reclaiming = userland::set_reclaiming;
//     config.port.wait = userland::wait;
//     config.port.wake_reclaimer = [](void* self) { static_cast<My*>(self)->reclaimer.wake(); };
//     ... labyrinth_init ...
//     reclaimer.start(allocator);
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "labyrinth/reclaim.h"

namespace labyrinth {

// Calls labyrinth_balance() in a thread of its own each time it is woken. All but wake() is for one thread at
// a time, which may sleep.
class Reclaimer {
 public:
  Reclaimer() noexcept = default;
  Reclaimer(const Reclaimer&) = delete;
  Reclaimer& operator=(const Reclaimer&) = delete;
  ~Reclaimer() { stop(); }

  // False if it runs already, or the system has no thread left. Wake-ups from before count.
  [[nodiscard]] bool start(labyrinth_allocator* allocator) noexcept;
  // Ends the thread and waits for its end; what it was woken for it has done. Nothing if it does not run.
  void stop() noexcept;

  // Async-signal-safe, wait-free, for any thread; at most one system call, which does not sleep. A wake-up is
  // never lost: the thread balances, or balances again, after it.
  void wake() noexcept;

  // How often it has balanced.
  [[nodiscard]] std::uint64_t balances() const noexcept { return balances_.load(std::memory_order_acquire); }

 private:
  static void* run(void* self) noexcept;
  void sleep() noexcept;

  std::atomic<std::uint32_t> woken_{0};  // 1: since it last began to balance. The futex it sleeps on
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> balances_{0};
  labyrinth_allocator* allocator_ = nullptr;
  pthread_t thread_{};
  bool running_ = false;
};

// For Port; they ask nothing of `self`.
namespace userland {
// The mark is the calling thread's.
[[nodiscard]] bool set_reclaiming(void* self, bool reclaiming) noexcept;
// Sleeps for a millisecond.
void wait(void* self) noexcept;
}  // namespace userland

}  // namespace labyrinth
