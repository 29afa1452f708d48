// The machine's core: contexts on virtual CPUs, points where a strategy is asked, switches, nested
// interrupts.
//
//      strategy ──decides──> point ──> switch to another CPU's or task's fiber
//                              │  └──> run a pending handler on top of the interrupted stack
//                       every hooked access
//
// There is one core a process, in static storage, so that a hook reaches it without a pointer. It knows
// nothing of allocators: it runs bodies. program.cpp makes allocator calls of them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "clock.hpp"
#include "fiber.hpp"
#include "labyrinth/machine/observer.hpp"
#include "labyrinth/machine/strategy.hpp"
#include "labyrinth/machine/verdict.hpp"
#include "labyrinth/model/context.hpp"
#include "meeting_counters.hpp"
#include "pending.hpp"
#include "shadow.hpp"

namespace labyrinth::machine {

/// Accesses after which a run is cut off. Below 2^15, the capacity of a clock's lane.
inline constexpr std::uint32_t kMaxSteps = 30000;
/// Release fences, and wake-ups, of one context. They are no steps; twice this and kMaxSteps together stay
/// below 2^15.
inline constexpr std::uint16_t kMaxFences = 1300;

/// What a context does. `run` gets the context's index; null: it does nothing, and never runs.
struct Body {
  model::Level level = model::Level::kTask;
  std::uint8_t cpu = 0;
  void (*run)(void* self, std::uint8_t context) = nullptr;
  void* self = nullptr;
  bool asleep = false;  ///< A task that does not run before it is woken.
};

/// What a task sleeps for: while one of these bits is set, it cannot go on.
struct Awaited {
  const std::uint32_t* word = nullptr;
  std::uint32_t bits = 0xffff'ffff;
  [[nodiscard]] bool holds() const noexcept { return word != nullptr && (*word & bits) != 0; }
};

/// A task or a handler while it runs. Everything a hook needs of it stands in the first line.
struct alignas(64) Running {
  std::uint32_t access = 0;   ///< Accesses of the present call so far.
  std::uint32_t stop_at = 0;  ///< The access at which point() takes the slow path.
  std::uint32_t ask_at = 0;   ///< The access at which the strategy wants to be asked.
  std::uint32_t hard_stop =
      0;                    ///< The first access that must not happen: beyond the call's bound or the run's.
  std::uint32_t bound = 0;  ///< Largest number of accesses declared for the call; 0: none.
  std::uint32_t bound_from = 0;  ///< The accesses before those that the bound is about.
  std::uint32_t call_began = 0;  ///< Number of the last write of the run before the call.
  std::uint8_t index = 0;
  std::uint8_t cpu = 0;
  std::uint8_t call = kNoCall;
  model::Level level = model::Level::kTask;
  bool conflict = false;  ///< Another context took a conflicting step during the call (E3).
  bool spurious = false;  ///< The weak compare-exchange that comes fails.
  bool finished = false;
  bool may_not_sleep = false;  ///< The present call promised not to sleep (N1).
  bool inner = false;          ///< In a call of the program's within it (begin_inner()).
  std::uint64_t touched = 0;   ///< Bit per location (index modulo 64) accessed during the call.
  Clock clock{};
  Clock to_acquire{};         ///< What an acquire fence would learn.
  Clock released{};           ///< What a release fence offered; rides on relaxed stores.
  Clock signal_to_acquire{};  ///< The same for signal fences: only between contexts of one CPU.
  Clock signal_released{};
  bool has_signal_release = false;
  std::uint16_t fences = 0;  ///< Release fences so far; they count in the clock's lane as releases do.
  std::uint32_t site = 0;    ///< Coming::site of the access that comes.
  bool weak = false;         ///< The access that comes is a weak compare-exchange.
  /// The word of the lock it spins on: 0 while the lock is free, else 1 + the context that has it.
  const std::uint32_t* waits_on = nullptr;
  Awaited sleeps_on{};      ///< In sleep_on().
  bool asleep = false;      ///< Not among its CPU's tasks until it is woken.
  bool woken = false;       ///< Since it last slept.
  bool waits = false;       ///< In wait_for_others(): nothing it can do.
  bool reclaiming = false;  ///< The target marked it so.
  /// Under rc11: of what the present call has not seen, or has written before, the first write; 0: none.
  std::uint32_t missed = 0;
  /// It has waited until nobody else could run: until it goes on with something else it sees what is last.
  bool up_to_date = false;
  std::uint8_t older = 0;  ///< Which message the access that comes reads, or comes before: 0: the last.
  Pending pending{};       ///< Under rc11.
  Clock clock_began{};     ///< Under rc11: `clock` when the present call began.
};

struct Cpu {
  std::uint8_t running = kNoCall;  ///< The task that has this CPU, or kNoCall.
  std::uint8_t top = kNoCall;      ///< The context on top: the task, or the innermost handler.
  std::uint8_t irq_off = 0;        ///< Depths of the masks.
  std::uint8_t bh_off = 0;
  std::uint8_t preempt_off = 0;
  std::uint16_t pending = 0;  ///< Bit per handler that has not been delivered.
  std::uint16_t tasks = 0;    ///< Bit per unfinished task that is on this CPU.
};

void fiber_main(boost::context::detail::transfer_t from) noexcept;

class Core {
 public:
  /// Run the bodies to their end, a violation or a limit. `outcome` receives what is the machine's to say.
  void run(std::span<const Body> bodies, std::uint8_t cpus, MemoryModel memory, Strategy& strategy,
           Outcome& outcome) noexcept;

