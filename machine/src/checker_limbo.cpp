// X6 of a void that is unmapped: who may unmap and map what, and what becomes of blocks in limbo.
//
// Which frames are mapped is seen, not guessed: a block whose free has been answered is in limbo while they
// are. Once a call has unmapped it, it is free at some instant of that call: at the latest at its answer.
#include <bit>

#include "checker.hpp"

namespace labyrinth::machine {

using model::Block;
using model::Clause;
using model::Frames;
using model::Pfn;
using model::Status;

namespace {

[[nodiscard]] Violation broken_at(Clause clause, const char* reason, Pfn pfn) noexcept {
  return {.clause = clause, .reason = reason, .seen = static_cast<std::int64_t>(pfn.value)};
}

/// Whether `holds(pfn)` for every frame of the block.
template <class Holds>
[[nodiscard]] bool every_frame(const Block& block, Holds holds) noexcept {
  const auto count = static_cast<std::uint64_t>(block.order.frames().count);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!holds(Pfn{block.pfn.value + i})) return false;
  }
  return true;
}

}  // namespace

/// From here on, and for any of these that is in progress, somebody else may have a block of limbo in hand.
void Checker::meet_drains(Open& mine) noexcept {
  mine.limbo_before = limbo_.born();
  if (!mine.drains) return;
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    Open& other = open_[static_cast<std::size_t>(std::countr_zero(left))];
    if (other.drains && &other != &mine) mine.alone = other.alone = false;
  }
}

/// E2: what was in limbo at the call, and has not been given to anyone since.
Frames Checker::limbo_of(const Open& open) const noexcept {
  Frames sum{};
  for (const Limbo::Entry& entry : limbo_.entries()) {
    if (entry.born <= open.limbo_before) sum += entry.block.order.frames();
  }
  return sum;
}

void Checker::begin_drain(std::uint8_t context, const model::Drain& drain) noexcept {
  if (alone_ != kNoCall) begin_among_others();
  begin_period();
  ++call_numbers_[context];
  Open& mine = open_[context];
  mine.begin();
  mine.drain = drain;
  mine.drains = model::may_sleep(drain.situation);
  meet_drains(mine);
  in_progress_ |= std::uint32_t{1} << context;
}

Violation Checker::end_drain(std::uint8_t context, Status status, std::uint64_t drained) noexcept {
  Open& mine = open_[context];
  end(context);
  model::DrainEvidence seen{.unmapped = mine.unmapped, .alone = mine.alone};
  for (const Limbo::Entry& entry : limbo_.entries()) {
    if (entry.born <= mine.limbo_before && entry.leaving == kNoCall) ++seen.left;
  }
  const Clause broken = model::judge_drain(mine.drain, status, drained, seen);
  if (broken == Clause::C1) {
    return {.clause = broken,
            .reason = "a drain, which may sleep, was refused or not refused against its context"};
  }
  if (broken != Clause::kNone) {
    return {
        .clause = broken,
        .reason = "a drain did not unmap what it says, or left a block in limbo; blocks unmapped, and left",
        .seen = static_cast<std::int64_t>(seen.unmapped),
        .permitted = static_cast<std::int64_t>(seen.left)};
  }
  free_unmapped(context);
  return judge_joint_floor(context);
}

Violation Checker::unmap(std::uint8_t context, Pfn pfn, Frames frames) noexcept {
  const auto count = static_cast<std::uint64_t>(frames.count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Pfn frame{pfn.value + i};
    if (!limbo_.covers(frame)) {
      return broken_at(Clause::X6, "unmaps a frame of no void that is unmapped; frame", frame);
    }
    if (owned(frame))
      return broken_at(Clause::X5, "unmaps a frame while it belongs to its owner; frame", frame);
    if (limbo_.mapping(frame) == Limbo::Mapping::kNone) {
      return broken_at(Clause::X6, "unmaps a frame that is unmapped already; frame", frame);
    }
    limbo_.set(frame, Limbo::Mapping::kNone, {context, call_numbers_[context]});
  }
  ++open_[context].unmapped;
  for (Limbo::Entry& entry : limbo_.entries()) {
    if (entry.leaving != kNoCall || !unmapped(entry.block)) continue;
    entry.leaving = context;
    const std::uint8_t pool = pool_of(entry.block);
    counts_[pool].freed_in_period += entry.block.order.frames();
    note_available(pool);
  }
  return {};
}

Violation Checker::remap(std::uint8_t context, Pfn pfn, Frames frames) noexcept {
  const auto count = static_cast<std::uint64_t>(frames.count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Pfn frame{pfn.value + i};
    if (!limbo_.covers(frame)) {
      return broken_at(Clause::X6, "maps a frame of no void that is unmapped; frame", frame);
    }
    if (limbo_.mapping(frame) != Limbo::Mapping::kNone) {
      return broken_at(Clause::X6, "maps a frame that was not unmapped after its last owner; frame", frame);
    }
    limbo_.set(frame, Limbo::Mapping::kFresh, {context, call_numbers_[context]});
  }
  return {};
}

bool Checker::reachable(Pfn pfn) const noexcept {
  return !limbo_.covers(pfn) || limbo_.mapping(pfn) != Limbo::Mapping::kNone;
}

