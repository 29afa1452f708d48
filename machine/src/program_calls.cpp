// The calls of a program that give and take blocks: what they ask the target, and what of the answer is
// whose.
#include <bit>

#include "access.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "program.hpp"

namespace labyrinth::machine {

using model::Block;
using model::Clause;
using model::Gfp;
using model::Order;
using model::Pfn;
using model::Status;

namespace {

/// The order of the smallest block with so many frames; an order that no machine has for none.
[[nodiscard]] Order order_for(std::uint64_t frames) noexcept {
  if (frames == 0) return {kMaxSaidOrder};
  return {static_cast<std::uint8_t>(std::bit_width(frames - 1))};
}

}  // namespace

model::Request Program::request_of(const Call& call) const noexcept {
  model::Request request{{call.gfp}, {call.order}, core.situation()};
  if (call.op == Op::kBulk) request.count = static_cast<std::uint32_t>(call.pfn);
  if (call.op == Op::kExact) {
    request.order = order_for(call.pfn);
    request.gives_back = !std::has_single_bit(call.pfn);
  }
  return request;
}

bool Program::offers(Op op) const noexcept {
  if (op == Op::kBulk) return target_->alloc_bulk != nullptr;
  return op != Op::kExact || target_->alloc_exact != nullptr;
}

labyrinth_target_answer Program::call_target(const Call& call, Given& given) noexcept {
  labyrinth_target_answer answer{};
  given.count = 0;
  if (call.op == Op::kBulk) {
    std::array<std::uint64_t, kMaxSaidCount> pfns{};
    const auto count = static_cast<std::uint32_t>(call.pfn);
    target_->alloc_bulk(self_, call.gfp, count, pfns.data(), &answer);
    answer.pfn = pfns[0];
    for (std::uint32_t i = 0; i < count && i < given.blocks.size(); ++i)
      given.blocks[given.count++] = {{pfns[i]}, {0}};
  } else if (call.op == Op::kExact) {
    target_->alloc_exact(self_, call.gfp, call.pfn, &answer);
    std::uint64_t pfn = answer.pfn;
    for (std::uint64_t left = call.pfn; left != 0; left &= ~std::bit_floor(left)) {
      const Order order{static_cast<std::uint8_t>(std::bit_width(left) - 1)};
      given.blocks[given.count++] = {{pfn}, order};
      pfn += std::bit_floor(left);
    }
  } else {
    target_->alloc(self_, call.gfp, call.order, &answer);
    given.blocks[given.count++] = {{answer.pfn}, {call.order}};
  }
  return answer;
}

void Program::allocate(std::uint8_t index, const Call& call) noexcept {
  const Gfp gfp{call.gfp};
  const std::uint8_t context = core.now->index;
  core.begin_call(index, declared_steps(call, call.order), !gfp.has(model::kDirectReclaim));
  Given& given = given_[index];
  if (!offers(call.op)) {
    core.end_call();
    outcome_->results[index].state = CallResult::State::kSkipped;
    return;
  }
  outcome_->results[index].state = CallResult::State::kInProgress;
  if (core.observer != nullptr) core.observer->on_call(index);
  checker_.begin_allocation(context, request_of(call), 1U << core.now->cpu);
  const labyrinth_target_answer answer = call_target(call, given);
  answered(index, static_cast<std::uint8_t>(answer.status), answer.pfn, answer.wake != 0);
  if (answer.status > LABYRINTH_TARGET_BAD_CONTEXT) {
    core.fail(
        {.clause = Clause::X2, .reason = "an answer that does not exist; status", .seen = answer.status});
  }
  const auto status = static_cast<Status>(answer.status);
  const Violation broken = checker_.end_allocation(context, {status, answer.wake != 0, {answer.pfn}},
                                                   core.now->conflict, given.span());
  if (broken.clause != Clause::kNone) core.fail(broken);
  if (status != Status::kOk) return;
  for (std::size_t i = 0; i < given.count; ++i) {
    if (!checker_.placed(i)) continue;
    const Block& block = given.blocks[i];
    use_content(block);
    if (watches_content_) receive_content(block, gfp);
    owner_[block.pfn.value - geometry_.first_pfn] = index;
  }
  answered_at_[index] = core.now->clock;
}

void Program::free(std::uint8_t index, const Call& call) noexcept {
  const bool by_handle = call.handle != kNoHandle;
  const bool as_given = by_handle && call.order == kOrderOfHandle && call.pfn == 0;
  const Call* const allocation = by_handle ? &trace_->call_storage[call.handle] : nullptr;
  // The bound is that of the order said; a handle's is known before its block is.
  Order order = call.order == kOrderOfHandle ? Order{} : Order{call.order};
  if (by_handle && call.order == kOrderOfHandle && allocation->op == Op::kAlloc) order = {allocation->order};
  const bool several = as_given && allocation->op != Op::kAlloc;
  core.begin_call(index, several ? steps_of_frees(*allocation) : declared_steps(call, order.value),
                  !unmaps());
  Block block{{call.pfn}, order};
  if (by_handle) {
    const CallResult& got = outcome_->results[call.handle];
    if (got.state != CallResult::State::kAnswered || got.status != LABYRINTH_TARGET_OK) {
      core.end_call();
      outcome_->results[index].state = CallResult::State::kSkipped;
      return;
    }
    block.pfn = {got.pfn + call.pfn};
  }
  outcome_->results[index].state = CallResult::State::kInProgress;
  if (core.observer != nullptr) core.observer->on_call(index);
  const auto blocks = several ? given_[call.handle].span() : std::span<const Block>(&block, 1);
  // One after another, as their owner would free them.
  for (const Block& each : blocks) {
    const Status status = free_block(each);
    const Violation broken = checker_.end_free(core.now->index, status);
    const bool last = &each == &blocks.back() || broken.clause != Clause::kNone;
    if (last) answered(index, static_cast<std::uint8_t>(status), block.pfn.value, false);
    if (broken.clause != Clause::kNone) core.fail(broken);
    if (status == Status::kOk && watches_content_) lose_owner(each);
  }
}

std::uint32_t Program::steps_of_frees(const Call& allocation) noexcept {
  const Call free{.op = Op::kFree};
  const auto count = static_cast<std::uint32_t>(allocation.pfn);
  if (allocation.op == Op::kBulk) return count * declared_steps(free, 0);
  std::uint32_t steps = 0;
  for (std::uint32_t left = count; left != 0; left &= ~std::bit_floor(left)) {
    const std::uint32_t one = declared_steps(free, static_cast<std::uint32_t>(std::bit_width(left)) - 1);
    if (one == 0) return 0;
    steps += one;
  }
  return steps;
}

}  // namespace labyrinth::machine
