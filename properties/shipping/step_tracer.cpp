// The trap flag, breakpoints, and which of them comes next.
#include "step_tracer.hpp"

#include <cstring>
#include <unordered_map>
#include <utility>

namespace labyrinth::step {
namespace {

constexpr greg_t kTrapFlag = 0x100;

Tracer* tracing = nullptr;

// The instruction that follows POPFQ is the first one, or the last one, to trap.
[[gnu::always_inline]] inline void set_trap_flag() noexcept {
  asm volatile("lea -128(%%rsp), %%rsp; pushfq; orq $0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" ::
                   : "memory", "cc");
}
[[gnu::always_inline]] inline void clear_trap_flag() noexcept {
  asm volatile("lea -128(%%rsp), %%rsp; pushfq; andq $~0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" ::
                   : "memory", "cc");
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

}  // namespace

Tracer::Tracer(Traced& traced, std::vector<Text> code) : traced_(traced), code_(std::move(code)) {
  recorded_.reserve(kMostInstructions);
  touches_.reserve(kMostInstructions);
  tracing = this;
  struct sigaction action{};
  action.sa_sigaction = on_trap;
  // Handlers nest: within one a call may be made that is traced, too; and it may leave for good.
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART;
  sigaction(SIGTRAP, &action, nullptr);
}

Tracer::~Tracer() {
  signal(SIGTRAP, SIG_DFL);
  tracing = nullptr;
}

bool Tracer::has(std::uintptr_t address) const noexcept {
  for (const Text& part : code_) {
    if (part.has(address)) return true;
  }
  return false;
}

void Tracer::begin_run() noexcept {
  missed_ = false;
  instructions_.fill(0);
}

void Tracer::end_run() noexcept {
  clear_trap_flag();
  breakpoint_.remove();
  for (; depth_ != 0; --depth_) instructions_[frames_[depth_ - 1].call] = frames_[depth_ - 1].instructions;
}

void Tracer::begin(std::uint8_t call, const Plan& plan) noexcept {
  if (plan.way == Plan::Way::kNative || depth_ == kMostFrames) return;
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

void Tracer::end(std::uint8_t call) noexcept {
  if (depth_ == 0 || frames_[depth_ - 1].call != call) return;
  clear_trap_flag();
  breakpoint_.remove();
  const Frame& frame = frames_[--depth_];
  instructions_[call] = frame.instructions;
  missed_ = missed_ || frame.mode == Mode::kToStop;
}

void Tracer::on_trap(int /*signal*/, siginfo_t* info, void* context) noexcept {
  Tracer& self = *tracing;
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

void Tracer::broke(Frame& frame, mcontext_t& machine) noexcept {
  if (frame.mode == Mode::kToReturn) {
    frame.mode = Mode::kStepping;
    count(frame, machine);
    trap_next(machine, true);
    return;
  }
  // What the machine asks the target on its own account (is_set_apart) is no part of the call.
  if (!traced_.is_of_call() || ++frame.hits < frame.plan.at.occurrence) {
    frame.mode = Mode::kPastStop;
    trap_next(machine, true);
    return;
  }
  frame.mode = Mode::kNative;
  traced_.deliver(frame.plan.at, counter(machine));
  if (frame.plan.counts) {
    frame.instructions = frame.plan.at.number;
    frame.inside = true;
    frame.stack = stack_pointer(machine);
    frame.mode = Mode::kStepping;
  }
  trap_next(machine, frame.plan.counts);
}

void Tracer::stepped(Frame& frame, mcontext_t& machine) noexcept {
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
  if (has(counter(machine)) && traced_.is_of_call()) {
    entries_ += frame.inside ? 0 : 1;
    count(frame, machine);
    trap_next(machine, true);
  } else if (frame.inside) {
    leave(frame, machine);
  } else {
    trap_next(machine, true);
  }
}

/// The last instruction led out of the code.
void Tracer::leave(Frame& frame, mcontext_t& machine) noexcept {
  traced_.watch(false);
  frame.inside = false;
  if (frame.plan.way == Plan::Way::kRecord) touched();
  // A call leaves where it returns to on top of the stack, which has not become smaller.
  const std::uintptr_t top = stack_pointer(machine);
  std::uintptr_t return_to = 0;
  std::memcpy(&return_to, reinterpret_cast<const void*>(top), sizeof return_to);
  if (top <= frame.stack && has(return_to)) {
    frame.mode = Mode::kToReturn;
    breakpoint_.set(return_to);
    trap_next(machine, false);
    return;
  }
  const bool is_over = frame.plan.way != Plan::Way::kRecord && frame.plan.enters_once;
  if (is_over) frame.mode = Mode::kNative;
  trap_next(machine, !is_over);
}

void Tracer::count(Frame& frame, const mcontext_t& machine) noexcept {
  frame.inside = true;
  frame.stack = stack_pointer(machine);
  if (++frame.instructions > kMostInstructions) {
    traced_.too_long(counter(machine));
  }
  if (frame.plan.way != Plan::Way::kRecord) return;
  recorded_.push_back(counter(machine));
  touches_.push_back(0);
  traced_.watch(true);
}

std::vector<Stop> Tracer::recorded() const {
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

}  // namespace labyrinth::step
