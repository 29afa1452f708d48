// The rules of the online checker; the relation itself is model/relation.hpp's.
#include "checker.hpp"

#include <algorithm>
#include <bit>

namespace labyrinth::machine {

using model::Block;
using model::Clause;
using model::Frames;
using model::Status;

namespace {

[[nodiscard]] Violation freed_nothing(const Block& block) noexcept {
  return {.clause = Clause::X3,
          .reason = "a free of what is no live block was answered ok; frame",
          .seen = static_cast<std::int64_t>(block.pfn.value)};
}

}  // namespace

template <class Visit>
void Checker::each_open(Visit visit) noexcept {
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    visit(open_[static_cast<std::size_t>(std::countr_zero(left))]);
  }
}

void Checker::begin_run(const model::Zone& zone) noexcept {
  zone_ = zone;
  state_.reset(zone.span);
  in_progress_ = 0;
  held_ = owed_ = {};
  freed_count_ = 0;
  taken_count_ = 0;
  early_count_ = 0;
}

void Checker::begin_period() noexcept {
  if (in_progress_ != 0) return;
  taken_count_ = 0;
  available_at_rest_ = available();
  freed_in_period_ = {};
  highest_floor_ = 0;
}

template <class Accepts>
Checker::Open* Checker::free_of(const Block& block, Accepts accepts) noexcept {
  Open* found = nullptr;
  each_open([&](Open& other) {
    if (found == nullptr && other.is_free && other.order_exists && other.block == block && accepts(other)) {
      found = &other;
    }
  });
  return found;
}

/// Frames that no answered allocation still owns, taking every free in progress to have been carried out.
Frames Checker::available() noexcept {
  Frames count = state_.free_frames();
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    const Open& free = open_[static_cast<std::size_t>(std::countr_zero(left))];
    if (!free.is_free || !free.order_exists || !state_.is_block(free.block)) continue;
    if (free_of(free.block, [](const Open& other) { return !other.owed; }) == &free)
      count += free.block.order.frames();
  }
  return count;
}

void Checker::note_available() noexcept {
  const Frames most = available();
  each_open([most](Open& open) { open.most_available = std::max(open.most_available, most); });
}

void Checker::begin_allocation(std::uint8_t context, const model::Request& request) noexcept {
  // A request the machine does not know holds nothing: it must be refused.
  const bool sensible = model::well_formed(request.gfp, request.order, zone_.max_order);
  const Frames need = sensible ? request.order.frames() : Frames{};
  begin_period();
  Open& mine = open_[context];
  mine = Open{};
  mine.request = request;
  mine.need = need;
  mine.least_unheld = state_.free_frames() - held_ - owed_;
  mine.most_available = available();
  mine.freed_before = freed_count_;
  held_ += need;
  const auto hold = [](model::Order by, model::Order of) {
    return by > of ? std::int64_t{1} << (by.value - of.value) : std::int64_t{1};
  };
  each_open([&](Open& other) {
    if (other.is_free) return;
    other.least_unheld = std::min(other.least_unheld, state_.free_frames() - owed_ - (held_ - other.need));
    if (mine.need.count == 0 || other.need.count == 0) return;
    other.holdable += hold(request.order, other.request.order);
    mine.holdable += hold(other.request.order, request.order);
  });
  in_progress_ = static_cast<std::uint16_t>(in_progress_ | 1U << context);
}

void Checker::end(std::uint8_t context) noexcept {
  in_progress_ = static_cast<std::uint16_t>(in_progress_ & ~(1U << context));
}

/// E2: blocks of the call's order that stayed free from its beginning on: free now, and not made free since.
std::int64_t Checker::free_throughout(const Open& open) const noexcept {
  const model::Order order = open.request.order;
  const auto size = static_cast<std::uint64_t>(order.frames().count);
  const std::uint64_t end = zone_.span.first.value + static_cast<std::uint64_t>(zone_.span.frames.count);
  std::int64_t count = 0;
  for (std::uint64_t pfn = (zone_.span.first.value + size - 1) & ~(size - 1); pfn + size <= end;
       pfn += size) {
    bool free = state_.free({{pfn}, order});
    for (std::uint16_t i = open.freed_before; free && i < freed_count_; ++i) {
      const std::uint64_t start = freed_[i].pfn.value;
      const auto frames = static_cast<std::uint64_t>(freed_[i].order.frames().count);
      free = start + frames <= pfn || pfn + size <= start;
    }
    count += free ? 1 : 0;
  }
  return count;
}

void Checker::make_free(const Block& block) noexcept {
  state_.release(block);
  each_open([&block](Open& open) { open.lived = open.lived && !(open.block == block); });
  if (freed_count_ < freed_.size()) freed_[freed_count_++] = block;
}

