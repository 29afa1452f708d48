// What the checker says of a broken clause: a reason in words, and the two numbers that show it.
#include "checker.hpp"

namespace labyrinth::machine {

using model::Clause;
using model::Status;

namespace {

/// The pool whose numbers show best what was wrong: the one answered, or the first that breaks the rule.
/// A request of an order that does not exist has no numbers: any pool.
[[nodiscard]] std::uint8_t telling_pool(const model::Memory& memory, const model::Request& request,
                                        const model::Answer& answer, const model::Evidence& seen) noexcept {
  if (request.order > model::kMaxOrder) return 0;
  if (answer.status == Status::kOk) return memory.pool_of(answer.pfn, request.order).value_or(0);
  const model::PoolSet low =
      model::short_pools(memory, request, seen, model::Pass::kMin, model::gets_highatomic(request.gfp));
  const model::PoolSet rest = seen.open & ~(low | seen.fragmented | seen.fragmented_outside);
  const model::PoolSet any = rest != 0 ? rest : seen.open;
  return any == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(std::countr_zero(any));
}

}  // namespace

Violation Checker::explain(Clause broken, const Open& mine, const model::Answer& answer) const noexcept {
  const model::Evidence& seen = mine.seen;
  const std::uint8_t pool = telling_pool(*memory_, mine.request, answer, seen);
  const model::Frames need = mine.need;
  const model::Frames floor = model::floor_of(mine.request.gfp, model::Pass::kMin, memory_->pools[pool]);
  // Of a pool that is not open to the call nothing was noted.
  const bool noted = (seen.open >> pool & 1U) != 0;
  const model::PoolEvidence frames =
      noted ? seen.pools[pool] : model::PoolEvidence{counts_[pool].free, counts_[pool].free, {}};
  const std::int64_t left = (frames.most_available - need).count;
  const auto pfn = static_cast<std::int64_t>(answer.pfn.value);
  Violation result{.clause = broken, .reason = "the answer is not permitted"};
  const auto say = [&](const char* reason, std::int64_t shown = 0, std::int64_t permitted = 0) {
    result.reason = reason;
    result.seen = shown;
    result.permitted = permitted;
    return result;
  };
  switch (broken) {
    case Clause::X2:
      return answer.status == Status::kOk
                 ? say("the block answered is misaligned or outside of the zones that the flags permit; its "
                       "frame",
                       pfn)
                 : say("a request was refused, or served, against its own form; order",
                       mine.request.order.value);
    case Clause::X6:
      return say(
          "the block answered is in the isolated zone and should not be, or should be and is not; frame",
          pfn);
    case Clause::E4:
      return say(
          "the block answered is in a room, or a pageblock set apart, that is not for the caller; frame",
          pfn);
    case Clause::E1:
      if (left < floor.count)
        return say("frames that could be left after the success, against the caller's floor", left,
                   floor.count);
      return say("served out of turn: a zone that comes before could have served the request; frame", pfn);
    case Clause::E2:
      if (answer.status == Status::kExhausted) {
        return say("answered exhausted, but the free frames not held by others never were fewer than needed",
                   frames.least_unheld.count, (floor + need).count - 1);
      }
      if (left < floor.count) {
        return say("answered fragmented where the count alone forbids the request (exhausted)", left,
                   floor.count);
      }
      return say("answered fragmented, but more blocks of the order stayed free than others could hold",
                 free_throughout(mine, memory_->pools[pool]).all, mine.holdable[pool]);
    case Clause::E3:
      return say("answered contended although nobody else took a conflicting step");
    case Clause::C1:
      return say(answer.status == Status::kBadContext
                     ? "bad_context was answered where the request is permitted"
                     : "a request that may sleep was not refused here");
    case Clause::C3:
      return say(answer.wake ? "asks to wake background reclaim although not asked for or not below low"
                             : "does not ask to wake background reclaim although below low",
                 (frames.least_unheld - need).count, memory_->pools[pool].marks.low.count);
    default:
      return result;
  }
}

}  // namespace labyrinth::machine
