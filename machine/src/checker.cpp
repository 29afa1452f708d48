// The rules of the online checker for allocations; the relation itself is model/relation.hpp's.
#include "checker.hpp"

#include <algorithm>
#include <bit>

namespace labyrinth::machine {

using model::Block;
using model::Clause;
using model::Frames;
using model::PoolSet;
using model::Status;

namespace {

/// Beyond it a reserve of broken pageblocks would be of no use.
constexpr model::Order kLargestThatSetsApart{4};

[[nodiscard]] bool may_set_apart(const model::Request& request) noexcept {
  return model::sets_apart(request.gfp) && request.order > model::Order{0} &&
         request.order <= kLargestThatSetsApart;
}

/// Calls `visit(pool)` for each pool of the set.
template <class Visit>
void each_pool(model::PoolSet pools, Visit visit) noexcept {
  for (; pools != 0; pools &= pools - 1) visit(static_cast<std::uint8_t>(std::countr_zero(pools)));
}

}  // namespace

void Checker::begin_run(const model::Memory& memory, std::span<const Block> live,
                        std::uint64_t machine) noexcept {
  memory_ = &memory;
  machine_ = machine;
  if (history_ != nullptr) history_->begin_run(memory, live);
  state_.reset(memory.span());
  limbo_.begin_run(memory);
  in_progress_ = 0;
  for (std::uint8_t i = 0; i < memory_->pool_count; ++i) {
    counts_[i] = {};
    counts_[i].free = memory_->pools[i].span.frames;
  }
  for (const Block& block : live) {
    state_.take(block);
    counts_[pool_of(block)].free -= block.order.frames();
  }
  freed_count_ = 0;
  taken_count_ = 0;
  early_count_ = 0;
  instant_count_ = over_count_ = 0;
  setting_apart_ = 0;
  if (any_hit_) hit_.fill(0);
  any_hit_ = has_highatomic_ = false;
  for (std::uint8_t i = 0; i < memory_->pool_count; ++i) {
    has_highatomic_ = has_highatomic_ || memory_->pools[i].highatomic != 0;
  }
  alone_ = kNoCall;
  may_be_alone_ = machine != 0 && history_ == nullptr && !has_highatomic_ && limbo_.span().frames.count == 0;
}

void Checker::begin_period() noexcept {
  if (in_progress_ != 0) return;
  taken_count_ = 0;
  for (std::uint8_t i = 0; i < memory_->pool_count; ++i) {
    counts_[i].available_at_rest = counts_[i].free;
    counts_[i].freed_in_period = {};
    counts_[i].highest_floor = 0;
  }
}

std::uint8_t Checker::pool_of(const Block& block) const noexcept {
  return memory_->pool_of(block.pfn, block.order).value_or(kNoPool);
}

/// Frames that no answered allocation still owns, taking every free in progress to have been carried out, and
/// what was unmapped to be free.
Frames Checker::available(std::uint8_t pool) noexcept {
  Frames count = counts_[pool].free;
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    const Open& free = open_[static_cast<std::size_t>(std::countr_zero(left))];
    if (!free.is_free || !free.order_exists || !state_.is_block(free.block)) continue;
    if (pool_of(free.block) != pool) continue;
    if (free_of(free.block, [](const Open& other) { return !other.owed; }) == &free)
      count += free.block.order.frames();
  }
  for (const Limbo::Entry& entry : limbo_.entries()) {
    if (entry.leaving != kNoCall && pool_of(entry.block) == pool) count += entry.block.order.frames();
  }
  return count;
}

/// E2: what an open allocation holds in a pool that may serve it.
Frames Checker::held_by(const Open& open, std::uint8_t pool) const noexcept {
  return open.need.count == 0 ? Frames{} : std::max(open.need, memory_->pools[pool].batch);
}

void Checker::note_available(std::uint8_t pool) noexcept {
  bool asked = false;
  each_open([&asked, pool](const Open& open) {
    asked = asked || (!open.is_free && (open.seen.open >> pool & 1U) != 0);
  });
  if (!asked) return;
  const Frames most = available(pool);
  each_open([most, pool](Open& open) {
    if (open.is_free || (open.seen.open >> pool & 1U) == 0) return;
    open.seen.pools[pool].most_available = std::max(open.seen.pools[pool].most_available, most);
  });
}

