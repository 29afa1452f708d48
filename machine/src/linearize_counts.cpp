// The search for an order in which the counts explain every answer: floors, refusals, passes and wake-ups
// (E1, E2, C3).
//
// Along a path a call is in progress from its beginning until one that it precedes begins. So a call that has
// taken its place may still have frames in its hands, as one may that has been answered nothing yet; and to
// begin a call is a step of its own, since it ends others.
#include <algorithm>
#include <bit>

#include "linearize_search.hpp"

namespace labyrinth::machine {

using model::Frames;
using model::Pass;
using model::PoolSet;
using model::Status;

namespace {

/// What is seen of one pool: it was short of what the first pass asks for, of what the second one does, and
/// it was not.
enum Seen : std::uint8_t { kShortOfLow = 1, kShortOfMin = 2, kSufficed = 4 };
constexpr std::uint8_t kSeenBits = 3;
/// Stands for a count that was never short; a zone has fewer frames.
constexpr Frames kPlenty{std::int64_t{1} << 40};

template <class Visit>
void each_bit(std::uint32_t set, Visit visit) noexcept {
  for (; set != 0; set &= set - 1) visit(static_cast<std::uint8_t>(std::countr_zero(set)));
}

}  // namespace

std::uint64_t CountSearch::Path::hash() const noexcept {
  std::uint64_t hash = mix(mix(0, begun), done);
  each_bit(begun & ~done, [&](std::uint8_t i) { hash = mix(hash, seen[i] + i); });
  return hash;
}

Found CountSearch::run(const History& history, std::uint8_t answers) noexcept {
  const Lineup lineup(history, answers);
  history_ = &history;
  lineup_ = &lineup;
  for (std::uint8_t p = 0; p < history.memory().pool_count; ++p)
    free_[p] = history.memory().pools[p].span.frames;
  for (const model::Block& block : history.live())
    free_[*history.memory().pool_of(block.pfn, block.order)] -= block.order.frames();
  prepare();
  // Which blocks were free is costly to know, and hardly ever matters: without it only more is forbidden.
  for (const bool of_successes : {false, true}) {
    by_blocks_ = of_successes;
    bool asks = !of_successes;
    for (std::uint8_t i = 0; i < lineup.count; ++i) {
      const Operation& operation = history.operations()[i];
      const Status status = of_successes ? Status::kOk : Status::kFragmented;
      if (operation.is_free || !answered(i) || operation.answer.status != status) continue;
      if (of_successes && operation.conflict) continue;
      fixed_[i].fragmented = find_fragmented(i);
      asks = asks || fixed_[i].fragmented != 0;
    }
    if (!asks) break;
    dead_.clear();
    gave_up_ = false;
    if (explains({})) return Found::kOrder;
  }
  return gave_up_ ? Found::kGaveUp : Found::kNoOrder;
}

void CountSearch::prepare() noexcept {
  const model::Memory& memory = history_->memory();
  for (std::uint8_t i = 0; i < lineup_->count; ++i) {
    const Operation& operation = history_->operations()[i];
    Fixed& fixed = fixed_[i];
    fixed.need = fixed.given = {};
    fixed.pool = fixed.fragmented = 0;
    if (operation.is_free) {
      const auto pool = memory.pool_of(operation.block.pfn, operation.block.order);
      if (pool) fixed.pool = PoolSet{1} << *pool;
      if (pool) fixed.given = operation.block.order.frames();
      continue;
    }
    if (!model::sensible(memory, operation.request, operation.open)) continue;
    fixed.need = operation.request.need();
    each_bit(operation.open, [&](std::uint8_t p) {
      fixed.low[p] = model::floor_of(operation.request.gfp, Pass::kLow, memory.pools[p]);
      fixed.min[p] = model::floor_of(operation.request.gfp, Pass::kMin, memory.pools[p]);
      fixed.held[p] = std::max(fixed.need, memory.pools[p].batch);
    });
    if (!answered(i) || operation.answer.status != Status::kOk) continue;
    const auto pool = memory.pool_of(operation.answer.pfn, {0});
    if (pool) fixed.pool = PoolSet{1} << *pool;
    for (const model::Block& block : history_->given(operation)) fixed.given += block.order.frames();
  }
}

/// The calls that have ended: one that they precede has begun.
OperationSet CountSearch::over(const Path& path) const noexcept {
  OperationSet set = 0;
  each_bit(path.begun, [&](std::uint8_t i) { set |= history_->operations()[i].before; });
  return set;
}

/// What a call in progress may hold beyond what has been counted off for it: what it asked for or a batch
/// (E2); of an exact allocation, what it gives back.
Frames CountSearch::held_by(std::uint8_t operation, std::uint8_t pool, const Path& path) const noexcept {
  const Operation& by = history_->operations()[operation];
  const Fixed& fixed = fixed_[operation];
  if (by.is_free || fixed.need.count == 0 || (by.open >> pool & 1U) == 0) return {};
  const bool counted = (path.done >> operation & 1U) != 0 && (fixed.pool >> pool & 1U) != 0;
  return counted ? std::max(fixed.held[pool] - fixed.given, Frames{}) : fixed.held[pool];
}

bool CountSearch::holds_something(std::uint8_t operation, const Path& path) const noexcept {
  bool holds = false;
  each_bit(history_->operations()[operation].open,
           [&](std::uint8_t pool) { holds = holds || held_by(operation, pool, path) > Frames{}; });
  return holds;
}

/// Lets the call see what is. True if it had not seen as much before.
bool CountSearch::look(std::uint8_t operation, Path& path) const noexcept {
  const Fixed& fixed = fixed_[operation];
  const std::uint64_t before = path.seen[operation];
  if (fixed.need.count == 0) return false;
  const OperationSet others = path.begun & ~over(path) & ~(OperationSet{1} << operation);
  each_bit(history_->operations()[operation].open, [&](std::uint8_t pool) {
    Frames held{};
    each_bit(others, [&](std::uint8_t other) { held += held_by(other, pool, path); });
    const Frames left = free_[pool] - fixed.need;
    std::uint64_t seen = left >= fixed.min[pool] ? kSufficed : 0;
    if (left - held < fixed.low[pool]) seen |= kShortOfLow;
    if (left - held < fixed.min[pool]) seen |= kShortOfMin;
    path.seen[operation] |= seen << (pool * kSeenBits);
  });
  return path.seen[operation] != before;
}

/// Whether the relation permits the answer here, on the evidence of the path.
bool CountSearch::permits(std::uint8_t operation, const Path& path) noexcept {
  const Operation& asked = history_->operations()[operation];
  const Fixed& fixed = fixed_[operation];
  const bool ok = asked.answer.status == Status::kOk;
  evidence_.open = asked.open;
  evidence_.conflict = asked.conflict;
  evidence_.fragmented = evidence_.fragmented_outside = fixed.fragmented;
  each_bit(asked.open, [&](std::uint8_t pool) {
    const std::uint64_t seen = path.seen[operation] >> (pool * kSeenBits);
    model::PoolEvidence& evidence = evidence_.pools[pool];
    const Frames one{1};
    evidence.least_unheld = kPlenty;
    if ((seen & kShortOfLow) != 0) evidence.least_unheld = fixed.low[pool] + fixed.need - one;
    if ((seen & kShortOfMin) != 0)
      evidence.least_unheld = std::min(evidence.least_unheld, fixed.min[pool] + fixed.need - one);
    // A success must be affordable where it is counted; a refusal only says that once it would have been.
    evidence.most_available = ok                        ? free_[pool]
                              : (seen & kSufficed) != 0 ? fixed.min[pool] + fixed.need
                                                        : fixed.min[pool];
  });
  return model::judge_allocation(history_->memory(), asked.request, asked.answer, evidence_) ==
         model::Clause::kNone;
}

void CountSearch::count(std::uint8_t operation, int sign) noexcept {
  const Fixed& fixed = fixed_[operation];
  const bool takes = !history_->operations()[operation].is_free;
  each_bit(fixed.pool, [&](std::uint8_t pool) {
    if (takes == (sign > 0)) {
      free_[pool] -= fixed.given;
    } else {
      free_[pool] += fixed.given;
    }
  });
}

/// Whether the block has been counted off and not back. Frames are counted back only then: else the count
/// would exceed what is free.
bool CountSearch::is_taken(const model::Block& block, const Path& path) const noexcept {
  int taken = 0;
  for (const model::Block& live : history_->live()) taken += live == block ? 1 : 0;
  each_bit(path.done, [&](std::uint8_t i) {
    const Operation& other = history_->operations()[i];
    if (answered(i) && other.answer.status != Status::kOk) return;
    if (other.is_free && other.block == block) --taken;
    for (const model::Block& given : history_->given(other)) taken += given == block ? 1 : 0;
  });
  return taken > 0;
}

/// All that nobody can be worse off for: to begin what ends nobody who holds something, to look around, and
/// to answer what leaves the counts as they are.
void CountSearch::settle(Path& path) noexcept {
  for (bool more = true; more;) {
    more = false;
    const OperationSet ended = over(path);
    for (std::uint8_t i = 0; i < lineup_->count && !more; ++i) {
      const OperationSet bit = OperationSet{1} << i;
      const OperationSet before = history_->operations()[i].before;
      if ((path.begun & bit) != 0 || (before & ~path.done) != 0) continue;
      bool ends = false;
      each_bit(before & ~ended, [&](std::uint8_t other) { ends = ends || holds_something(other, path); });
      if (ends) continue;
      path.begun |= bit;
      more = true;
    }
    if (more) continue;
    each_bit(path.begun & ~path.done & lineup_->required, [&](std::uint8_t i) {
      const Operation& operation = history_->operations()[i];
      if (!operation.is_free && look(i, path)) more = true;
      if (operation.answer.status == Status::kOk || (!operation.is_free && !permits(i, path))) return;
      path.done |= OperationSet{1} << i;
      path.seen[i] = 0;
      more = true;
    });
  }
}

bool CountSearch::explains(Path path) noexcept {
  settle(path);
  if ((lineup_->required & ~path.done) == 0) return true;
  if (dead_.contains(path)) return false;
  gave_up_ = gave_up_ || dead_.full();
  for (std::uint8_t k = 0; k < lineup_->count && !gave_up_; ++k) {
    const std::uint8_t i = lineup_->order[k];
    const OperationSet bit = OperationSet{1} << i;
    const Operation& operation = history_->operations()[i];
    if (((path.done | path.begun) & bit) == 0) {
      if ((operation.before & ~path.done) != 0) continue;
      Path next = path;
      next.begun |= bit;
      if (explains(next)) return true;
      continue;
    }
    if ((path.done & bit) != 0 || (answered(i) && operation.answer.status != Status::kOk)) continue;
    // Of what has not been answered a free may have been carried out; an allocation holds what it asked for.
    if (operation.is_free ? !is_taken(operation.block, path) : !answered(i) || !permits(i, path)) continue;
    Path next = path;
    next.done |= bit;
    next.seen[i] = 0;
    count(i, +1);
    const bool good = explains(next);
    count(i, -1);
    if (good) return true;
  }
  dead_.add(path);
  return false;
}

}  // namespace labyrinth::machine