/// One of the open frees of the block took effect, so one of them has to be answered ok. False if none is
/// left for it.
bool Checker::owe(const Block& block) noexcept {
  Open* const free = free_of(block, [](const Open& other) { return !other.owed; });
  if (free == nullptr) return false;
  free->owed = true;
  owed_ += block.order.frames();
  return true;
}

/// X1: give the answered block its owner. Where it meets a block whose free is in progress, that free took
/// effect; where it meets another, it must itself have been freed again by now.
Violation Checker::place(const Block& block) noexcept {
  const std::uint64_t end = block.pfn.value + static_cast<std::uint64_t>(block.order.frames().count);
  for (const bool displace : {false, true}) {
    if (state_.free(block)) break;
    for (std::uint64_t pfn = block.pfn.value; pfn < end; ++pfn) {
      if (!state_.taken({pfn})) continue;
      const Block met = *state_.block_of({pfn});
      if (displace) {
        static_cast<void>(owe(met));
        make_free(met);
      } else if (free_of(met, [](const Open& other) { return !other.owed; }) == nullptr) {
        if (owe(block)) return {};
        return {.clause = Clause::X1,
                .reason = "the block answered overlaps the live block that starts at frame",
                .seen = static_cast<std::int64_t>(met.pfn.value),
                .permitted = static_cast<std::int64_t>(block.pfn.value)};
      }
    }
  }
  state_.take(block);
  each_open([&block](Open& open) { open.old = open.old || open.block == block; });
  return {};
}

/// X3: a free was answered ok before the allocation of its block was answered. That answer has to come, from
/// one of the allocations that were in progress then.
bool Checker::free_early(const Block& block) noexcept {
  unsigned contexts = 0;
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    const auto context = static_cast<unsigned>(std::countr_zero(left));
    const Open& open = open_[context];
    if (!open.is_free && open.need.count != 0 && open.request.order == block.order) contexts |= 1U << context;
  }
  if (contexts == 0 || early_count_ == early_.size()) return false;
  early_[early_count_++] = {block, static_cast<std::uint16_t>(contexts)};
  return true;
}

/// The context's allocation has been answered. `found`: its block had been freed early.
Violation Checker::settle_early(std::uint8_t context, const Block& given, bool& found) noexcept {
  for (std::uint8_t i = 0; i < early_count_; ++i) {
    Early& early = early_[i];
    if ((early.contexts >> context & 1U) == 0) continue;
    early.contexts = static_cast<std::uint16_t>(early.contexts & ~(1U << context));
    const bool settled = !found && early.block == given;
    if (settled || early.contexts == 0) {
      const Block block = early.block;
      early_[i--] = early_[--early_count_];
      if (!settled) return freed_nothing(block);
      found = true;
    }
  }
  return {};
}

Violation Checker::end_allocation(std::uint8_t context, const model::Answer& answer, bool conflict) noexcept {
  Open& mine = open_[context];
  const Frames need = mine.need;
  end(context);
  held_ -= need;
  model::Evidence seen{.least_unheld = mine.least_unheld,
                       .most_available = mine.most_available,
                       .conflict = conflict,
                       .free_throughout = 0,
                       .holdable = mine.holdable};
  if (answer.status == Status::kFragmented && need.count != 0) seen.free_throughout = free_throughout(mine);
  const Clause broken = model::judge_allocation(zone_, mine.request, answer, seen);
  const Frames floor = model::floor_of(mine.request.gfp, zone_.marks);
  switch (broken) {
    case Clause::kNone:
      break;
    case Clause::X2:
      return {.clause = broken,
              .reason = answer.status == Status::kOk
                            ? "the block answered is misaligned or outside the zone; its frame"
                            : "a request was refused, or served, against its own form; order",
              .seen = answer.status == Status::kOk ? static_cast<std::int64_t>(answer.pfn.value)
                                                   : mine.request.order.value};
    case Clause::E1:
      return {.clause = broken,
              .reason = "frames that could be left after the success, against the caller's floor",
              .seen = (seen.most_available - need).count,
              .permitted = floor.count};
    case Clause::E2:
      if (answer.status == Status::kExhausted) {
        return {.clause = broken,
                .reason =
                    "answered exhausted, but the free frames not held by others never were fewer than needed",
                .seen = seen.least_unheld.count,
                .permitted = (floor + need).count - 1};
      }
      if (seen.most_available - need < floor) {
        return {.clause = broken,
                .reason = "answered fragmented where the count alone forbids the request (exhausted)",
                .seen = (seen.most_available - need).count,
                .permitted = floor.count};
      }
      return {
          .clause = broken,
          .reason = "answered fragmented, but more blocks of the order stayed free than others could hold",
          .seen = seen.free_throughout,
          .permitted = seen.holdable};
    case Clause::E3:
      return {.clause = broken, .reason = "answered contended although nobody else took a conflicting step"};
    case Clause::C1:
      return {.clause = broken,
              .reason = answer.status == Status::kBadContext
                            ? "bad_context was answered where the request is permitted"
                            : "a request that may sleep was not refused here"};
    case Clause::C3:
      return {.clause = broken,
              .reason = answer.wake
                            ? "asks to wake background reclaim although not asked for or not below low"
                            : "does not ask to wake background reclaim although below low",
              .seen = (seen.least_unheld - need).count,
              .permitted = zone_.marks.low.count};
    default:
      return {.clause = broken, .reason = "the answer is not permitted"};
  }
  const Block block{answer.pfn, mine.request.order};
  const bool ok = answer.status == Status::kOk;
  placed_ = ok;
  if (early_count_ != 0) [[unlikely]] {
    bool found = !ok;
    const Violation early = settle_early(context, block, found);
    if (early.clause != Clause::kNone) return early;
    placed_ = ok && !found;
  }
  if (!ok) return judge_joint_floor(context);
  if (placed_) {
    const Violation placed = place(block);
    if (placed.clause != Clause::kNone) return placed;
    placed_ = state_.is_block(block);
  }
  note_available();
  if (taken_count_ < taken_.size()) taken_[taken_count_++] = {need.count, floor.count, context};
  highest_floor_ = std::max(highest_floor_, floor.count);
  return judge_joint_floor(context);
}

