// The trap flag, breakpoints, and what the machine is told at a stop.
#include "step_stepper.hpp"

#include <sys/mman.h>
#include <sys/time.h>

#include <cstring>
#include <unordered_map>

#include "core.hpp"
#include "heap.hpp"
#include "program.hpp"

namespace labyrinth::step {
namespace {

using machine::core;

constexpr greg_t kTrapFlag = 0x100;
constexpr unsigned kIdleTicks = 3;  // of processor time, a second each, in one run

Stepper* present = nullptr;

// The instruction that follows POPFQ is the first one, or the last one, to trap.
[[gnu::always_inline]] inline void set_trap_flag() noexcept {
  asm volatile("lea -128(%%rsp), %%rsp; pushfq; orq $0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" ::
                   : "memory", "cc");
}
[[gnu::always_inline]] inline void clear_trap_flag() noexcept {
  asm volatile("lea -128(%%rsp), %%rsp; pushfq; andq $~0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" ::
                   : "memory", "cc");
}

[[nodiscard]] std::uintptr_t counter(const mcontext_t& machine) noexcept {
  return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
}
[[nodiscard]] std::uintptr_t stack_pointer(const mcontext_t& machine) noexcept {
  return static_cast<std::uintptr_t>(machine.gregs[REG_RSP]);
}

void trap_next(mcontext_t& machine, bool traps) noexcept {
  if (traps) {
    machine.gregs[REG_EFL] |= kTrapFlag;
  } else {
    machine.gregs[REG_EFL] &= ~kTrapFlag;
  }
}

/// All that the target can write: its own state, its mapper's, its objects'.
[[nodiscard]] std::span<const std::byte> state_of_target() noexcept {
  const std::size_t begin = machine::program.state().first;
  return {core.shadow.arena() + begin, machine::heap_mark().used - begin};
}

void handle(int signal, void (*handler)(int, siginfo_t*, void*)) noexcept {
  struct sigaction action{};
  action.sa_sigaction = handler;
  // Handlers nest: within one the machine runs a call, which is stepped through, too; and it may leave for
  // good.
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
  sigaction(signal, &action, nullptr);
}

constexpr std::array<int, 4> kCrashes = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};

}  // namespace

Stepper::Stepper(const Text& text) : text_(text) {
  recorded_.reserve(kMostInstructions);
  touches_.reserve(kMostInstructions);
  for (auto& bytes : before_) bytes.reserve(std::size_t{64} << 10);
  present = this;
  handle(SIGTRAP, on_trap);
  for (const int signal : kCrashes) handle(signal, on_crash);
  handle(SIGVTALRM, on_tick);
  const itimerval each_second{{1, 0}, {1, 0}};
  setitimer(ITIMER_VIRTUAL, &each_second, nullptr);
}

Stepper::~Stepper() {
  const itimerval never{};
  setitimer(ITIMER_VIRTUAL, &never, nullptr);
  for (const int mine : kCrashes) signal(mine, SIG_DFL);
  signal(SIGTRAP, SIG_DFL);
  signal(SIGVTALRM, SIG_IGN);
  present = nullptr;
}

void Stepper::begin_run() noexcept {
  missed_ = false;
  ended_at_ = 0;
  instructions_.fill(0);
}

void Stepper::end_run() noexcept {
  clear_trap_flag();
  guard(false);
  breakpoint_.remove();
  for (; depth_ != 0; --depth_) instructions_[frames_[depth_ - 1].call] = frames_[depth_ - 1].instructions;
  runs_ = runs_ + 1;
}

void Stepper::on_handler(std::uint8_t context, bool begins) {
  const std::uint16_t interrupted = core.in_call;
  if (interrupted == 0) return;
  const auto now = state_of_target();
  auto& before = before_[context];
  if (begins) before.assign(now.begin(), now.end());
  const bool disturbed =
      !begins && (before.size() != now.size() || std::memcmp(before.data(), now.data(), now.size()) != 0);
  machine::Running& handler = core.contexts[context];
  for (unsigned left = interrupted; left != 0; left &= left - 1) {
    machine::Running& other = core.contexts[static_cast<std::size_t>(std::countr_zero(left))];
    other.conflict = other.conflict || disturbed;
    // No access is seen, so what orders the two is not, either: M1 is not judged here, and all is taken as
    // ordered.
    (begins ? handler : other).clock.join((begins ? other : handler).clock);
  }
}