  /// After run(): run `body` alone, as a task that everything before happens-before (X4's draining).
  void run_alone(const Body& body, Strategy& strategy) noexcept;

  /// In run_alone(): go on as if the body ran at that level on that CPU, to reach what only they may have.
  void stand_in(model::Level level, std::uint8_t cpu) noexcept {
    now->level = level;
    now->cpu = cpu;
  }

  /// While false, hooks do nothing but the access itself.
  [[nodiscard]] bool active() const noexcept { return now != nullptr; }

  /// A call (or a raw body) begins in the present context: asks the strategy for access 0, then counts
  /// from 1. `bound`: the most accesses the call may take, 0: none declared.
  void begin_call(std::uint8_t call, std::uint32_t bound, bool may_not_sleep) noexcept;
  /// A call of the machine's own, between those of the program: no strategy is asked.
  void begin_aside(std::uint32_t bound) noexcept;
  void end_call() noexcept {
    if (plain) last_call_.join(now->clock);  // what was freed within it, too, comes before the next one
    steps_before_ += now->access;
    in_call = static_cast<std::uint16_t>(in_call & ~(1U << now->index));
  }

  /// A call of the program's own within the present one, whose accesses it goes on counting. It has a bound
  /// of its own, and may sleep only where the present one may.
  struct Inner {
    std::uint32_t hard_stop, bound, bound_from;
    bool may_not_sleep, inner;
  };
  [[nodiscard]] Inner begin_inner(std::uint32_t bound, bool may_not_sleep) noexcept;
  void end_inner(const Inner& outer) noexcept;
  /// Nothing is declared for what the present call does from here on.
  void lift_bound() noexcept;

  /// The present task, which may sleep, does so until it is woken; at once if it was woken since it last
  /// slept.
  void sleep_until_woken() noexcept;
  /// Wakes all that sleep or will sleep; who wakes happens-before who is woken.
  void wake() noexcept;
  /// The present task, which may sleep, lets others run until it is its turn again. False: nobody else can do
  /// anything.
  [[nodiscard]] bool wait_for_others() noexcept;

  /// The present task, which may sleep, lets others run, and is not gone on with before what it sleeps for
  /// may have changed. False: nobody else can do anything.
  [[nodiscard]] bool sleep_on(Awaited awaited) noexcept;

