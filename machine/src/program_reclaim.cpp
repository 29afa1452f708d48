// The sleeping side of a program: the machine's shrinker and the reclaimer, and requests that wait.
#include <algorithm>
#include <utility>

#include "labyrinth/model/reclaim.hpp"
#include "program.hpp"

namespace labyrinth::machine {

using model::Block;
using model::Clause;
using model::Frames;
using model::Status;

/// N1; from here on nothing is declared for the call.
void Program::may_sleep_here(const char* reason) noexcept {
  if (core.now->may_not_sleep || !model::may_sleep(core.situation())) {
    core.fail({.clause = Clause::N1, .reason = reason});
  }
  if (trace_ != nullptr && core.now->call != kNoCall) outcome_->results[core.now->call].slept = true;
  core.lift_bound();
}

/// Whether the block that the call got is still its owner's, and no free of it is under way.
bool Program::still_owned(const Block& block, std::uint8_t call) noexcept {
  return checker_.state().is_block(block) && owner_[block.pfn.value - geometry_.first_pfn] == call &&
         checker_.owned(block.pfn);
}

/// A free of the machine's own within the present call; its frames, if it was carried out.
Frames Program::free_within(const Block& block) noexcept {
  if (core.observer != nullptr) core.observer->on_free_within(block.pfn.value, block.order.value);
  const Core::Inner outer = core.begin_inner(declared_steps({.op = Op::kFree}, block.order.value), !unmaps());
  const std::uint8_t slot = here();
  const Status status = free_block(block, slot);
  core.end_inner(outer);
  const Violation broken = checker_.end_free(slot, status);
  note_answer(slot, status, {&block, 1});
  if (broken.clause != Clause::kNone) core.fail(broken);
  if (status == Status::kOk && watches_content_) lose_owner(block);
  return status == Status::kOk ? block.order.frames() : Frames{};
}

void Program::cache(std::uint8_t index, const Call& call) noexcept {
  core.begin_call(index, 0, false);
  look_at(call.handle);
  core.meet(Observer::kSleepingSide, true);
  std::uint64_t blocks = 0;
  const auto given = given_[call.handle].span();
  if (gave(call.handle)) {
    for (std::size_t i = 0; i < given.size(); ++i) {
      blocks |= std::uint64_t{still_owned(given[i], call.handle)} << i;
    }
  }
  if (blocks == 0) {
    core.end_call();
    outcome_->results[index].state = CallResult::State::kSkipped;
    return;
  }
  taken_away_ |= std::uint64_t{1} << call.handle;
  cache_.add(call.handle, blocks);
  answered(index, 0, 0, false);
}

std::uint64_t Program::shrink(std::uint64_t wanted) noexcept {
  may_sleep_here("calls a shrinker where sleeping is not permitted");
  core.meet(Observer::kSleepingSide, true);
  const std::uint8_t context = core.now->index;
  Frames& asked = asked_[context];
  constexpr std::uint64_t kAll = std::uint64_t{1} << 40;
  asked += {static_cast<std::int64_t>(std::min(wanted, kAll))};
  std::uint64_t given = 0;
  while (given < wanted) {
    const auto entry = cache_.pop();
    if (!entry) break;
    const Block block = given_[entry->call].blocks[entry->block];
    if (!still_owned(block, entry->call)) continue;  // A wild free has hit it.
    given += static_cast<std::uint64_t>(free_within(block).count);
  }
  if (given != 0) checker_.begin_again(context);
  return given;
}

void Program::wake() noexcept {
  woke_[core.now->index] = true;
  core.wake();
}

/// With nobody left who could free anything, the machine does what a kernel does: it takes away what one of
/// the contexts has. Who waits again when nothing was left to take waits for good.
/// Whether the present call is a request that is never refused.
bool Program::waits_for_frames() const noexcept {
  const std::uint8_t call = core.now->call;
  return call < trace_->call_count && allocates(trace_->call_storage[call].op) &&
         model::Gfp{trace_->call_storage[call].gfp}.has(model::kNofail);
}

void Program::wait() noexcept {
  may_sleep_here("waits where sleeping is not permitted");
  const std::uint8_t context = core.now->index;
  const std::uint8_t in_vain = std::exchange(stuck_[context], std::uint8_t{0});
  if (core.wait_for_others() || take_away()) return;
  core.now->up_to_date = true;  // However long values take to be seen, the wait is longer.
  // What waits for another thing than frames may meet another that waits: it tries again a few times.
  constexpr std::uint8_t kTries = 16;
  if (in_vain >= (waits_for_frames() ? 1 : kTries)) {
    core.fail({.clause = Clause::E2,
               .reason = "a request that cannot fail waits, although nobody else has anything; free frames",
               .seen = checker_.free_frames().count});
  }
  stuck_[context] = static_cast<std::uint8_t>(in_vain + 1);
}

/// Frees what the first context has that has anything; false if none has.
bool Program::take_away() noexcept {
  if (trace_ == nullptr) return false;
  for (std::uint8_t i = 0; i <= trace_->context_count; ++i) {
    // What lives from the start is of no context: nobody's, once all others have nothing left.
    const bool last = i == trace_->context_count;
    const Context has = last ? Context{.calls = prepared_->live_count} : trace_->context_storage[i];
    bool freed = false;
    for (unsigned k = 0; k < has.calls; ++k) {
      const auto call = static_cast<std::uint8_t>(has.first_call + k);
      if (!gave(call)) continue;
      for (const Block& block : given_[call].span()) {
        if (!still_owned(block, call)) continue;
        freed = free_within(block) != Frames{} || freed;
      }
      taken_away_ |= std::uint64_t{1} << call;
    }
    if (freed) return true;
  }
  return false;
}

/// The blocks in the shrinker's reach since the mark, by the pools that they are in.
model::Reclaimed Program::reclaimed(std::uint8_t mark) noexcept {
  model::Reclaimed seen{.asked = asked_[core.now->index]};
  cache_.each_since(mark, [&](Cache::Entry entry) {
    const Block block = given_[entry.call].blocks[entry.block];
    if (!still_owned(block, entry.call)) return;
    const auto pool = prepared_->memory.pool_of(block.pfn, block.order);
    if (pool) seen.unasked |= model::PoolSet{1} << *pool;
  });
  return seen;
}

/// What a request may be refused for that has a sleeping side to turn to, and whom it woke.
void Program::judge_sleeping_side(const model::Request& request, const model::Answer& answer,
                                  std::uint8_t mark) noexcept {
  if (target_->balance == nullptr) return;
  const std::uint8_t context = core.now->index;
  if (answer.wake != woke_[context]) {
    core.fail({.clause = Clause::C3,
               .reason = answer.wake ? "answers that background reclaim was woken, and has woken nobody"
                                     : "has woken background reclaim and does not say so"});
  }
  if (!request.gfp.has(model::kDirectReclaim) || mark == 0) return;  // Or the model asks for nothing.
  const model::PoolSet open = checker_.open_pools(context);
  const model::Reclaimed seen = reclaimed(mark);
  const Clause broken = model::judge_reclaim(request, answer.status, open, seen);
  if (broken == Clause::kNone) return;
  core.fail({.clause = broken,
             .reason = "refused, although shrinkers hold frames that they were not asked for; asked for",
             .seen = seen.asked.count,
             .permitted = request.need().count});
}

void Program::balance(std::uint8_t index, bool sleeps_first) noexcept {
  CallResult& result = outcome_->results[index];
  if (target_->balance == nullptr) {
    result.state = CallResult::State::kSkipped;
    return;
  }
  if (sleeps_first && model::may_sleep(core.situation())) core.sleep_until_woken();
  core.begin_call(index, 0, false);
  const std::uint8_t context = core.now->index;
  result.state = CallResult::State::kInProgress;
  if (core.observer != nullptr) core.observer->on_call(index);
  asked_[context] = {};
  const std::uint8_t mark = cache_.mark();
  const model::Situation situation = core.situation();
  checker_.begin_balance(context, situation);
  labyrinth_target_answer answer{};
  target_->balance(self_, &answer);
  answered(index, static_cast<std::uint8_t>(answer.status), 0, false);
  look_back(context);
  const Violation broken =
      checker_.end_balance(context, static_cast<Status>(answer.status), core.now->conflict, reclaimed(mark));
  if (broken.clause != Clause::kNone) core.fail(broken);
}

}  // namespace labyrinth::machine