void Stepper::on_call(std::uint8_t call) {
  const Plan& plan = plans_[call];
  if (plan.way == Plan::Way::kNative || depth_ == kMostFrames) return;
  core.lift_bound();  // The bound is one of atomic steps, and instructions are counted.
  Frame& frame = frames_[depth_++];
  frame = {.call = call, .plan = plan};
  if (plan.way == Plan::Way::kStop) {
    frame.mode = Mode::kToStop;
    breakpoint_.set(plan.at.address);
    return;
  }
  recorded_.clear();
  touches_.clear();
  entries_ = 0;
  frame.mode = Mode::kStepping;
  set_trap_flag();
}

void Stepper::on_answer(std::uint8_t call) {
  if (depth_ == 0 || frames_[depth_ - 1].call != call) return;
  clear_trap_flag();
  breakpoint_.remove();
  const Frame& frame = frames_[--depth_];
  instructions_[call] = frame.instructions;
  missed_ = missed_ || frame.mode == Mode::kToStop;
}

void Stepper::on_trap(int /*signal*/, siginfo_t* info, void* context) noexcept {
  Stepper& self = *present;
  mcontext_t& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
  if (info->si_code != TRAP_TRACE) {
    const std::uintptr_t address = counter(machine) - 1;
    if (self.depth_ == 0 || !self.breakpoint_.is_at(address)) {  // Nobody's here.
      signal(SIGTRAP, SIG_DFL);
      raise(SIGTRAP);
    }
    machine.gregs[REG_RIP] = static_cast<greg_t>(address);
    self.breakpoint_.remove();
    self.broke(self.frames_[self.depth_ - 1], machine);
  } else if (self.depth_ == 0) {
    trap_next(machine, false);
  } else {
    self.stepped(self.frames_[self.depth_ - 1], machine);
  }
}

void Stepper::broke(Frame& frame, mcontext_t& machine) noexcept {
  if (frame.mode == Mode::kToReturn) {
    frame.mode = Mode::kStepping;
    count(frame, machine);
    trap_next(machine, true);
    return;
  }
  // What the machine asks the target on its own account (is_set_apart) is no part of the call.
  if (!core.active() || ++frame.hits < frame.plan.at.occurrence) {
    frame.mode = Mode::kPastStop;
    trap_next(machine, true);
    return;
  }
  frame.mode = Mode::kNative;
  deliver(frame, counter(machine));
  if (frame.plan.counts) {
    frame.instructions = frame.plan.at.number;
    frame.inside = true;
    frame.stack = stack_pointer(machine);
    frame.mode = Mode::kStepping;
  }
  trap_next(machine, frame.plan.counts);
}

void Stepper::stepped(Frame& frame, mcontext_t& machine) noexcept {
  if (frame.mode == Mode::kPastStop) {
    frame.mode = Mode::kToStop;
    breakpoint_.set(frame.plan.at.address);
    trap_next(machine, false);
    return;
  }
  if (frame.mode != Mode::kStepping) {
    trap_next(machine, false);
    return;
  }
  if (text_.has(counter(machine)) && core.active()) {
    entries_ += frame.inside ? 0 : 1;
    count(frame, machine);
    trap_next(machine, true);
  } else if (frame.inside) {
    leave(frame, machine);
  } else {
    trap_next(machine, true);
  }
}