/// E1 for several successes at once: whatever the order within a busy period, the last of them leaves what is
/// left. The kindest order frees first and serves the highest floors first; if that breaks a floor, every
/// order does.
Violation Checker::judge_joint_floor(std::uint8_t context) noexcept {
  if (in_progress_ != 0 || taken_count_ < 2 || available().count >= highest_floor_) return {};
  std::sort(taken_.begin(), taken_.begin() + taken_count_,
            [](const Taken& a, const Taken& b) { return a.floor > b.floor; });
  std::int64_t left = (available_at_rest_ + freed_in_period_).count;
  for (std::uint8_t i = 0; i < taken_count_; ++i) {
    left -= taken_[i].frames;
    if (left < taken_[i].floor) {
      return {.clause = Clause::E1,
              .other = taken_[i].context == context ? kNoCall : taken_[i].context,
              .reason =
                  "calls that overlapped took, in whatever order, more than their floors permit; frames left",
              .seen = left,
              .permitted = taken_[i].floor};
    }
  }
  return {};
}

void Checker::begin_free(std::uint8_t context, model::Pfn pfn, model::Order order,
                         bool order_exists) noexcept {
  begin_period();
  Open& mine = open_[context];
  mine = Open{};
  mine.is_free = true;
  mine.block = {pfn, order};
  mine.order_exists = order_exists;
  mine.lived = order_exists && state_.is_block(mine.block);
  in_progress_ = static_cast<std::uint16_t>(in_progress_ | 1U << context);
  if (mine.lived) note_available();
}

Violation Checker::end_free(std::uint8_t context, Status status) noexcept {
  Open& mine = open_[context];
  end(context);
  if (status != Status::kOk && status != Status::kBadArgument) {
    return {.clause = Clause::X3,
            .reason = "a free is answered ok or bad_argument and nothing else; answered (model::Status)",
            .seen = static_cast<std::int64_t>(status)};
  }
  if (mine.owed) owed_ -= mine.block.order.frames();
  const Violation broken = status == Status::kOk ? carried_out(mine) : refused(mine);
  if (broken.clause != Clause::kNone) return broken;
  note_available();
  return judge_joint_floor(context);
}

Violation Checker::carried_out(Open& mine) noexcept {
  if (!mine.order_exists) return freed_nothing(mine.block);
  freed_in_period_ += mine.block.order.frames();
  if (mine.owed) return {};
  const bool live = state_.is_block(mine.block);
  // Which of several frees of one block took effect shows only in their answers: let it have been this one,
  // unless it was called after that block had been given out again.
  Open* const other = free_of(mine.block, [](const Open& open) { return open.owed; });
  if (other != nullptr && (mine.old || !live)) {
    other->owed = false;
    owed_ -= mine.block.order.frames();
  } else if (live) {
    make_free(mine.block);
  } else if (!free_early(mine.block)) {
    return freed_nothing(mine.block);
  }
  return {};
}

bool Checker::owned(model::Pfn pfn) noexcept {
  if (!state_.taken(pfn)) return false;
  return free_of(*state_.block_of(pfn), [](const Open& open) { return !open.owed; }) == nullptr;
}

/// A refusal is right if there was no such block, or if another free of the same block may have been first.
Violation Checker::refused(Open& mine) noexcept {
  if (mine.owed) return owe(mine.block) ? Violation{} : place(mine.block);
  if (!mine.lived || free_of(mine.block, [](const Open& open) { return !open.owed; }) != nullptr) return {};
  return {.clause = Clause::X3,
          .reason = "the free of a live block was refused; frame",
          .seen = static_cast<std::int64_t>(mine.block.pfn.value)};
}

}  // namespace labyrinth::machine
