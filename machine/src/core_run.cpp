// A run from beginning to end: stacks, fibers, contexts.
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "core.hpp"
#include "labyrinth/machine/machine.h"
#include "modification_orders.hpp"

namespace labyrinth::machine {

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
    if (own.irq_off + own.bh_off + own.preempt_off != 0) core.tell_mask();
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

void Core::run(std::span<const Body> bodies, std::uint8_t cpu_count, MemoryModel memory, Strategy& strategy,
               Outcome& outcome) noexcept {
  if (fibers_[0].stack == nullptr) {
    std::byte* stacks = map_stacks(kMaxContexts + kMaxCpus);
    for (std::size_t i = 0; i < kMaxContexts + kMaxCpus; ++i) {
      fibers_[i].stack = stacks + i * (kStackBytes + 4096) + 4096;
    }
  }
  rc11 = memory == MemoryModel::kRc11;
  if (rc11) modification_orders.begin_run();
  strategy_ = &strategy;
  outcome_ = &outcome;
  cpu_count_ = cpu_count;
  context_count_ = static_cast<std::uint8_t>(bodies.size());
  steps_before_ = 0;
  writes = 0;
  in_call = 0;
  has_sleepers_ = false;
  wakes_ = last_call_ = Clock{};
  std::fill_n(cpus.begin(), cpu_count, Cpu{});
  std::fill_n(lanes_.begin(), cpu_count, std::array<Clock, model::kLevels>{});
  std::uint8_t index = 0;
  for (const Body& body : bodies) {
    bodies_[index] = body;
    Running& context = contexts[index];
    std::construct_at(&context);
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
  rc11 = false;  // Who comes after everything sees the last values, which memory holds.
  const MeetingCounters::Pause no_meetings(meetings);
  const std::uint32_t accesses = outcome_->accesses;
  const std::uint32_t switches = outcome_->switches;
  Outcome& outcome = *outcome_;
  strategy_ = &strategy;
  cpus[0] = Cpu{};
  bodies_[0] = body;
  Running& context = contexts[0];
  std::construct_at(&context);
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

}  // namespace labyrinth::machine