/// The last instruction led out of the library.
void Stepper::leave(Frame& frame, mcontext_t& machine) noexcept {
  guard(false);
  frame.inside = false;
  if (frame.plan.way == Plan::Way::kRecord) touches_.back() = 1;
  // A call leaves where it returns to on top of the stack, which has not become smaller.
  const std::uintptr_t top = stack_pointer(machine);
  std::uintptr_t return_to = 0;
  std::memcpy(&return_to, reinterpret_cast<const void*>(top), sizeof return_to);
  if (top <= frame.stack && text_.has(return_to)) {
    frame.mode = Mode::kToReturn;
    breakpoint_.set(return_to);
    trap_next(machine, false);
    return;
  }
  const bool is_over = frame.plan.way != Plan::Way::kRecord && frame.plan.enters_once;
  if (is_over) frame.mode = Mode::kNative;
  trap_next(machine, !is_over);
}

void Stepper::count(Frame& frame, const mcontext_t& machine) noexcept {
  frame.inside = true;
  frame.stack = stack_pointer(machine);
  if (++frame.instructions > kMostInstructions) {
    ended_at_ = counter(machine);
    guard(false);
    core.give_up("the call has taken more than 20000 instructions");
  }
  if (frame.plan.way != Plan::Way::kRecord) return;
  recorded_.push_back(counter(machine));
  touches_.push_back(0);
  guard(true);
}

void Stepper::guard(bool on) noexcept {
  if (guarded_ == on) return;
  guarded_ = on;
  mprotect(core.shadow.arena(), machine::kArenaBytes, on ? PROT_NONE : PROT_READ | PROT_WRITE);
}

/// An instruction that is recorded wants the target's memory: it may, and the next one may not.
bool Stepper::let_through(std::uintptr_t address) noexcept {
  if (!guarded_ || !core.shadow.in_arena(address)) return false;
  guard(false);
  touches_.back() = 1;
  return true;
}

std::vector<Stop> Stepper::recorded() const {
  std::vector<Stop> stops;
  stops.reserve(recorded_.size());
  std::unordered_map<std::uintptr_t, std::uint32_t> occurrences;
  for (std::size_t i = 0; i < recorded_.size(); ++i) {
    stops.push_back({.address = recorded_[i],
                     .occurrence = ++occurrences[recorded_[i]],
                     .number = static_cast<std::uint32_t>(i + 1),
                     .distinct = i == 0 || touches_[i - 1] != 0});
  }
  return stops;
}

void Stepper::deliver(const Frame& frame, std::uintptr_t address) noexcept {
  machine::Running& me = *core.now;
  me.access = frame.plan.at.number - 1;
  me.stop_at = frame.plan.at.number;
  core.point(
      {.address = address, .bytes = 0, .may_write = true, .site = static_cast<std::uint32_t>(address)});
}

void Stepper::on_crash(int signal, siginfo_t* info, void* context) noexcept {
  Stepper& self = *present;
  if (signal == SIGSEGV && self.let_through(reinterpret_cast<std::uintptr_t>(info->si_addr))) return;
  const mcontext_t& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
  if (!core.active() || !self.text_.has(counter(machine))) {
    ::signal(signal, SIG_DFL);
    return;  // Again, and for good.
  }
  self.ended_at_ = counter(machine);
  self.guard(false);
  core.fail({.clause = model::Clause::N2,
             .reason = "the call does not return: it crashes; signal",
             .seen = signal});
}

void Stepper::on_tick(int /*signal*/, siginfo_t* /*info*/, void* context) noexcept {
  Stepper& self = *present;
  const mcontext_t& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
  self.idle_ticks_ = self.runs_ == self.runs_at_tick_ ? self.idle_ticks_ + 1 : 0;
  self.runs_at_tick_ = self.runs_;
  if (self.idle_ticks_ < kIdleTicks || !core.active() || !self.text_.has(counter(machine))) return;
  self.ended_at_ = counter(machine);
  self.idle_ticks_ = 0;
  self.guard(false);
  core.fail({.clause = model::Clause::N2,
             .reason = "the call does not return, although nobody else runs; seconds of processor time",
             .seen = kIdleTicks,
             .permitted = 0});
}

}  // namespace labyrinth::step
