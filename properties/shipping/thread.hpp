// A thread as a virtual CPU: its task, the handlers that interrupt it, and what each of them is in the middle
// of.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chance.hpp"
#include "handle.hpp"
#include "labyrinth/types.hpp"

namespace labyrinth::shipping {

using properties::Chance;

/// The calls of the library, for counting what was interrupted.
enum class Call : std::uint8_t {
  kNone,
  kAlloc,
  kFree,
  kBulk,
  kExact,
  kFreeExact,
  kDrain,
  kBalance,
  kKmalloc,
  kKfree,
  kTrim,
  kMap,
  kUnmap,
  kMapLocal,
};
inline constexpr std::size_t kCalls = 14;
[[nodiscard]] std::string_view name_of(Call call);
[[nodiscard]] std::string_view name_of(labyrinth_level level);

/// What a context did and met; written by it alone, read when all are parked.
struct Tally {
  std::array<std::uint64_t, kCalls> calls{};
  std::array<std::uint64_t, 6> answers{};      ///< To allocations, by enum labyrinth_status.
  std::array<std::uint64_t, kCalls> landed{};  ///< Of this level's handlers, by what they interrupted.
};

/// One level of a thread. Handlers of one level do not nest, so each has this to itself.
struct Context {
  Chance random;
  Tally tally;
  std::uint64_t wakes = 0;     ///< How often the port was told to wake the reclaimer.
  std::uint64_t began_at = 0;  ///< Thread::interrupts at the begin of its last call.
};

class Workload;

struct Thread {
  std::uint32_t number = 0;
  bool alone = false;        ///< There is no other thread.
  Workload* work = nullptr;  ///< Of this round.
  std::atomic<labyrinth_level> level{LABYRINTH_TASK};
  std::atomic<std::uint32_t> preempt_off{0};
  std::atomic<bool> irqs_off{false};
  std::atomic<std::uint32_t> bhs_off{0};
  std::uint64_t held_back = 0;            ///< Interrupts that had to wait.
  std::atomic<std::uint32_t> waiting{0};  ///< A bit for each level whose interrupt arrived and was held back.
  std::atomic<Call> call{Call::kNone};
  std::atomic<bool> open_to_interrupts{false};  ///< Else handlers only count themselves.
  std::atomic<std::uint64_t> interrupts{0};
  std::atomic<std::uint32_t> depth{0};  ///< Handlers on its stack.
  std::array<std::uint64_t, LABYRINTH_LEVELS> by_depth{};
  std::atomic<std::uint32_t> serial{0};
  bool reclaiming = false;
  std::array<Context, LABYRINTH_LEVELS> contexts;
  /// The task's blocks; handlers leave theirs in the world's exchange.
  std::array<Handle, 48> held{};
  std::size_t holds = 0;

  [[nodiscard]] labyrinth_level at() const { return level.load(std::memory_order_relaxed); }
  [[nodiscard]] Context& context() { return contexts[at()]; }
  [[nodiscard]] bool may_sleep() const {
    return at() == LABYRINTH_TASK && preempt_off.load(std::memory_order_relaxed) == 0 &&
           !irqs_off.load(std::memory_order_relaxed) && bhs_off.load(std::memory_order_relaxed) == 0;
  }
  /// Whether an interrupt of that level has to wait.
  [[nodiscard]] bool holds_back(labyrinth_level arrived) const {
    if (arrived <= at()) return true;
    if (arrived == LABYRINTH_NMI) return false;
    return irqs_off.load(std::memory_order_relaxed) ||
           (arrived == LABYRINTH_SOFTIRQ && bhs_off.load(std::memory_order_relaxed) != 0);
  }
  /// Whether nobody else took a step since its last call began.
  [[nodiscard]] bool is_undisturbed() {
    return alone && interrupts.load(std::memory_order_relaxed) == context().began_at;
  }
  [[nodiscard]] Owner new_owner() {
    return Owner::make(number, at(), serial.fetch_add(1, std::memory_order_relaxed));
  }
};

/// The calling one, or null in a thread that the stress did not start.
[[nodiscard]] Thread* this_thread();
void set_this_thread(Thread* thread);

/// Makes one call of the library. A handler that arrives meanwhile finds out in the middle of what it is:
/// within the few instructions that set and clear the note, which are as good as in the call.
template <typename Body>
auto make_call(Thread& thread, Call call, const Body& body) {
  Context& context = thread.context();
  ++context.tally.calls[static_cast<std::size_t>(call)];
  const std::uint64_t before = thread.interrupts.load(std::memory_order_relaxed);
  const Call outer = thread.call.load(std::memory_order_relaxed);
  // The fences keep the compiler from moving the call over the note; only this thread's handlers read it.
  thread.call.store(call, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  const auto answer = body();
  std::atomic_signal_fence(std::memory_order_seq_cst);
  thread.call.store(outer, std::memory_order_relaxed);
  context.began_at = before;
  return answer;
}

}  // namespace labyrinth::shipping
