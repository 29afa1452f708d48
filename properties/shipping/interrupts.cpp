// Signals, their masks, and who sends them.
#include "interrupts.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "exit_codes.hpp"
#include "work.hpp"

#ifndef sigev_notify_thread_id
#  define sigev_notify_thread_id _sigev_un._tid  // glibc before 2.38 has no name for it
#endif

namespace labyrinth::shipping {
namespace {

constexpr int kFirst = 2;  // of the real-time signals: the C library may use the ones before

[[nodiscard]] int signal_of(labyrinth_level level, bool masks_all) {
  return SIGRTMIN + kFirst + 2 * (static_cast<int>(level) - LABYRINTH_SOFTIRQ) + (masks_all ? 1 : 0);
}

void on_interrupt(int signal) {
  Thread* const thread = this_thread();
  if (thread == nullptr) return;
  const int saved_errno = errno;
  const auto level =
      static_cast<labyrinth_level>((signal - SIGRTMIN - kFirst) / 2 + static_cast<int>(LABYRINTH_SOFTIRQ));
  thread->interrupts.fetch_add(1, std::memory_order_relaxed);
  const Call call = thread->call.load(std::memory_order_relaxed);
  const labyrinth_level outside = thread->level.load(std::memory_order_relaxed);
  if (thread->open_to_interrupts.load(std::memory_order_relaxed)) {
    const std::uint32_t depth = thread->depth.fetch_add(1, std::memory_order_relaxed);
    thread->call.store(Call::kNone, std::memory_order_relaxed);
    thread->level.store(level, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    Context& context = thread->context();
    ++context.tally.landed[static_cast<std::size_t>(call)];
    if (call != Call::kNone) ++thread->by_depth[depth];
    for (std::uint32_t i = context.random.below(3) + 1; i > 0; --i) act(*thread->world, *thread);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    thread->level.store(outside, std::memory_order_relaxed);
    thread->call.store(call, std::memory_order_relaxed);
    thread->depth.fetch_sub(1, std::memory_order_relaxed);
  }
  errno = saved_errno;
}

const char* again_words = "";
void (*fault_told)(int code, std::string_view text) = nullptr;

/// What the fault says of the library: a frame of the void was taken from its owner, or a call crashed;
/// anything else says nothing of it.
void on_fault(int signal, siginfo_t* info, void*) {
  std::array<char, 512> text{};
  int exit_code = tool::kViolation;
  std::size_t size = 0;
  const auto say = [&]<typename... Parts>(fmt::format_string<Parts...> format, Parts&&... parts) {
    const std::size_t room = text.size() - size;
    const auto end = fmt::format_to_n(text.data() + size, room, format, std::forward<Parts>(parts)...);
    size += std::min(end.size, room);
  };
  // Who examines the worlds is in none of them between two.
  const Thread* const running = this_thread();
  const Thread* const thread = running != nullptr && running->world != nullptr ? running : nullptr;
  const Call call = thread == nullptr ? Call::kNone : thread->call.load(std::memory_order_relaxed);
  if (thread != nullptr && thread->world->is_of_void(info->si_addr)) {
    say("X6 is broken: what it owned was unmapped under its hands");
  } else if (call != Call::kNone) {
    say("N2 is broken: a call does not return but crashes");
  } else {
    say("stress: a crash outside of any call, of which nothing follows");
    exit_code = tool::kInconclusive;
  }
  say("; signal {} at {}", signal, info->si_addr);
  if (thread != nullptr)
    say(", thread {} {}, in call {}, world {}", thread->number, name_of(thread->at()), name_of(call),
        thread->world->shape().name);
  say("\n  again: {}\n", again_words);
  static_cast<void>(!write(STDOUT_FILENO, text.data(), size));
  // The library takes no memory and no lock of the C library's, so a fault in its calls leaves them usable.
  // Of one elsewhere the alarm makes an end.
  constexpr unsigned kPatience = 10;
  alarm(kPatience);
  fault_told(exit_code, {text.data(), size});
  _exit(exit_code);
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

void catch_faults(const char* again, void (*told)(int code, std::string_view text)) {
  again_words = again;
  fault_told = told;
  struct sigaction action{};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);
}

Timers::Timers(std::uint32_t rate) {
  if (rate == 0) return;
  // Handlers of low levels are the many; intervals that have no common divisor, so that they meet in all
  // ways.
  constexpr std::array<std::uint64_t, 3> kShare{2, 3, 6};
  constexpr std::array<long, 3> kOdd{101, 211, 307};
  for (std::size_t i = 0; i < kShare.size(); ++i) {
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

Hammer::Hammer(const std::vector<pthread_t>& threads, std::uint32_t rate, std::uint64_t seed) {
  if (rate == 0) return;
  thread_ = std::thread([this, threads, rate, seed] {
    Chance random(seed);
    const timespec pause{0, static_cast<long>(1'000'000'000 / rate)};
    while (!stopping_.load(std::memory_order_relaxed)) {
      const auto level = static_cast<labyrinth_level>(LABYRINTH_SOFTIRQ + random.below(3));
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
