// Calls of a program: who hands what to whom, and what is judged when.
#include "program.hpp"

#include <algorithm>

#include "access.hpp"
#include "coverage.hpp"
#include "labyrinth/machine/machine.h"

namespace labyrinth::machine {

constinit Program program{};

using model::Block;
using model::Clause;
using model::Gfp;
using model::Order;
using model::Pfn;
using model::Status;

void Program::run(const Trace& trace, Strategy& strategy, bool drains, Outcome& outcome) noexcept {
  outcome.kind = Outcome::Kind::kClean;
  outcome.accesses = outcome.switches = 0;
  outcome.unmatched = outcome.departure_count = 0;
  outcome.violation = Violation{};
  std::fill_n(outcome.results.begin(), trace.call_count, CallResult{});
  outcome_ = &outcome;
  trace_ = &trace;
  const bool prepared = prepare(trace);
  if (prepared_->refused != nullptr) {
    outcome.kind = Outcome::Kind::kInconclusive;
    outcome.limit = prepared_->refused;
    return;
  }
  if (!prepared) {
    outcome.kind = Outcome::Kind::kRefused;
    outcome.limit = self_ == nullptr ? "the target does not accept this machine"
                                     : "the target cannot be brought to the blocks that live from the start";
    return;
  }
  checker_.refusals_are_untold((target_->can & LABYRINTH_TARGET_CAN_TELL_WHY) == 0);
  checker_.begin_run(prepared_->memory, prepared_->live(), prepared_->created);
  if (checker_.history() != nullptr) checker_.history()->look_at(trace.calls());
  if (serves_objects()) {
    object_checker_.begin_run({{geometry_.objects.frames}, {geometry_.objects.min}, {geometry_.max_order}},
                              prepared_->objects_batch);
  }
  begin_mappings();
  frames.begin_run();
  cache_.begin_run();
  taken_away_ = 0;
  watches_content_ = false;
  for (const Call& call : trace.calls()) {
    watches_content_ = watches_content_ || (call.gfp & (model::kZero | model::kExclusive).bits) != 0;
  }
  if (prepared_->live_count != 0) begin_live();
  forget_thread_locals();
  static std::array<Body, kMaxContexts> bodies;  // Cleared each time, they cost as much as a call.
  handed_over_ = 0;
  for (std::uint8_t i = 0; i < trace.context_count; ++i) {
    const Context& context = trace.context_storage[i];
    for (unsigned k = context.first_call; k < context.first_call + std::uint32_t{context.calls}; ++k) {
      const std::uint8_t handle = trace.call_storage[k].handle;
      const bool of_other = handle != kNoHandle &&
                            (handle < context.first_call || handle >= context.first_call + context.calls);
      if (of_other) handed_over_ |= std::uint64_t{1} << handle;
    }
    bodies[i] = {context.level, context.cpu, nullptr, this, context.reclaimer};
    const bool left_out =
        context.level == model::Level::kNmi && (target_->can & LABYRINTH_TARGET_CAN_NMI) == 0;
    if (context.calls == 0 || left_out) continue;
    bodies[i].run = [](void* self, std::uint8_t index) { static_cast<Program*>(self)->run_context(index); };
  }
  const MemoryModel memory = is_plain() ? MemoryModel::kSc : trace.memory;
  if (memory == MemoryModel::kRc11) checker_.note_instant(0);
  if (is_plain()) known_[present_].plain.begin_run();
  core.run({bodies.data(), trace.context_count}, geometry_.cpus, memory, strategy, outcome);
  if (checker_.history() != nullptr) checker_.history()->end_program();
  if (drains && outcome.kind == Outcome::Kind::kClean) {
    GoOn alone;
    Observer* const observer = core.observer;
    core.observer = nullptr;
    core.run_alone({model::Level::kTask, 0,
                    [](void* self, std::uint8_t) { static_cast<Program*>(self)->drain(); }, this},
                   alone);
    core.observer = observer;
  }
  core.shadow.rollback();
  frames.rollback();
  if (is_plain())
    known_[present_].plain.rollback(prepared_->begin, prepared_->after_create.used, heap_mark().used);
  heap_reset(prepared_->after_create);
  trace_ = nullptr;
}

void Program::run_context(std::uint8_t index) noexcept {
  const Context& context = trace_->context_storage[index];
  for (std::uint8_t i = 0; i < context.calls; ++i) {
    const auto call_index = static_cast<std::uint8_t>(context.first_call + i);
    const Call& call = trace_->call_storage[call_index];
    switch (call.op) {
      case Op::kAlloc:
      case Op::kBulk:
      case Op::kExact:
        allocate(call_index, call);
        break;
      case Op::kFree:
        free(call_index, call);
        break;
      case Op::kDrain:
        drain_limbo(call_index, call);
        break;
      case Op::kCache:
        cache(call_index, call);
        break;
      case Op::kBalance:
        balance(call_index, context.reclaimer);
        break;
      case Op::kKmalloc:
        kmalloc(call_index, call);
        break;
      case Op::kKfree:
        kfree(call_index, call);
        break;
      case Op::kMap:
      case Op::kUnmap:
      case Op::kMapLocal:
      case Op::kUnmapLocal:
      case Op::kMapAtomic:
      case Op::kUnmapAtomic:
      case Op::kPageAddress:
        run_mapping(call_index, call);
        break;
      default:
        core.begin_call(call_index, 0, false);
        set_mask(call.op);
        answered(call_index, 0, 0, false);
        break;
    }
  }
  unwind(index);
}

void Program::answered(std::uint8_t index, std::uint8_t status, std::uint64_t pfn, bool wake) noexcept {
  core.end_call();
  if ((handed_over_ >> index & 1U) != 0) core.meet(index, true);
  CallResult& result = outcome_->results[index];
  result = {CallResult::State::kAnswered, status, wake, result.slept, core.now->access, pfn};
  if (core.observer != nullptr) core.observer->on_answer(index);
}

void Program::set_mask(Op op) noexcept {
  switch (op) {
    case Op::kIrqDisable:
      static_cast<void>(labyrinth_machine_irq_save());
      break;
    case Op::kIrqEnable:
      labyrinth_machine_irq_restore(true);
      break;
    case Op::kBhDisable:
      labyrinth_machine_bh_disable();
      break;
    case Op::kBhEnable:
      labyrinth_machine_bh_enable();
      break;
    case Op::kPreemptDisable:
      labyrinth_machine_preempt_disable();
      break;
    case Op::kPreemptEnable:
      labyrinth_machine_preempt_enable();
      break;
    default:
      break;
  }
}

/// Calls the target's free and returns its answer; begin_call() has been made, end_free() is the caller's.
Status Program::free_block(Block block, std::uint8_t slot) noexcept {
  const bool order_exists = block.order <= model::kMaxOrder;
  if (order_exists && checker_.state().is_block(block)) {
    // Whoever frees a block was handed it by its owner, and that ordered the two.
    core.now->clock.join(answered_at_[owner_[block.pfn.value - geometry_.first_pfn]]);
    use_content(block);
  }
  checker_.begin_free(slot, block.pfn, block.order, order_exists);
  note_instant();
  labyrinth_target_answer answer{};
  target_->free(self_, block.pfn.value, block.order.value, &answer);
  return answer.status > LABYRINTH_TARGET_BAD_CONTEXT ? Status::kBadContext
                                                      : static_cast<Status>(answer.status);
}

}  // namespace labyrinth::machine
