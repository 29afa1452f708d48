// A call's beginning and end, and the ends that a run can come to in the middle of one.
#include <algorithm>

#include "core.hpp"
#include "lock_words.hpp"

namespace labyrinth::machine {

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
  me.older = 0;
  me.missed = 0;
  me.up_to_date = false;
  me.pending.bytes = 0;
  if (rc11) me.clock_began = me.clock;
  me.touched = 0;
  me.call_began = writes;
  in_call = static_cast<std::uint16_t>(in_call | 1U << me.index);
  set_stop();
}

/// Calls of a plain target come one after another, whoever makes them.
void Core::order_calls() noexcept {
  Running& me = *now;
  me.clock.join(last_call_);
  me.clock.advance(me.index);
  last_call_ = me.clock;
}

void Core::begin_call(std::uint8_t call, std::uint32_t bound, bool may_not_sleep) noexcept {
  Running& me = *now;
  me.call = call;
  me.access = 0;
  me.ask_at = strategy_->first(call);
  if (me.ask_at == 0) ask({});
  if (plain) order_calls();
  begin_steps(bound, may_not_sleep);
}

void Core::begin_aside(std::uint32_t bound) noexcept {
  now->call = kNoCall;
  now->access = 0;
  now->ask_at = 0;
  begin_steps(bound, false);
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

void Core::wait_for(const std::uint32_t& lock) noexcept {
  // Follow who waits for whom, from CPU to CPU: what runs on top of a CPU keeps everything below it from
  // going on. Who was seen to spin may find its lock given back meanwhile: then it can go on.
  const std::uint32_t holder = holder_of(lock);
  const std::uint32_t* wanted = &lock;
  for (std::uint8_t hops = 0; holder_of(*wanted) < context_count_ && hops <= kMaxCpus; ++hops) {
    const Running& waited_for = contexts[holder_of(*wanted)];
    if (waited_for.finished || waited_for.cpu == now->cpu) break;
    const std::uint8_t top = cpus[waited_for.cpu].top;
    wanted = top == kNoCall ? nullptr : contexts[top].waits_on;
    if (wanted == nullptr || *wanted == 0) {
      now->waits_on = &lock;
      switch_to_cpu(contexts[holder].cpu);
      now->waits_on = nullptr;
      return;
    }
  }
  fail({.clause = model::Clause::N1,
        .other = static_cast<std::uint8_t>(holder),
        .reason = "spins on a lock that is never given back: its holder was interrupted by the waiter, waits "
                  "for it, or "
                  "has ended"});
}

}  // namespace labyrinth::machine
