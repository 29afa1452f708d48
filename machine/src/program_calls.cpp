// The calls of a program that give and take blocks: what they ask the target, and what of the answer is
// whose.
#include <algorithm>
#include <bit>

#include "access.hpp"
#include "labyrinth/machine/capabilities.hpp"
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

bool Program::offers(const Call& call) const noexcept {
  if (leaves_out(call, target_->can)) return false;
  if (call.op == Op::kBulk) return target_->alloc_bulk != nullptr;
  return call.op != Op::kExact || target_->alloc_exact != nullptr;
}

bool Program::makes_sense(const model::Request& request) const noexcept {
  const model::Memory& memory = prepared_->memory;
  return model::sensible(
      memory, request, model::open_pools(memory, request.gfp, 1U << core.now->cpu, request.situation.level));
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

/// Nobody else has taken a step, so what was set apart at the call and still is was so throughout.
void Program::judge_set_apart(const Given& given) noexcept {
  for (const Block& block : given.span()) {
    const std::uint64_t word = (block.pfn.value >> 5) - (geometry_.first_pfn >> 5);
    if ((set_apart_[word / 64] >> (word % 64) & 1U) == 0 || !is_set_apart(block.pfn.value)) continue;
    core.fail({.clause = Clause::E4,
               .reason = "a plain request was given what is set apart for high-order atomic ones; frame",
               .seen = static_cast<std::int64_t>(block.pfn.value)});
  }
}

bool Program::is_set_apart(std::uint64_t pfn) const noexcept {
  Running* const now = core.now;  // Asking is no step of the call.
  core.now = nullptr;
  const bool result = target_->is_set_apart(self_, pfn) != 0;
  core.now = now;
  return result;
}

void Program::look_at_set_apart(const Call& call) noexcept {
  looked_ = target_->is_set_apart != nullptr && checker_.is_idle() && geometry_.frames() <= kSmallFrames &&
            !model::draws_on_highatomic({call.gfp}, model::Pass::kMin);
  if (!looked_) return;
  std::uint64_t first = geometry_.first_pfn;
  std::uint64_t word = 0;
  set_apart_.fill(0);
  for (const ZoneShape& zone : geometry_.zones) {
    const std::uint64_t end = first + zone.frames;
    for (std::uint64_t pfn = first; zone.highatomic != 0 && pfn < end; pfn = (pfn | 31U) + 1) {
      word = (pfn >> 5) - (geometry_.first_pfn >> 5);
      if (is_set_apart(pfn)) set_apart_[word / 64] |= std::uint64_t{1} << (word % 64);
    }
    first = end;
  }
}

void Program::object(const Violation& broken) noexcept {
  if (checker_.history() != nullptr) checker_.history()->object();
  core.fail(broken);
}

void Program::allocate(std::uint8_t index, Call call) noexcept {
  const Gfp gfp = narrow(Gfp{call.gfp}, target_->can);
  call.gfp = gfp.bits;
  const std::uint8_t context = core.now->index;
  core.begin_call(index, declared_steps(call, call.order), !gfp.has(model::kDirectReclaim));
  Given& given = given_[index];
  const model::Request request = request_of(call);
  const bool checks = (target_->can & LABYRINTH_TARGET_CAN_CHECK_REQUESTS) != 0;
  if (!offers(call) || (!checks && !makes_sense(request))) return skip(index);
  outcome_->results[index].state = CallResult::State::kInProgress;
  if (core.observer != nullptr) core.observer->on_call(index);
  const std::uint8_t mark = cache_.mark();
  asked_[context] = {};
  woke_[context] = false;
  stuck_[context] = 0;
  if (checker_.has_highatomic()) look_at_set_apart(call);
  checker_.begin_allocation(context, request, 1U << core.now->cpu);
  note_instant();
  const labyrinth_target_answer answer = call_target(call, given);
  const bool shows_bulk =
      core.observer != nullptr && call.op == Op::kBulk && answer.status == LABYRINTH_TARGET_OK;
  for (std::size_t i = 0; shows_bulk && i < given.count; ++i)
    core.observer->on_given(index, given.blocks[i].pfn.value);
  answered(index, static_cast<std::uint8_t>(answer.status), answer.pfn, answer.wake != 0);
  if (answer.status > LABYRINTH_TARGET_BAD_CONTEXT) {
    core.fail(
        {.clause = Clause::X2, .reason = "an answer that does not exist; status", .seen = answer.status});
  }
  const auto status = static_cast<Status>(answer.status);
  const model::Answer judged{status, answer.wake != 0, {answer.pfn}};
  look_back(context);
  const Violation broken = checker_.end_allocation(context, judged, core.now->conflict, given.span());
  note_answer(context, status, given.span());
  if (broken.clause != Clause::kNone) object(broken);
  judge_sleeping_side(request, judged, mark);
  if (status != Status::kOk) return;
  if (checker_.has_highatomic() && looked_ && !core.now->conflict) judge_set_apart(given);
  for (std::size_t i = 0; i < given.count; ++i) {
    if (!checker_.placed(i)) continue;
    const Block& block = given.blocks[i];
    use_content(block);
    if (watches_content_) find_content(block, gfp);
    owner_[block.pfn.value - geometry_.first_pfn] = index;
  }
  // Only now: a frame of a bulk that somebody freed without right can have been found a second time.
  for (std::size_t i = 0; i < given.count && watches_content_; ++i) {
    if (checker_.placed(i)) leave_content(given.blocks[i]);
  }
  answered_at_[index] = core.now->clock;
}

void Program::free(std::uint8_t index, const Call& call) noexcept {
  const bool by_handle = call.handle != kNoHandle;
  const bool as_given = by_handle && call.order == kOrderOfHandle && call.pfn == 0;
  const Call* const allocation = by_handle ? &trace_->call_storage[call.handle] : nullptr;
  // The bound is that of the order said; a handle's is known before its block is.
  Order order = call.order == kOrderOfHandle ? Order{} : Order{call.order};
  const bool of_one = by_handle && (allocation->op == Op::kAlloc || allocation->op == Op::kLive);
  if (of_one && call.order == kOrderOfHandle) order = {allocation->order};
  const bool several = as_given && !of_one;
  core.begin_call(index, several ? steps_of_frees(*allocation) : declared_steps(call, order.value),
                  !unmaps());
  Block block{{call.pfn}, order};
  if (by_handle) {
    look_at(call.handle);
    const CallResult& got = outcome_->results[call.handle];
    if (!gave(call.handle)) return skip(index);
    block.pfn = {got.pfn + call.pfn};
  }
  if ((target_->can & LABYRINTH_TARGET_CAN_CHECK_FREES) == 0) {
    if (!as_given) return skip(index);
    // Who comes first frees it, and nobody after that: the order of two frees of one block matters.
    if ((handed_over_ >> call.handle & 1U) != 0) core.meet(call.handle, true);
    taken_away_ |= std::uint64_t{1} << call.handle;
  }
  outcome_->results[index].state = CallResult::State::kInProgress;
  if (core.observer != nullptr) core.observer->on_call(index);
  const auto blocks = several ? given_[call.handle].span() : std::span<const Block>(&block, 1);
  // One after another, as their owner would free them.
  for (const Block& each : blocks) {
    const Status status = free_block(each, core.now->index);
    const Violation broken = checker_.end_free(core.now->index, status);
    note_answer(core.now->index, status, {&each, 1});
    const bool last = &each == &blocks.back() || broken.clause != Clause::kNone;
    if (last) answered(index, static_cast<std::uint8_t>(status), block.pfn.value, false);
    if (broken.clause != Clause::kNone) object(broken);
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