  /// Before every atomic or volatile access. What it will touch is named for strategies alone: nobody looks
  /// at it on the quick path.
  void point(const Coming& coming) noexcept {
    now->site = coming.site;
    if (++now->access == now->stop_at) [[unlikely]]
      slow_point(coming);
  }

  /// End the run here. Does not return when called on a fiber.
  void fail(const Violation& violation) noexcept;
  void give_up(const char* limit) noexcept;

  [[nodiscard]] model::Situation situation() const noexcept {
    const Cpu& cpu = cpus[now->cpu];
    return {now->level, cpu.irq_off != 0, cpu.bh_off != 0, cpu.preempt_off != 0};
  }
  /// The present context spins on a lock that is held: let its holder's CPU run, or report N1 if it never
  /// can.
  void wait_for(const std::uint32_t& lock) noexcept;

  /// Whether the address lies on the stack of the fiber that runs.
  [[nodiscard]] bool on_own_stack(std::uintptr_t address) const noexcept {
    return address - own_stack_ < kStackBytes;
  }

  /// Whether nobody can write there: nothing to keep, to undo or to race with.
  [[nodiscard]] bool is_constant(std::uintptr_t address) const noexcept {
    return address - reinterpret_cast<std::uintptr_t>(constants.data()) < constants.size();
  }

  /// What a strategy may choose here; see Point.
  [[nodiscard]] bool can_run(std::uint8_t cpu) const noexcept {
    return cpu < cpu_count_ && cpu != now->cpu && has_work(cpus[cpu]);
  }
  [[nodiscard]] std::uint16_t preempting_tasks() const noexcept;
  [[nodiscard]] std::uint8_t deliverable_levels() const noexcept;
  [[nodiscard]] bool can_migrate(std::uint8_t cpu) const noexcept;
  /// Bit per context that a strategy can let take the next step, by one departure or several.
  [[nodiscard]] std::uint16_t enabled() const noexcept;
  /// The departure from here that brings the context, which is enabled and not this one, nearer to its step:
  /// to its CPU, past the task that has it, or into the handler. Few of them lead there.
  [[nodiscard]] Decision towards(std::uint8_t context) const noexcept;
  static constexpr std::uint8_t kMaxDetours = 8;
  /// Bit per task that waits for others, since there is nothing it can do.
  [[nodiscard]] std::uint16_t idle_tasks() const noexcept;
  [[nodiscard]] std::uint32_t departures_left() const noexcept {
    return kMaxDepartures - std::uint32_t{outcome_->departure_count};
  }
  void tell_mask() const noexcept {
    if (observer != nullptr) [[unlikely]]
      observer->on_mask();
  }
  void meet(std::uint8_t what, bool changes) const noexcept {
    if (observer != nullptr) [[unlikely]]
      observer->on_meeting(what, changes);
  }
  [[nodiscard]] std::uint8_t cpu_count() const noexcept { return cpu_count_; }
  [[nodiscard]] std::uint8_t context_count() const noexcept { return context_count_; }
  /// Accesses of the run so far, those under way too.
  [[nodiscard]] std::uint32_t accesses() const noexcept {
    std::uint32_t sum = steps_before_;
    for (unsigned left = in_call; left != 0; left &= left - 1)
      sum += contexts[static_cast<std::size_t>(std::countr_zero(left))].access;
    return sum;
  }

  /// The fiber that runs: the index of a task, or kMaxContexts + CPU for an idle one.
  [[nodiscard]] std::uint8_t fiber() const noexcept { return fiber_; }