bool Checker::unmapped(const Block& block) const noexcept {
  return every_frame(block, [this](Pfn pfn) { return !reachable(pfn); });
}

/// The block was answered to an allocation and is live.
Violation Checker::receive(const Block& block) noexcept {
  if (!limbo_.covers(block.pfn)) return {};
  Violation broken{};
  const bool is_owned = owned(block.pfn);
  static_cast<void>(every_frame(block, [&](Pfn pfn) {
    const Limbo::Mapping mapping = limbo_.mapping(pfn);
    if (mapping == Limbo::Mapping::kFresh) {
      limbo_.set(pfn, Limbo::Mapping::kUsed, limbo_.changed_by(pfn));
      return true;
    }
    // A stale free of it in progress, the caller's own bug, may have unmapped it already.
    if (!is_owned) return true;
    broken =
        broken_at(Clause::X6,
                  mapping == Limbo::Mapping::kNone
                      ? "an exclusive block was given out that is not mapped; frame"
                      : "an exclusive block was given out that was not unmapped after its last owner; frame",
                  pfn);
    return false;
  }));
  return broken;
}

/// The block is nobody's any more, and its frames are counted nowhere: they are in limbo if they are still
/// mapped as its owner had them. Otherwise they have been unmapped, and may have been mapped again for
/// somebody who has not been answered yet.
void Checker::retire(const Block& block, std::uint8_t context) noexcept {
  if (!limbo_.covers(block.pfn)) return count_free(block);
  if (every_frame(block, [this](Pfn pfn) { return limbo_.mapping(pfn) == Limbo::Mapping::kUsed; })) {
    return enter_limbo(block);
  }
  const std::uint8_t unmapper = unmapping(block);
  if (unmapper == kNoCall || unmapper == context) return count_free(block);
  limbo_.add(block, unmapper);
  note_available(pool_of(block));
}

/// The context whose call in progress has unmapped the block, or kNoCall.
std::uint8_t Checker::unmapping(const Block& block) const noexcept {
  if (!unmapped(block)) return kNoCall;
  const Limbo::By by = limbo_.changed_by(block.pfn);
  const bool goes_on = (in_progress_ >> by.context & 1U) != 0 && call_numbers_[by.context] == by.call;
  return goes_on ? by.context : kNoCall;
}

void Checker::enter_limbo(const Block& block) noexcept {
  counts_[pool_of(block)].freed_in_period -= block.order.frames();
  limbo_.add(block, kNoCall);
}

/// What the context's call has unmapped is free, and counted by it.
void Checker::free_unmapped(std::uint8_t context) noexcept {
  Open& mine = open_[context];
  if (mine.uncounted.count != 0) counts_[mine.uncounted_in].owed -= mine.uncounted;
  mine.uncounted = {};
  for (std::size_t i = limbo_.entries().size(); i-- > 0;) {
    if (limbo_.entries()[i].leaving == context) leave(i);
  }
}

void Checker::leave(std::size_t entry) noexcept {
  const Block block = limbo_.entries()[entry].block;
  limbo_.remove(entry);
  count_free(block);
}

/// Before the block is placed. X6: what is in limbo is nobody's until it has been unmapped.
Violation Checker::take_from_limbo(const Block& block) noexcept {
  for (std::size_t i = limbo_.entries().size(); i-- > 0;) {
    const Limbo::Entry entry = limbo_.entries()[i];
    if (!meet(entry.block, block)) continue;
    if (entry.leaving == kNoCall) {
      return broken_at(Clause::X6, "a block was given out that is in limbo and has not been unmapped; frame",
                       block.pfn);
    }
    // Free for anybody, but who has freed it may not have counted it yet.
    Open& unmapper = open_[entry.leaving];
    unmapper.uncounted_in = pool_of(entry.block);
    unmapper.uncounted += entry.block.order.frames();
    counts_[unmapper.uncounted_in].owed += entry.block.order.frames();
    leave(i);
  }
  return {};
}

/// A block that was freed before its allocation was answered, which is now: counted as free so far. It is in
/// limbo if it is mapped as that call has mapped it.
void Checker::retire_early(const Block& block, std::uint8_t context) noexcept {
  if (!limbo_.covers(block.pfn)) return;
  const Limbo::By me{context, call_numbers_[context]};
  const bool is_mine = every_frame(block, [&](Pfn pfn) {
    return limbo_.mapping(pfn) == Limbo::Mapping::kFresh && limbo_.changed_by(pfn) == me;
  });
  const std::uint8_t unmapper = unmapping(block);
  const bool leaves = unmapper != kNoCall && unmapper != context && state_.free(block) && !meets_limbo(block);
  if (!is_mine && !leaves) return;
  counts_[pool_of(block)].free -= block.order.frames();
  if (is_mine) return enter_limbo(block);
  limbo_.add(block, unmapper);
}

bool Checker::meets_limbo(const Block& block) const noexcept {
  for (const Limbo::Entry& entry : limbo_.entries()) {
    if (meet(entry.block, block)) return true;
  }
  return false;
}

}  // namespace labyrinth::machine
