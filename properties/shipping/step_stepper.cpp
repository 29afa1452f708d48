// What the machine is told at a stop, the memory that is watched, and calls that do not return.
#include "step_stepper.hpp"

#include <sys/mman.h>
#include <sys/time.h>

#include <cstring>

#include "core.hpp"
#include "heap.hpp"
#include "program.hpp"

namespace labyrinth::step {
namespace {

using machine::core;

constexpr unsigned kIdleTicks = 3;  // of processor time, a second each, in one run

Stepper* present = nullptr;

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

Stepper::Stepper(const Text& text) : tracer_(*this, {text}) {
  for (auto& bytes : before_) bytes.reserve(std::size_t{64} << 10);
  present = this;
  for (const int signal : kCrashes) handle(signal, on_crash);
  handle(SIGVTALRM, on_tick);
  const itimerval each_second{{1, 0}, {1, 0}};
  setitimer(ITIMER_VIRTUAL, &each_second, nullptr);
}

Stepper::~Stepper() {
  const itimerval never{};
  setitimer(ITIMER_VIRTUAL, &never, nullptr);
  for (const int mine : kCrashes) signal(mine, SIG_DFL);
  signal(SIGVTALRM, SIG_IGN);
  present = nullptr;
}

void Stepper::begin_run() noexcept {
  ended_at_ = 0;
  tracer_.begin_run();
}

void Stepper::end_run() noexcept {
  guard(false);
  tracer_.end_run();
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
  if (plans_[call].way == Plan::Way::kNative) return;
  core.lift_bound();  // The bound is one of atomic steps, and instructions are counted.
  tracer_.begin(call, plans_[call]);
}

bool Stepper::is_of_call() noexcept { return core.active(); }

void Stepper::too_long(std::uintptr_t address) noexcept {
  ended_at_ = address;
  guard(false);
  core.give_up("the call has taken more than 20000 instructions");
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
  tracer_.touched();
  return true;
}

void Stepper::deliver(const Stop& at, std::uintptr_t address) noexcept {
  machine::Running& me = *core.now;
  me.access = at.number - 1;
  me.stop_at = at.number;
  core.point(
      {.address = address, .bytes = 0, .may_write = true, .site = static_cast<std::uint32_t>(address)});
}

void Stepper::on_crash(int signal, siginfo_t* info, void* context) noexcept {
  Stepper& self = *present;
  if (signal == SIGSEGV && self.let_through(reinterpret_cast<std::uintptr_t>(info->si_addr))) return;
  const mcontext_t& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
  if (!core.active() || !self.tracer_.has(counter(machine))) {
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
  if (self.idle_ticks_ < kIdleTicks || !core.active() || !self.tracer_.has(counter(machine))) return;
  self.ended_at_ = counter(machine);
  self.idle_ticks_ = 0;
  self.guard(false);
  core.fail({.clause = model::Clause::N2,
             .reason = "the call does not return, although nobody else runs; seconds of processor time",
             .seen = kIdleTicks,
             .permitted = 0});
}

}  // namespace labyrinth::step