  Running* now = nullptr;                  ///< The context that runs; null outside of runs.
  std::uint32_t writes = 0;                ///< Writes of the run so far; numbers them.
  std::uint16_t in_call = 0;               ///< Bit per context with a call in progress.
  bool plain = false;                      ///< No access is seen: calls are steps, and ordered as they come.
  std::span<const std::byte> constants{};  ///< Of the target: code, and data that nobody can write.
  MeetingCounters meetings{};
  bool rc11 = false;             ///< Atomics see what rc11 permits, and not only the last value.
  Observer* observer = nullptr;  ///< Sees every step if set; for replays that are shown or recorded.
  void (*migrated)(std::uint8_t context, std::uint8_t cpu) = nullptr;  ///< Told of migrations, if set.
  std::array<Running, kMaxContexts> contexts{};
  std::array<Cpu, kMaxCpus> cpus{};
  Shadow shadow{};

 private:
  friend void fiber_main(boost::context::detail::transfer_t from) noexcept;
  // From here to the jump all is one frame: each return to a frame that a switch came between is
  // mispredicted, and a chain of six such frames cost as much as the rest of the access.
  [[gnu::noinline]] void slow_point(Coming coming) noexcept;
  [[gnu::always_inline]] void ask(const Coming& coming) noexcept;
  [[nodiscard, gnu::always_inline]] bool is_possible(Decision decision) const noexcept;
  [[gnu::always_inline]] void carry_out(Decision decision, const Point& point) noexcept;
  void migrate(std::uint8_t cpu) noexcept;
  void set_stop() noexcept {
    Running& me = *now;
    me.stop_at = me.ask_at > me.access && me.ask_at < me.hard_stop ? me.ask_at : me.hard_stop;
  }
  [[gnu::always_inline]] void begin_steps(std::uint32_t bound, bool may_not_sleep) noexcept;
  [[gnu::noinline]] void stop_hard() noexcept;
  [[gnu::always_inline]] void switch_to_cpu(std::uint8_t cpu) noexcept;
  [[gnu::noinline]] void switch_to_task(std::uint8_t task) noexcept;
  void deliver_pending() noexcept;
  [[gnu::noinline]] void deliver(std::uint8_t handler) noexcept;
  void run_body(std::uint8_t context) noexcept;
  void idle(std::uint8_t cpu) noexcept;
  [[gnu::always_inline]] void jump_to(std::uint8_t fiber) noexcept;
  [[nodiscard]] std::uint8_t next_pending(const Cpu& cpu, model::Level level) const noexcept;
  [[nodiscard]] std::uint8_t runnable_cpu() const noexcept;
  [[nodiscard]] std::uint32_t steps_left() const noexcept;

  [[nodiscard]] static bool has_work(const Cpu& cpu) noexcept {
    return cpu.tasks != 0 || cpu.pending != 0 || cpu.top != kNoCall;
  }

  static constexpr std::uint8_t kCaller = kMaxContexts + kMaxCpus;  ///< The fiber that called run().

  void order_calls() noexcept;

  Clock last_call_{};  ///< Of a plain target: what the next call knows.
  Strategy* strategy_ = nullptr;
  Outcome* outcome_ = nullptr;
  std::uint32_t steps_before_ = 0;  ///< Accesses of finished calls.
  std::uint8_t cpu_count_ = 0;
  std::uint8_t context_count_ = 0;
  bool has_sleepers_ = false;
  Clock wakes_{};  ///< What whoever is woken learns.
  /// Per CPU and level: what happened before the end of its last handler.
  std::array<std::array<Clock, model::kLevels>, kMaxCpus> lanes_{};
  std::uint8_t fiber_ = kCaller;
  std::uintptr_t own_stack_ = 0;  ///< Lowest address of the running fiber's stack.
  std::array<Body, kMaxContexts> bodies_{};
  /// One a task, one an idle CPU, and the caller's.
  std::array<Fiber, kMaxContexts + kMaxCpus + 1> fibers_{};
};

/// What the context does from here on is not released by what it releases now, which is no step.
void count_release(Running& me) noexcept;

/// Hidden: hooks reach its members at fixed addresses, and not through the global offset table.
[[gnu::visibility("hidden")]] extern Core core;

}  // namespace labyrinth::machine