/// How many blocks of an order a request can hold; each frame of a bulk can lie in another one. The drift is
/// what one holds at once, its own block included: of a single frame the rest of it may be a block of the
/// order, and so it may where frames are being set apart for others, who find no smaller block there either.
std::int64_t Checker::hold(const model::Request& by, model::Order of, const model::Pool& in) noexcept {
  const std::int64_t blocks = by.order > of ? std::int64_t{1} << (by.order.value - of.value) : 1;
  const Frames own = in.highatomic != 0 ? kLargestThatSetsApart.frames() : Frames{1};
  const Frames rest = in.batch > own ? in.batch - own : Frames{0};
  const bool sets_apart = in.highatomic != 0 && may_set_apart(by);
  std::int64_t more = 0;
  if (of.frames() < rest) {
    more = sets_apart ? rest.count >> of.value : 0;
  } else if (rest > Frames{0}) {
    more = sets_apart || by.order == model::Order{0} ? 1 : 0;
  }
  return blocks * by.count + more;
}

/// From here on the call may be served from these pools too: it holds its need in each of them.
void Checker::open_to(Open& mine, model::PoolSet pools) noexcept {
  each_pool(pools, [&](std::uint8_t pool) {
    Count& count = counts_[pool];
    mine.seen.pools[pool] = {count.free - count.held - count.owed, available(pool), {}};
    mine.least_drained = mine.seen.pools[pool].least_unheld + limbo_of(mine);
    mine.holdable[pool] = 0;
    mine.holds_from[pool] = instant_count_;
    if (mine.need.count == 0) return;
    count.held += held_by(mine, pool);
    each_open([&](Open& other) {
      if (other.is_free || &other == &mine || (other.seen.open >> pool & 1U) == 0) return;
      Frames& least = other.seen.pools[pool].least_unheld;
      const Frames unheld = count.free - count.owed - (count.held - held_by(other, pool));
      least = std::min(least, unheld);
      if (other.drains) other.least_drained = std::min(other.least_drained, unheld + limbo_of(other));
      if (other.need.count == 0) return;
      other.holdable[pool] += hold(mine.request, other.request.order, memory_->pools[pool]);
      mine.holdable[pool] += hold(other.request, mine.request.order, memory_->pools[pool]);
    });
  });
  mine.seen.open |= pools;
}

void Checker::begin_allocation_among_others(std::uint8_t context, const model::Request& request,
                                            std::uint32_t cpus) noexcept {
  begin_period();
  Open& mine = open_[context];
  const model::PoolSet pools = model::open_pools(*memory_, request.gfp, cpus, request.situation.level);
  mine.begin();
  mine.request = request;
  // A request the machine does not know holds nothing: it must be refused.
  mine.need = model::sensible(*memory_, request, pools) ? request.need() : Frames{};
  mine.freed_before = freed_count_;
  each_pool(mine.need.count == 0 ? 0 : pools, [&](std::uint8_t pool) {
    mine.drains = model::drains(request.gfp, request.situation, memory_->pools[pool]);
  });
  ++call_numbers_[context];
  if (history_ != nullptr) history_->begin_allocation(context, request, pools);
  meet_drains(mine);
  open_to(mine, pools);
  in_progress_ |= std::uint32_t{1} << context;
  if (!has_highatomic_) return;
  if (may_set_apart(mine.request)) ++setting_apart_;
  note_apart();
}

void Checker::moved(std::uint8_t context, std::uint8_t cpu) noexcept {
  if (alone_ == context) begin_among_others();
  Open& mine = open_[context];
  if ((in_progress_ >> context & 1U) == 0 || mine.is_free || !mine.request.gfp.has(model::kRoom)) return;
  const model::PoolSet pools =
      model::open_pools(*memory_, mine.request.gfp, 1U << cpu, mine.request.situation.level);
  open_to(mine, pools & ~mine.seen.open);
}

void Checker::end(std::uint8_t context) noexcept { in_progress_ &= ~(std::uint32_t{1} << context); }

Clause Checker::judge(Open& mine, const model::Answer& answer) const noexcept {
  const Clause broken = model::judge_allocation(*memory_, mine.request, answer, mine.seen);
  if (mine.need.count == 0 || !model::needs_blocks(broken, answer, mine.seen)) return broken;
  each_pool(mine.seen.open, [&](std::uint8_t pool) {
    const FreeBlocks free = free_throughout(mine, memory_->pools[pool]);
    mine.seen.fragmented |= PoolSet{free.all <= mine.holdable[pool]} << pool;
    mine.seen.fragmented_outside |= PoolSet{free.outside <= mine.holdable[pool]} << pool;
  });
  return model::judge_allocation(*memory_, mine.request, answer, mine.seen);
}

/// The first reason that the model permits: `exhausted` if it permits none.
Status Checker::reason_of_refusal(Open& mine, const model::Answer& said) const noexcept {
  for (const Status status : {Status::kExhausted, Status::kContended, Status::kBadArgument,
                              Status::kBadContext, Status::kFragmented}) {
    if (judge(mine, {status, said.wake}) == Clause::kNone) return status;
  }
  return Status::kExhausted;
}

