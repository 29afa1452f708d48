// Signals, their masks, and who sends them.
#include "interrupts.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "workload.hpp"

#ifndef sigev_notify_thread_id
#  define sigev_notify_thread_id _sigev_un._tid  // glibc before 2.38 has no name for it
#endif

namespace labyrinth::shipping {
namespace {

constexpr int kFirst = 2;  // of the real-time signals: the C library may use the ones before

[[nodiscard]] int signal_of(labyrinth_level level, bool masks_all) {
  return SIGRTMIN + kFirst + 2 * (static_cast<int>(level) - LABYRINTH_SOFTIRQ) + (masks_all ? 1 : 0);
}

void deliver(Thread& thread, labyrinth_level level) {
  const Call call = thread.call.load(std::memory_order_relaxed);
  const labyrinth_level outside = thread.level.load(std::memory_order_relaxed);
  const std::uint32_t depth = thread.depth.fetch_add(1, std::memory_order_relaxed);
  thread.call.store(Call::kNone, std::memory_order_relaxed);
  thread.level.store(level, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  Context& context = thread.context();
  ++context.tally.landed[static_cast<std::size_t>(call)];
  if (call != Call::kNone) ++thread.by_depth[depth];
  thread.work->interrupt(thread);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  thread.level.store(outside, std::memory_order_relaxed);
  thread.call.store(call, std::memory_order_relaxed);
  thread.depth.fetch_sub(1, std::memory_order_relaxed);
}

void on_interrupt(int signal) {
  Thread* const thread = this_thread();
  if (thread == nullptr) return;
  const int saved_errno = errno;
  const auto level =
      static_cast<labyrinth_level>((signal - SIGRTMIN - kFirst) / 2 + static_cast<int>(LABYRINTH_SOFTIRQ));
  thread->interrupts.fetch_add(1, std::memory_order_relaxed);
  if (thread->open_to_interrupts.load(std::memory_order_relaxed)) {
    thread->waiting.fetch_or(1U << level, std::memory_order_relaxed);
    if (thread->holds_back(level)) ++thread->held_back;
    deliver_waiting(*thread);
  }
  errno = saved_errno;
}

OnFault on_fault = nullptr;

[[nodiscard]] std::uintptr_t instruction_of([[maybe_unused]] const void* context) {
#ifdef __x86_64__
  return static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#else
  return 0;
#endif
}

void catch_fault(int signal, siginfo_t* info, void* machine) {
  std::array<char, 300> text{};
  std::size_t size = 0;
  const auto say = [&]<typename... Parts>(fmt::format_string<Parts...> format, Parts&&... parts) {
    const std::size_t room = text.size() - size;
    const auto end = fmt::format_to_n(text.data() + size, room, format, std::forward<Parts>(parts)...);
    size += std::min(end.size, room);
  };
  // Who examines the worlds is in none of them between two.
  const Thread* const running = this_thread();
  const Thread* const thread = running != nullptr && running->work != nullptr ? running : nullptr;
  const Call call = running == nullptr ? Call::kNone : running->call.load(std::memory_order_relaxed);
  const char* clause = nullptr;
  if (thread != nullptr && thread->work->is_of_void(info->si_addr)) {
    clause = "X6";
    say("what it owned was unmapped under its hands");
  } else if (call != Call::kNone) {
    clause = "N2";
    say("a call does not return{}", signal == SIGALRM ? ", although nobody else runs" : " but crashes");
  } else {
    say("{} outside of any call, of which nothing follows", signal == SIGALRM ? "time passed" : "a crash");
  }
  say("; signal {} at {}", signal, info->si_addr);
  if (thread != nullptr)
    say(", thread {} {}, in call {}, world {}", thread->number, name_of(thread->at()), name_of(call),
        thread->work->name());
  on_fault({clause, {text.data(), size}, instruction_of(machine)});
}

}  // namespace

void install_handlers() {
  for (const bool masks_all : {false, true}) {
    for (const labyrinth_level level : {LABYRINTH_SOFTIRQ, LABYRINTH_HARDIRQ, LABYRINTH_NMI}) {
      struct sigaction action{};
      action.sa_handler = on_interrupt;
      action.sa_flags = SA_RESTART;
      sigemptyset(&action.sa_mask);
      const labyrinth_level highest = masks_all ? LABYRINTH_NMI : level;
      for (int lower = LABYRINTH_SOFTIRQ; lower <= static_cast<int>(highest); ++lower) {
        sigaddset(&action.sa_mask, signal_of(static_cast<labyrinth_level>(lower), false));
        sigaddset(&action.sa_mask, signal_of(static_cast<labyrinth_level>(lower), true));
      }
      sigaction(signal_of(level, masks_all), &action, nullptr);
    }
  }
}

void deliver_waiting(Thread& thread) {
  for (bool again = true; again;) {
    again = false;
    for (const labyrinth_level level : {LABYRINTH_NMI, LABYRINTH_HARDIRQ, LABYRINTH_SOFTIRQ}) {
      const std::uint32_t bit = 1U << level;
      if (thread.holds_back(level)) continue;
      if ((thread.waiting.fetch_and(~bit, std::memory_order_relaxed) & bit) == 0) continue;
      deliver(thread, level);
      again = true;
    }
  }
}

void catch_faults(OnFault end) {
  on_fault = end;
  struct sigaction action{};
  action.sa_sigaction = catch_fault;
  action.sa_flags = SA_SIGINFO;
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM})
    sigaction(signal, &action, nullptr);
}

Timers::Timers(std::uint32_t rate, labyrinth_level highest) {
  if (rate == 0) return;
  // Handlers of low levels are the many; intervals that have no common divisor, so that they meet in all
  // ways.
  constexpr std::array<std::uint64_t, 3> kShare{2, 3, 6};
  constexpr std::array<long, 3> kOdd{101, 211, 307};
  for (std::size_t i = 0; LABYRINTH_SOFTIRQ + i <= highest; ++i) {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = signal_of(static_cast<labyrinth_level>(LABYRINTH_SOFTIRQ + i), false);
    event.sigev_notify_thread_id = static_cast<pid_t>(syscall(SYS_gettid));
    timer_t timer{};
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) {
      std::perror("stress: timer_create");
      std::abort();
    }
    timers_.push_back(timer);
    const auto every = static_cast<long>(1'000'000'000 * kShare[i] / rate) + kOdd[i];
    const timespec interval{every / 1'000'000'000, every % 1'000'000'000};
    const itimerspec setting{interval, interval};
    timer_settime(timer, 0, &setting, nullptr);
  }
}

Timers::~Timers() {
  for (void* const timer : timers_) timer_delete(timer);
}

Hammer::Hammer(const std::vector<pthread_t>& threads, std::uint32_t rate, labyrinth_level highest,
               std::uint64_t seed) {
  if (rate == 0) return;
  thread_ = std::thread([this, threads, rate, highest, seed] {
    Chance random(seed);
    const timespec pause{0, static_cast<long>(1'000'000'000 / rate)};
    while (!stopping_.load(std::memory_order_relaxed)) {
      const auto level = static_cast<labyrinth_level>(LABYRINTH_SOFTIRQ + random.below(highest));
      const auto which = random.below(static_cast<std::uint32_t>(threads.size()));
      // EAGAIN, the queue is full: the threads have enough to do.
      static_cast<void>(pthread_kill(threads[which], signal_of(level, random.once_in(2))));
      nanosleep(&pause, nullptr);
    }
  });
}

void Hammer::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) thread_.join();
}

}  // namespace labyrinth::shipping
