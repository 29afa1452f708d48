// Rounds of work, stops of the world, and the sum of it.
#include "crew.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <numeric>
#include <utility>

#include "complaints.hpp"
#include "interrupts.hpp"
#include "verbs.hpp"

namespace labyrinth::shipping {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kRound{100};

template <std::size_t N>
void add(std::array<std::uint64_t, N>& sum, const std::array<std::uint64_t, N>& more) {
  for (std::size_t i = 0; i < N; ++i) sum[i] += more[i];
}
void add(Tally& sum, const Tally& more) {
  add(sum.calls, more.calls);
  add(sum.answers, more.answers);
  add(sum.landed, more.landed);
}

}  // namespace

std::uint64_t StressResult::landed(labyrinth_level level) const {
  const auto& counts = handlers[level].landed;
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}
std::uint64_t StressResult::inside(labyrinth_level level) const {
  return landed(level) - handlers[level].landed[static_cast<std::size_t>(Call::kNone)];
}

Crew::Crew(const StressOptions& options, std::vector<std::unique_ptr<Workload>> worlds)
    : options_(options), worlds_(std::move(worlds)) {
  observer_.number = kObserver;
  set_this_thread(&observer_);
  for (std::uint32_t number = 0; number < options_.threads; ++number) {
    auto& thread = threads_.emplace_back(std::make_unique<Thread>());
    thread->number = number;
    thread->alone = options_.threads == 1;
    for (std::uint64_t level = 0; level < LABYRINTH_LEVELS; ++level) {
      thread->contexts[level].random = Chance(options_.seed << 16 ^ std::uint64_t{number} << 4 ^ level);
    }
  }
}

Crew::~Crew() {
  ending_.store(true);
  let_go();
  for (std::thread& thread : running_) thread.join();
  set_this_thread(nullptr);
}

void Crew::work_a_round(Thread& thread, std::uint64_t& calls) {
  thread.work->enter(thread);
  thread.open_to_interrupts.store(true, std::memory_order_relaxed);
  while (!pausing_.load(std::memory_order_relaxed) && !complaints().any() &&
         (options_.calls == 0 || calls < options_.calls)) {
    thread.work->act(thread);
    ++calls;
  }
  // From here on handlers do nothing: what they leave behind would be missing in the examination.
  thread.open_to_interrupts.store(false, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (!complaints().any()) give_back_all(*thread.work, thread);
}

void Crew::work(Thread& thread) {
  set_this_thread(&thread);
  {
    const Timers timers(options_.interrupts, options_.highest);
    std::uint64_t calls = 0;
    bool is_out = false;
    for (std::uint64_t round = 0;;) {
      round_.wait(round, std::memory_order_acquire);
      round = round_.load(std::memory_order_acquire);
      if (ending_.load(std::memory_order_acquire)) break;
      thread.work = worlds_[round % worlds_.size()].get();
      work_a_round(thread, calls);
      if (!is_out && options_.calls != 0 && calls >= options_.calls) {
        is_out = true;
        out_of_calls_.fetch_add(1, std::memory_order_relaxed);
      }
      parked_.fetch_add(1, std::memory_order_release);
    }
  }
  // What was sent and has not arrived must not find a thread that is about to go.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  set_this_thread(nullptr);
}

void Crew::let_go() {
  parked_.store(0, std::memory_order_relaxed);
  pausing_.store(false, std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
}

bool Crew::stop_the_world(StressResult& result) {
  pausing_.store(true, std::memory_order_relaxed);
  const auto begin = Clock::now();
  while (parked_.load(std::memory_order_acquire) != options_.threads) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    const std::chrono::duration<double> waited = Clock::now() - begin;
    if (waited.count() < options_.patience) continue;
    // What hangs cannot be asked to end.
    for (const auto& thread : threads_) {
      const Call call = thread->call.load(std::memory_order_relaxed);
      if (call == Call::kNone) continue;
      fmt::format_to_n(result.hung.data(), result.hung.size() - 1, "thread {} {} has been in {} for {:.0f} s",
                       thread->number, name_of(thread->at()), name_of(call), waited.count());
      return false;
    }
    fmt::format_to_n(result.hung.data(), result.hung.size() - 1,
                     "a thread does not come to a stop within {:.0f} s", waited.count());
    return false;
  }
  return true;
}

void Crew::collect(StressResult& result) const {
  result.signals = result.held_back = result.balances = 0;
  for (const auto& world : worlds_) result.balances += world->balances();
  result.tasks = {};
  result.handlers = {};
  result.by_depth = {};
  for (const auto& thread : threads_) {
    result.signals += thread->interrupts.load(std::memory_order_relaxed);
    result.held_back += thread->held_back;
    add(result.tasks, thread->contexts[LABYRINTH_TASK].tally);
    add(result.by_depth, thread->by_depth);
    for (std::size_t level = LABYRINTH_SOFTIRQ; level < LABYRINTH_LEVELS; ++level) {
      add(result.handlers[level], thread->contexts[level].tally);
    }
  }
}

void Crew::run(StressResult& result) {
  tool::StatusLine status;
  std::vector<pthread_t> handles;
  for (const auto& thread : threads_) {
    running_.emplace_back([this, &thread] { work(*thread); });
    handles.push_back(running_.back().native_handle());
  }
  {
    Hammer hammer(handles, options_.interrupts / 4, options_.highest, options_.seed);
    bool going = true;
    while (going) {
      const auto end = Clock::now() + kRound;
      let_go();
      while (Clock::now() < end && !complaints().any() && !tool::interrupted() &&
             out_of_calls_.load(std::memory_order_relaxed) != options_.threads) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      const bool stopped = stop_the_world(result);
      result.seconds = status.elapsed();
      if (!stopped) break;
      Workload& world = *worlds_[round_.load() % worlds_.size()];
      if (!complaints().any()) {
        observer_.work = &world;
        empty(world, observer_);
        world.examine(result.stops++);
      }
      result.cut_off = tool::interrupted();
      going = !complaints().any() && !result.cut_off && result.seconds < options_.seconds &&
              out_of_calls_.load() != options_.threads;
      collect(result);  // The next round may end the process.
      if (status.due()) {
        const auto& calls = result.tasks.calls;
        status.show(fmt::format("{:.0f} s, {} calls, {} signals, {} stops", result.seconds,
                                std::accumulate(calls.begin(), calls.end(), std::uint64_t{0}), result.signals,
                                result.stops));
      }
    }
    hammer.stop();
  }
  collect(result);
}

}  // namespace labyrinth::shipping
