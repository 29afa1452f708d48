// The relation of permitted answers: which answer to an allocation may be given, on what evidence.
//
// It is a relation and no allocator: any placement that X1 and X2 permit is permitted. What the rest of the
// world did during the call enters only as Evidence: extremes over the instants of the call. So the
// sequential model is the special case in which no other call was in progress.
#pragma once

#include "labyrinth/model/clause.hpp"
#include "labyrinth/model/context.hpp"
#include "labyrinth/model/entitlement.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

/// An allocation as asked for.
struct Request {
  Gfp gfp{};
  Order order{};
  Situation situation{};
};

/// An allocation as answered. `pfn` counts only with kOk.
struct Answer {
  Status status = Status::kOk;
  bool wake = false;
  Pfn pfn{};
};

/// The zone a request is judged against.
struct Zone {
  Span span{};
  Watermarks marks{};
  Order max_order = kMaxOrder;
};

/// What was true at some instant between the call and the answer.
struct Evidence {
  /// E2: the least, over the instants of the call, of free frames minus frames held by other calls in
  /// progress.
  Frames least_unheld{};
  /// E1: the most frames, over the instants of the call, that no answered allocation still owned.
  Frames most_available{};
  /// E3: another context took a conflicting step.
  bool conflict = false;
  /// E2: aligned blocks of the order that stayed free from the call to the answer ...
  std::int64_t free_throughout = 0;
  /// ... and how many of them the other calls that were in progress could hold.
  std::int64_t holdable = 0;
};

/// C3, for one request: woken only if asked for, and exactly if the pass with m = low would leave less than
/// low. Where the call is refused for another reason than the count, waking is left open: the first pass
/// failed anyhow.
[[nodiscard]] constexpr bool wake_permitted(const Zone& zone, const Request& request, const Answer& answer,
                                            const Evidence& seen) noexcept {
  if (!request.gfp.has(kKswapdReclaim)) return !answer.wake;
  const Frames need = request.order.frames();
  switch (answer.status) {
    case Status::kOk:
    case Status::kExhausted:
      return answer.wake ? seen.least_unheld - need < zone.marks.low
                         : seen.most_available - need >= zone.marks.low;
    case Status::kFragmented:
    case Status::kContended:
      return true;
    default:
      return false;
  }
}

/// The clause that an answer to an allocation breaks, or kNone. X1 needs the live blocks and is State's.
[[nodiscard]] constexpr Clause judge_allocation(const Zone& zone, const Request& request,
                                                const Answer& answer, const Evidence& seen) noexcept {
  const bool sensible = well_formed(request.gfp, request.order, zone.max_order);
  const bool here = !request.gfp.has(kDirectReclaim) || may_sleep(request.situation);
  if (answer.status == Status::kBadArgument && sensible) return Clause::X2;
  if (answer.status == Status::kBadContext && here) return Clause::C1;
  if (answer.status == Status::kBadArgument || answer.status == Status::kBadContext) {
    return answer.wake ? Clause::C3 : Clause::kNone;  // A refused call changes nothing, so it wakes nobody.
  }
  if (!sensible) return Clause::X2;
  if (!here) return Clause::C1;

  const Frames need = request.order.frames();
  const Frames floor = floor_of(request.gfp, zone.marks);
  switch (answer.status) {
    case Status::kOk:
      if (!zone.span.contains(answer.pfn, request.order) || !aligned(answer.pfn, request.order))
        return Clause::X2;
      if (seen.most_available - need < floor) return Clause::E1;
      break;
    case Status::kExhausted:
      if (seen.least_unheld - need >= floor) return Clause::E2;
      break;
    case Status::kFragmented:
      if (seen.free_throughout > seen.holdable) return Clause::E2;
      if (seen.most_available - need < floor) return Clause::E2;
      break;
    case Status::kContended:
      if (!seen.conflict) return Clause::E3;
      break;
    default:
      return Clause::X2;
  }
  return wake_permitted(zone, request, answer, seen) ? Clause::kNone : Clause::C3;
}

}  // namespace labyrinth::model
