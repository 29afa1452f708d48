// Contexts, points and switches.
#include "core.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

#include "labyrinth/machine/machine.h"

namespace labyrinth::machine {

constinit Core core{};

namespace {

/// Fiber stacks, each below a page that faults, mapped once a process.
[[nodiscard]] std::byte* map_stacks(std::size_t count) noexcept {
  constexpr std::size_t kGuard = 4096;
  const std::size_t each = kStackBytes + kGuard;
  void* base =
      mmap(nullptr, count * each, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) std::abort();
  auto* bytes = static_cast<std::byte*>(base);
  for (std::size_t i = 0; i < count; ++i) mprotect(bytes + i * each, kGuard, PROT_NONE);
  return bytes;
}

}  // namespace

void fiber_main(boost::context::detail::transfer_t from) noexcept {
  const std::uint8_t self = core.fiber_;
  arrived(core.fibers_[self], from);
  std::uint8_t cpu =
      self < kMaxContexts ? core.contexts[self].cpu : static_cast<std::uint8_t>(self - kMaxContexts);
  if (self < kMaxContexts) {
    core.now = &core.contexts[self];
    core.run_body(self);
    cpu = core.contexts[self].cpu;
    Cpu& own = core.cpus[cpu];
    own.tasks = static_cast<std::uint16_t>(own.tasks & ~(1U << self));
    own.running = own.top = kNoCall;
    own.irq_off = own.bh_off = own.preempt_off = 0;
    core.contexts[self].finished = true;
  } else {
    core.idle(cpu);
  }
  const bool busy = core.cpus[cpu].tasks != 0 || core.cpus[cpu].pending != 0;
  const std::uint8_t next = busy ? cpu : core.runnable_cpu();
  if (next == kNoCall) {
    core.jump_to(Core::kCaller);
  } else {
    core.switch_to_cpu(next);
  }
  std::abort();  // Nobody jumps to a fiber that has ended.
}

void Core::run(std::span<const Body> bodies, std::uint8_t cpu_count, Strategy& strategy,
               Outcome& outcome) noexcept {
  if (fibers_[0].stack == nullptr) {
    std::byte* stacks = map_stacks(kMaxContexts + kMaxCpus);
    for (std::size_t i = 0; i < kMaxContexts + kMaxCpus; ++i) {
      fibers_[i].stack = stacks + i * (kStackBytes + 4096) + 4096;
    }
  }
  strategy_ = &strategy;
  outcome_ = &outcome;
  cpu_count_ = cpu_count;
  context_count_ = static_cast<std::uint8_t>(bodies.size());
  steps_before_ = 0;
  writes = 0;
  in_call = 0;
  has_sleepers_ = false;
  wakes_ = Clock{};
  std::fill_n(cpus.begin(), cpu_count, Cpu{});
  std::uint8_t index = 0;
  for (const Body& body : bodies) {
    bodies_[index] = body;
    Running& context = contexts[index];
    context = Running{};
    context.index = index;
    context.cpu = body.cpu;
    context.level = body.level;
    context.clock.set(index, 1);
    if (body.run == nullptr) {
      context.finished = true;
      ++index;
      continue;
    }
    Cpu& cpu = cpus[body.cpu];
    if (body.level == model::Level::kTask) {
      context.asleep = body.asleep;
      has_sleepers_ = has_sleepers_ || body.asleep;
      if (!body.asleep) cpu.tasks = static_cast<std::uint16_t>(cpu.tasks | 1U << index);
      start(fibers_[index], fiber_main);
    } else {
      cpu.pending = static_cast<std::uint16_t>(cpu.pending | 1U << index);
    }
    ++index;
  }
  const std::uint8_t first = runnable_cpu();
  if (first != kNoCall) switch_to_cpu(first);
  now = nullptr;
  outcome.accesses = steps_before_;
}

void Core::run_alone(const Body& body, Strategy& strategy) noexcept {
  Clock all{};
  for (std::size_t i = 0; i < context_count_; ++i) all.join(contexts[i].clock);
  const std::uint32_t accesses = outcome_->accesses;
  const std::uint32_t switches = outcome_->switches;
  Outcome& outcome = *outcome_;
  strategy_ = &strategy;
  cpus[0] = Cpu{};
  bodies_[0] = body;
  Running& context = contexts[0];
  context = Running{};
  context.clock = all;
  context.clock.set(0, static_cast<std::int16_t>(all.of(0) + 1));
  cpus[0].tasks = 1;
  start(fibers_[0], fiber_main);
  switch_to_cpu(0);
  now = nullptr;
  outcome.accesses = accesses;
  outcome.switches = switches;
}

void Core::run_body(std::uint8_t context) noexcept { bodies_[context].run(bodies_[context].self, context); }

void Core::jump_to(std::uint8_t fiber) noexcept {
  const std::uint8_t from = fiber_;
  Running* const here = now;
  fiber_ = fiber;
  own_stack_ = reinterpret_cast<std::uintptr_t>(fibers_[fiber].stack);
  ++outcome_->switches;
  jump(fibers_[from], fibers_[fiber]);
  fiber_ = from;
  own_stack_ = reinterpret_cast<std::uintptr_t>(fibers_[from].stack);
  now = here;
}

std::uint8_t Core::runnable_cpu() const noexcept {
  for (std::uint8_t cpu = 0; cpu < cpu_count_; ++cpu) {
    if (has_work(cpus[cpu])) return cpu;
  }
  return kNoCall;
}

void Core::switch_to_cpu(std::uint8_t cpu) noexcept {
  Cpu& target = cpus[cpu];
  if (target.running == kNoCall && target.top == kNoCall && target.tasks != 0) {
    target.running = target.top = static_cast<std::uint8_t>(std::countr_zero(target.tasks));
  }
  if (target.running != kNoCall) {
    if (target.running != fiber_) jump_to(target.running);
    return;
  }
  const auto idle_fiber = static_cast<std::uint8_t>(kMaxContexts + cpu);
  if (target.top == kNoCall) {  // Its handlers have not begun: a fresh fiber for them.
    Fiber& fiber = fibers_[idle_fiber];
    start(fiber, fiber_main);
  }
  if (idle_fiber != fiber_) jump_to(idle_fiber);
}

void Core::switch_to_task(std::uint8_t task) noexcept {
  Cpu& cpu = cpus[now->cpu];
  cpu.running = cpu.top = task;
  jump_to(task);
}

/// An idle CPU takes the interrupts that the schedule did not place, in program order.
void Core::idle(std::uint8_t cpu) noexcept {
  while (cpus[cpu].pending != 0) deliver(static_cast<std::uint8_t>(std::countr_zero(cpus[cpu].pending)));
}

void Core::deliver(std::uint8_t handler) noexcept {
  Running* const interrupted = now;
  Running& context = contexts[handler];
  Cpu& cpu = cpus[context.cpu];
  const Cpu before = cpu;
  // NOLINTNEXTLINE(clang-analyzer-core.BitwiseShift): is_possible() has seen a pending handler of that level.
  cpu.pending = static_cast<std::uint16_t>(cpu.pending & ~(1U << handler));
  cpu.top = handler;
  now = &context;
  if (observer != nullptr) observer->on_handler(handler, true);
  run_body(handler);
  if (observer != nullptr) observer->on_handler(handler, false);
  context.finished = true;
  cpu.top = before.top;
  cpu.irq_off = before.irq_off;
  cpu.bh_off = before.bh_off;
  cpu.preempt_off = before.preempt_off;
  now = interrupted;
}

model::Situation Core::situation() const noexcept {
  const Cpu& cpu = cpus[now->cpu];
  return {now->level, cpu.irq_off != 0, cpu.bh_off != 0, cpu.preempt_off != 0};
}

std::uint8_t Core::next_pending(const Cpu& cpu, model::Level level) const noexcept {
  for (unsigned left = cpu.pending; left != 0; left &= left - 1) {
    const auto handler = static_cast<std::uint8_t>(std::countr_zero(left));
    if (contexts[handler].level == level) return handler;
  }
  return kNoCall;
}

/// Whether the decision is possible here.
bool Core::is_possible(Decision decision) const noexcept {
  using Kind = Decision::Kind;
  const auto within = [&](unsigned set) {
    return decision.argument < 16 && (set >> decision.argument & 1U) != 0;
  };
  switch (decision.kind) {
    case Kind::kGoOn:
      return true;
    case Kind::kSpurious:
      return now->weak;
    case Kind::kCpu:
      return can_run(decision.argument);
    case Kind::kTask:
      return within(preempting_tasks());
    case Kind::kInterrupt:
      return within(deliverable_levels());
    case Kind::kMigrate:
      return can_migrate(decision.argument);
  }
  return false;
}

void Core::carry_out(Decision decision, const Point& point) noexcept {
  if (outcome_->departure_count == kMaxDepartures || point.access > kMaxAccess) return;
  outcome_->departures[outcome_->departure_count++] = {point.call, static_cast<std::uint16_t>(point.access),
                                                       decision};
  if (observer != nullptr) [[unlikely]] {
    observer->on_departure(static_cast<std::uint8_t>(decision.kind), decision.argument);
  }
  using Kind = Decision::Kind;
  switch (decision.kind) {
    case Kind::kGoOn:
      break;
    case Kind::kCpu:
      switch_to_cpu(decision.argument);
      break;
    case Kind::kTask:
      switch_to_task(decision.argument);
      break;
    case Kind::kInterrupt:
      deliver(next_pending(cpus[now->cpu], static_cast<model::Level>(decision.argument)));
      break;
    case Kind::kMigrate:
      migrate(decision.argument);
      break;
    case Kind::kSpurious:
      now->spurious = true;
      break;
  }
}

void Core::migrate(std::uint8_t cpu) noexcept {
  Cpu& from = cpus[now->cpu];
  Cpu& to = cpus[cpu];
  from.tasks = static_cast<std::uint16_t>(from.tasks & ~(1U << now->index));
  from.running = from.top = kNoCall;
  to.tasks = static_cast<std::uint16_t>(to.tasks | 1U << now->index);
  to.running = to.top = now->index;
  now->cpu = cpu;
  if (migrated != nullptr) migrated(now->index, cpu);
}

void Core::ask() noexcept {
  Running& me = *now;
  do {
    const Point point{me.call, me.index, me.access};
    const Choice choice = strategy_->choose(point);
    me.ask_at = choice.ask_at;
    if (choice.decision.kind == Decision::Kind::kGoOn) continue;
    if (is_possible(choice.decision)) {
      carry_out(choice.decision, point);
    } else {
      ++outcome_->unmatched;
    }
  } while (me.ask_at == me.access);
}

void Core::stop_hard() noexcept {
  const Running& me = *now;
  if (me.bound != 0 && me.access - me.bound_from > me.bound) {
    fail({.clause = model::Clause::N3,
          .reason = "the call has taken more atomic steps than the target declares for it",
          .seen = me.access - me.bound_from,
          .permitted = me.bound});
  }
  give_up("the run has taken more than 30000 atomic steps");
}

void Core::slow_point() noexcept {
  const Running& me = *now;
  if (me.access >= me.hard_stop) [[unlikely]]
    stop_hard();
  if (me.access == me.ask_at) ask();
  set_stop();
}

/// Calls of others that are under way are not counted yet; a lane holds kMaxSteps of one context in any case.
std::uint32_t Core::steps_left() const noexcept { return kMaxSteps - std::min(steps_before_, kMaxSteps); }

void Core::begin_steps(std::uint32_t bound, bool may_not_sleep) noexcept {
  Running& me = *now;
  me.bound = bound;
  me.bound_from = 0;
  const std::uint32_t left = steps_left();
  me.hard_stop = (bound != 0 ? std::min(bound, left) : left) + 1;
  me.may_not_sleep = may_not_sleep;
  me.inner = false;
  me.conflict = false;
  me.spurious = false;
  me.touched = 0;
  me.call_began = writes;
  in_call = static_cast<std::uint16_t>(in_call | 1U << me.index);
  set_stop();
}

void Core::begin_call(std::uint8_t call, std::uint32_t bound, bool may_not_sleep) noexcept {
  Running& me = *now;
  me.call = call;
  me.access = 0;
  me.ask_at = strategy_->first(call);
  if (me.ask_at == 0) ask();
  begin_steps(bound, may_not_sleep);
}

void Core::begin_aside(std::uint32_t bound) noexcept {
  now->call = kNoCall;
  now->access = 0;
  now->ask_at = 0;
  begin_steps(bound, false);
}

void Core::end_call() noexcept {
  steps_before_ += now->access;
  in_call = static_cast<std::uint16_t>(in_call & ~(1U << now->index));
}

void Core::fail(const Violation& violation) noexcept {
  outcome_->kind = Outcome::Kind::kViolation;
  outcome_->violation = violation;
  outcome_->violation.call = now->call;
  outcome_->violation.context = now->index;
  steps_before_ += now->access;
  jump_to(kCaller);
}

void Core::give_up(const char* limit) noexcept {
  outcome_->kind = Outcome::Kind::kInconclusive;
  outcome_->limit = limit;
  steps_before_ += now->access;
  jump_to(kCaller);
}

void Core::wait_for(const labyrinth_machine_spinlock& lock) noexcept {
  // Follow who waits for whom, from CPU to CPU: what runs on top of a CPU keeps everything below it from
  // going on. Who was seen to spin may find its lock given back meanwhile: then it can go on.
  const auto holder = static_cast<std::uint8_t>(lock.holder);
  const labyrinth_machine_spinlock* wanted = &lock;
  for (std::uint8_t hops = 0; wanted->holder < context_count_ && hops <= kMaxCpus; ++hops) {
    const Running& waited_for = contexts[wanted->holder];
    if (waited_for.finished || waited_for.cpu == now->cpu) break;
    const std::uint8_t top = cpus[waited_for.cpu].top;
    wanted = top == kNoCall ? nullptr : contexts[top].waits_on;
    if (wanted == nullptr || wanted->held == 0) {
      now->waits_on = &lock;
      switch_to_cpu(contexts[holder].cpu);
      now->waits_on = nullptr;
      return;
    }
  }
  fail({.clause = model::Clause::N1,
        .other = holder,
        .reason = "spins on a lock that is never given back: its holder was interrupted by the waiter, waits "
                  "for it, or "
                  "has ended"});
}

}  // namespace labyrinth::machine
