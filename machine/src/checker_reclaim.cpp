// The checker's part of the sleeping side: the time since shrinkers gave something, and background reclaim.
#include "checker.hpp"

namespace labyrinth::machine {

using model::Clause;
using model::Frames;
using model::Status;

void Checker::begin_again(std::uint8_t context) noexcept {
  if (alone_ != kNoCall) begin_among_others();
  Open& mine = open_[context];
  mine.seen.again = true;
  if (history_ != nullptr) history_->set_aside("a request reclaimed");
  mine.freed_before = freed_count_;
  for (std::uint8_t pool = 0; pool < memory_->pool_count; ++pool) {
    if ((mine.seen.open >> pool & 1U) == 0) continue;
    const Count& count = counts_[pool];
    mine.seen.pools[pool] = {
        count.free - (count.held - held_by(mine, pool)) - count.owed, available(pool), {}};
    mine.holdable[pool] = 0;
    each_open([&](const Open& other) {
      if (other.is_free || &other == &mine || (other.seen.open >> pool & 1U) == 0) return;
      if (other.need.count != 0)
        mine.holdable[pool] += hold(other.request, mine.request.order, memory_->pools[pool]);
    });
  }
  if (has_highatomic_) note_apart();
}

void Checker::begin_balance(std::uint8_t context, const model::Situation& situation) noexcept {
  if (alone_ != kNoCall) begin_among_others();
  begin_period();
  Open& mine = open_[context];
  mine.begin();
  mine.request.situation = situation;
  mine.freed_before = freed_count_;
  open_to(mine, model::balanced_pools(*memory_));
  in_progress_ |= std::uint32_t{1} << context;
}

Violation Checker::end_balance(std::uint8_t context, Status status, bool conflict,
                               const model::Reclaimed& shrinkers) noexcept {
  Open& mine = open_[context];
  end(context);
  mine.seen.conflict = conflict;
  const Clause broken = model::judge_balance(*memory_, mine.request.situation, status, mine.seen, shrinkers);
  if (broken == Clause::kNone) return judge_joint_floor(context);
  Violation result{.clause = broken,
                   .reason = "background reclaim answered what it may not",
                   .seen = static_cast<std::int64_t>(status)};
  if (broken == Clause::C1) result.reason = "background reclaim where sleeping is not permitted; answered";
  if (broken != Clause::C3) return result;
  result.reason =
      status == Status::kOk
          ? "background reclaim stopped, and a zone is below its high mark; most free frames"
      : shrinkers.unasked != 0
          ? "background reclaim gave up, and shrinkers hold frames that they were not asked for; asked for"
          : "background reclaim gave up, and no zone was below its high mark; free frames";
  result.seen = shrinkers.unasked != 0 ? shrinkers.asked.count : 0;
  for (std::uint8_t pool = 0; pool < memory_->pool_count && shrinkers.unasked == 0; ++pool) {
    const std::int64_t high = memory_->pools[pool].marks.high.count;
    const model::PoolEvidence& seen = mine.seen.pools[pool];
    const std::int64_t frames = (status == Status::kOk ? seen.most_available : seen.least_unheld).count;
    if ((mine.seen.open >> pool & 1U) == 0 || (status == Status::kOk && frames >= high)) continue;
    result.seen = frames;
    result.permitted = high;
    break;
  }
  return result;
}

}  // namespace labyrinth::machine