Violation Checker::end_allocation_among_others(std::uint8_t context, const model::Answer& said, bool conflict,
                                               std::span<const Block> blocks) noexcept {
  if (alone_ == context) begin_among_others();
  Open& mine = open_[context];
  const Frames need = mine.need;
  model::Answer answer = said;
  end(context);
  if (need.count != 0)
    each_pool(mine.seen.open, [&](std::uint8_t pool) { counts_[pool].held -= held_by(mine, pool); });
  mine.seen.conflict = conflict;
  mine.counts_limbo = mine.drains && mine.alone &&
                      (answer.status == Status::kExhausted || answer.status == Status::kFragmented);
  if (mine.counts_limbo) {
    each_pool(mine.seen.open,
              [&](std::uint8_t pool) { mine.seen.pools[pool].least_unheld = mine.least_drained; });
  }
  if (has_highatomic_ && may_set_apart(mine.request)) {
    --setting_apart_;
    if (answer.status == Status::kOk) hit(answer.pfn);
  }
  if (untold_ && answer.status == Status::kExhausted) answer.status = reason_of_refusal(mine, said);
  if (history_ != nullptr) history_->end_allocation(context, answer, conflict, mine.seen.open, blocks);
  const Clause broken = judge(mine, answer);
  if (broken != Clause::kNone) return explain(broken, mine, answer);
  free_unmapped(context);
  const bool ok = answer.status == Status::kOk;
  if (!ok) blocks = {};
  placed_ = blocks.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << blocks.size()) - 1;
  if (early_count_ != 0) [[unlikely]] {
    const Violation early = settle_early(context, blocks);
    if (early.clause != Clause::kNone) return early;
  }
  if (!ok) return judge_joint_floor(context);
  Frames given{};
  const std::uint8_t pool = pool_of({answer.pfn, {0}});
  for (std::size_t k = 0; k < blocks.size(); ++k) {
    const Block& block = blocks[k];
    given += block.order.frames();
    if (pool_of(block) != pool || !model::aligned(block.pfn, block.order)) {
      return {
          .clause = Clause::X2,
          .reason = "a block is misaligned or in another zone than the first one of its allocation; frame",
          .seen = static_cast<std::int64_t>(block.pfn.value)};
    }
    if (!placed(k)) continue;
    const Violation placed_here = place(block);
    if (placed_here.clause != Clause::kNone) return placed_here;
    if (!state_.is_block(block)) {
      placed_ &= ~(std::uint64_t{1} << k);
      continue;
    }
    const Violation received = receive(block);
    if (received.clause != Clause::kNone) return received;
  }
  note_available(pool);
  if (has_highatomic_) note_apart();
  const Frames floor = model::floor_of(mine.request.gfp, model::Pass::kMin, memory_->pools[pool]);
  if (taken_count_ < taken_.size()) taken_[taken_count_++] = {given.count, floor.count, context, pool};
  counts_[pool].highest_floor = std::max(counts_[pool].highest_floor, floor.count);
  return judge_joint_floor(context);
}

/// E1 for several successes at once: whatever the order within a busy period, the last of them leaves what is
/// left. The kindest order frees first and serves the highest floors first; if that breaks a floor, every
/// order does.
Violation Checker::judge_joint_floor(std::uint8_t context) noexcept {
  if (in_progress_ != 0 || taken_count_ < 2) return {};
  PoolSet suspects = 0;
  for (std::uint8_t i = 0; i < taken_count_; ++i) {
    const Count& count = counts_[taken_[i].pool];
    if (count.free.count < count.highest_floor) suspects |= PoolSet{1} << taken_[i].pool;
  }
  if (suspects == 0) return {};
  std::sort(taken_.begin(), taken_.begin() + taken_count_,
            [](const Taken& a, const Taken& b) { return a.floor > b.floor; });
  Violation broken{};
  each_pool(suspects, [&](std::uint8_t pool) {
    std::int64_t left = (counts_[pool].available_at_rest + counts_[pool].freed_in_period).count;
    for (std::uint8_t i = 0; i < taken_count_; ++i) {
      if (taken_[i].pool != pool) continue;
      left -= taken_[i].frames;
      if (left >= taken_[i].floor || broken.clause != Clause::kNone) continue;
      broken = {
          .clause = Clause::E1,
          .other = taken_[i].context == context ? kNoCall : taken_[i].context,
          .reason =
              "calls that overlapped took, in whatever order, more than their floors permit; frames left",
          .seen = left,
          .permitted = taken_[i].floor};
    }
  });
  return broken;
}

}  // namespace labyrinth::machine
