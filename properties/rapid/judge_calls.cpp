// N1, N3, N4, E3, C1: what calls may do where they are made, whatever the memory looks like.
#include "judge.hpp"
#include "labyrinth/machine/target.h"

namespace labyrinth::properties {
namespace {

using machine::CallResult;
using machine::Op;
using model::Status;

/// E3: whether anybody else did anything at all during a call.
class Conflicts final : public Judge {
 public:
  void on_access(const machine::AccessRecord&) override { stir(machine::where().context); }
  void on_call(std::uint8_t) override {
    const std::uint8_t context = machine::where().context;
    stir(context);
    stirred_[context] = false;
  }
  void on_answer(std::uint8_t index) override {
    const std::uint8_t context = machine::where().context;
    stir(context);
    if (machine::allocates(call(index).op) && status(index) == Status::kContended && !stirred_[context])
      object({index, "contended, although no other context did anything during the call", 1, 0});
    if (call(index).op == Op::kFree && status(index) == Status::kContended)
      object({index, "a free is never contended", 1, 0});
  }

 private:
  void reset() noexcept override { stirred_.fill(false); }
  void stir(std::uint8_t by) noexcept {
    for (std::size_t i = 0; i < stirred_.size(); ++i) stirred_[i] = stirred_[i] || i != by;
  }
  std::array<bool, machine::kMaxContexts> stirred_{};
};

/// C1 and N1: depths of masks, counted as a kernel counts them. They are the context's own: what is masked is
/// not preempted, and a handler may not sleep anyway.
class Sleepers final : public Judge {
 public:
  void on_call(std::uint8_t) override {
    const machine::Where here = machine::where();
    may_sleep_[here.context] =
        trace().context_storage[here.context].level == model::Level::kTask && !masked(here.context);
  }

  void on_answer(std::uint8_t index) override {
    const machine::Where here = machine::where();
    const machine::Call& made = call(index);
    count_mask(made.op, here.context);
    if (made.op == Op::kMapAtomic && status(index) == Status::kOk) ++masks_[here.context][2];
    if (made.op == Op::kUnmapAtomic && status(index) == Status::kOk) lower(masks_[here.context][2]);
    const bool sleeps = can_sleep(made);
    const bool here_it_may = may_sleep_[here.context];
    const Status answer = status(index);
    if (sleeps && !here_it_may && answer != Status::kBadContext && answer != Status::kBadArgument)
      object({index, "a call that may sleep was answered where nobody may; answer",
              static_cast<std::int64_t>(answer), static_cast<std::int64_t>(Status::kBadContext)});
    if ((!sleeps || here_it_may) && answer == Status::kBadContext)
      object({index, "a call that may be made here was refused with bad_context", 0, 0});
    if (result(index).slept && (!sleeps || !here_it_may))
      object({index, "a call that may not sleep did", 1, 0});
  }

 private:
  void reset() noexcept override {
    masks_.fill({});
    may_sleep_.fill(false);
  }
  [[nodiscard]] bool masked(std::uint8_t context) const noexcept {
    return masks_[context][0] + masks_[context][1] + masks_[context][2] != 0;
  }
  static void lower(std::uint8_t& depth) noexcept {
    depth = depth == 0 ? depth : static_cast<std::uint8_t>(depth - 1);
  }
  void count_mask(Op op, std::uint8_t context) noexcept {
    if (op < Op::kIrqDisable || op > Op::kPreemptEnable) return;
    const auto place = static_cast<std::size_t>(op) - static_cast<std::size_t>(Op::kIrqDisable);
    std::uint8_t& depth = masks_[context][place / 2];
    if (place % 2 == 0) {
      ++depth;
    } else {
      lower(depth);
    }
  }

  std::array<std::array<std::uint8_t, 3>, machine::kMaxContexts> masks_{};
  std::array<bool, machine::kMaxContexts> may_sleep_{};
};

/// N3 and N4: every call comes back, within its bound; no handler is turned away for being one.
class Returns final : public Judge {
 public:
  void on_answer(std::uint8_t index) override {
    // What frees a bulk or an exact allocation as a whole is several calls of the target.
    const bool several = call(index).op == Op::kFree && call(index).handle != machine::kNoHandle &&
                         call(call(index).handle).op != Op::kAlloc;
    const std::uint32_t bound = several ? 0 : machine().declared_steps(trace(), index);
    if (bound != 0 && !result(index).slept && result(index).accesses > bound)
      object({index, "a call took more steps than declared; steps", result(index).accesses, bound});
    if (!can_sleep(call(index)) && status(index) == Status::kBadContext)
      object({index, "a call that cannot sleep was refused for where it was made", 0, 0});
  }

  void finish(const machine::Outcome& outcome) noexcept override {
    for (std::uint8_t i = 0; i < trace().call_count; ++i) {
      const CallResult::State state = outcome.results[i].state;
      if (state == CallResult::State::kInProgress || state == CallResult::State::kNotReached)
        object({i, "the run is over, and a call has not been answered", 0, 0});
    }
  }
};

}  // namespace

bool can_sleep(const machine::Call& call) noexcept {
  return (call.gfp & LABYRINTH_TARGET_DIRECT_RECLAIM) != 0 || call.op == Op::kMap || call.op == Op::kDrain ||
         call.op == Op::kBalance;
}

std::unique_ptr<Judge> judge_conflicts() { return std::make_unique<Conflicts>(); }
std::unique_ptr<Judge> judge_sleepers() { return std::make_unique<Sleepers>(); }
std::unique_ptr<Judge> judge_returns() { return std::make_unique<Returns>(); }

}  // namespace labyrinth::properties
