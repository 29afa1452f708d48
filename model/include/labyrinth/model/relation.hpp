// The relation of permitted answers: which answer to an allocation may be given, on what evidence.
//
// It is a relation and no allocator: any placement that X1 and X2 permit is permitted. What the rest of the
// world did during the call enters only as Evidence: extremes over the instants of the call. So the
// sequential model is the special case in which no other call was in progress.
#pragma once

#include <array>

#include "labyrinth/model/clause.hpp"
#include "labyrinth/model/context.hpp"
#include "labyrinth/model/entitlement.hpp"
#include "labyrinth/model/memory.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

/// An allocation as asked for. Of a bulk, `count` single frames are wanted, all or none, from one pool; of an
/// exact allocation, the block of the order that holds it, whose tail is given back.
struct Request {
  Gfp gfp{};
  Order order{};
  Situation situation{};
  std::uint32_t count = 1;
  bool gives_back = false;  ///< Part of the block is free again before the answer.

  [[nodiscard]] constexpr Frames need() const noexcept { return {order.frames().count * count}; }
};

/// The most frames that one bulk may ask for.
inline constexpr std::uint32_t kMaxBulk = 64;

/// An allocation as answered. `pfn` counts only with kOk.
struct Answer {
  Status status = Status::kOk;
  bool wake = false;
  Pfn pfn{};
};

/// What was true of one pool at some instant between the call and the answer.
struct PoolEvidence {
  /// E2: the least, over the instants of the call, of free frames minus frames held by other calls in
  /// progress.
  Frames least_unheld{};
  /// E1: the most frames, over the instants of the call, that no answered allocation still owned.
  Frames most_available{};
  /// E1: the most free frames, over the instants of the call, that can have been set apart for others.
  Frames most_apart{};
};

/// What is known of the call: PoolEvidence of each pool in `open`, and more.
struct Evidence {
  PoolSet open = 0;  ///< E4: the pools that the caller may be served from.
  std::array<PoolEvidence, kMaxPools> pools{};
  bool conflict = false;  ///< E3: another context took a conflicting step.
  /// E2: pools in which no more blocks of the order stayed free from the call to the answer than other
  /// calls in progress could hold. Left empty until needs_blocks() asks for it.
  PoolSet fragmented = 0;
  /// The same without the blocks that can have been set apart.
  PoolSet fragmented_outside = 0;
  /// The call asked shrinkers, and they gave frames back: all of this is about the time since. Before, it was
  /// refused everywhere, and woke whom it wakes.
  bool again = false;
};

/// Whether a request is one at all (X2), on this memory and from that level.
[[nodiscard]] constexpr bool sensible(const Memory& memory, const Request& request, PoolSet open) noexcept {
  if (request.count == 0 || request.count > kMaxBulk) return false;
  // Rooms and the void give one block at a time.
  const bool one_block = request.count == 1 && !request.gives_back;
  if (!one_block && (names_room(request.gfp) || request.gfp.has(kExclusive))) return false;
  if (!well_formed(request.gfp, request.order, memory.max_order)) return false;
  if (!request.gfp.has(kNofail)) return open != 0;
  bool possible = false;
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    if ((open >> i & 1U) == 0) continue;
    possible = possible || could_ever_serve(request.gfp, request.order, request.need(), memory.pools[i]);
  }
  return possible;
}

/// A task that migrates may have looked into any one of the rooms it passed, so what is true of one is said
/// of all.
[[nodiscard]] constexpr PoolSet spread_over_rooms(const Memory& memory, PoolSet open,
                                                  PoolSet pools) noexcept {
  PoolSet rooms = 0;
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    if (memory.pools[i].kind == PoolKind::kRoom) rooms |= open & PoolSet{1} << i;
  }
  return (pools & rooms) != 0 ? pools | rooms : pools;
}

/// E2: the pools in which there was an instant with fewer frames than the pass asks for. `inside`: with what
/// was set apart.
[[nodiscard]] constexpr PoolSet short_pools(const Memory& memory, const Request& request,
                                            const Evidence& seen, Pass pass, bool inside) noexcept {
  PoolSet result = 0;
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    if ((seen.open >> i & 1U) == 0) continue;
    const Frames apart = inside ? Frames{} : seen.pools[i].most_apart;
    const Frames left = seen.pools[i].least_unheld - apart - request.need();
    if (left < floor_of(request.gfp, pass, memory.pools[i])) result |= PoolSet{1} << i;
  }
  return spread_over_rooms(memory, seen.open, result);
}

/// Whether the pool could, at some instant, serve the request and keep the floor of the pass (E1).
[[nodiscard]] constexpr bool affordable(const Memory& memory, const Request& request, const Evidence& seen,
                                        Pass pass, std::uint8_t pool) noexcept {
  return seen.pools[pool].most_available - request.need() >= floor_of(request.gfp, pass, memory.pools[pool]);
}

/// E1: whether everything of `pools` can have failed in the pass.
[[nodiscard]] constexpr bool can_have_failed(const Memory& memory, const Request& request,
                                             const Evidence& seen, Pass pass, PoolSet pools) noexcept {
  const bool inside = draws_on_highatomic(request.gfp, pass);
  const PoolSet fragmented = inside ? seen.fragmented : seen.fragmented_outside;
  const PoolSet left = pools & ~(seen.conflict ? seen.open : fragmented);
  return left == 0 || (left & ~short_pools(memory, request, seen, pass, inside)) == 0;
}

/// E1: whether the pool's turn can have come in the pass: everything tried before it can have failed.
[[nodiscard]] constexpr bool in_turn(const Memory& memory, const Request& request, const Evidence& seen,
                                     Pass pass, std::uint8_t pool) noexcept {
  if (!affordable(memory, request, seen, pass, pool)) return false;
  PoolSet before = 0;
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    if ((seen.open >> i & 1U) != 0 && comes_before(memory, i, pool)) before |= PoolSet{1} << i;
  }
  if (!can_have_failed(memory, request, seen, pass, before)) return false;
  return pass == Pass::kLow || can_have_failed(memory, request, seen, Pass::kLow, seen.open);
}

/// The clause that a success out of `pool`, one of those open to the caller, breaks: E1, the pool can pay for
/// it and had its turn; C3, the second pass is the one that wakes.
[[nodiscard]] constexpr Clause judge_service(const Memory& memory, const Request& request, bool wake,
                                             const Evidence& seen, std::uint8_t pool) noexcept {
  if (!affordable(memory, request, seen, Pass::kMin, pool)) return Clause::E1;
  const auto served_in = [&](Pass pass) { return in_turn(memory, request, seen, pass, pool); };
  const bool as_said = served_in(wake ? Pass::kMin : Pass::kLow);
  if (!as_said && !served_in(wake ? Pass::kLow : Pass::kMin)) return Clause::E1;
  if (!request.gfp.has(kKswapdReclaim)) return wake ? Clause::C3 : Clause::kNone;
  return as_said || (seen.again && wake) ? Clause::kNone : Clause::C3;
}

/// The clause that a success breaks by what it was served from, which is no pool open to the caller.
[[nodiscard]] constexpr Clause judge_intrusion(const Pool& pool, Gfp gfp) noexcept {
  if (pool.kind == PoolKind::kVoid || gfp.has(kExclusive)) return Clause::X6;
  return pool.kind == PoolKind::kRoom || names_room(gfp) ? Clause::E4 : Clause::X2;
}

[[nodiscard]] constexpr Clause judge_success(const Memory& memory, const Request& request,
                                             const Answer& answer, const Evidence& seen) noexcept {
  if (!aligned(answer.pfn, request.order)) return Clause::X2;
  Clause broken = Clause::X2;
  // Each pool by its own number, as memory.pool_of() finds it: proofs/model-success.cpp looks on, and cannot
  // where the number of the pool is only known behind the loop. Pools are disjoint, so one of them judges.
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    if (!memory.pools[i].span.contains(answer.pfn, request.order)) continue;
    broken = (seen.open >> i & 1U) != 0 ? judge_service(memory, request, answer.wake, seen, i)
                                        : judge_intrusion(memory.pools[i], request.gfp);
  }
  return broken;
}

/// Whether what was judged without Evidence::fragmented, which is costly to know, must be judged again with
/// it: without it only more is forbidden.
[[nodiscard]] constexpr bool needs_blocks(Clause broken, const Answer& answer,
                                          const Evidence& seen) noexcept {
  if (broken == Clause::kNone) return false;
  return answer.status == Status::kFragmented || (answer.status == Status::kOk && !seen.conflict);
}

/// The clause that an answer to an allocation breaks, or kNone. X1 needs the live blocks and is State's.
[[nodiscard]] constexpr Clause judge_allocation(const Memory& memory, const Request& request,
                                                const Answer& answer, const Evidence& seen) noexcept {
  const bool understood = sensible(memory, request, seen.open);
  const bool here = !request.gfp.has(kDirectReclaim) || may_sleep(request.situation);
  if (answer.status == Status::kBadArgument && understood) return Clause::X2;
  if (answer.status == Status::kBadContext && here) return Clause::C1;
  if (answer.status == Status::kBadArgument || answer.status == Status::kBadContext) {
    return answer.wake ? Clause::C3 : Clause::kNone;  // A refused call changes nothing, so it wakes nobody.
  }
  if (!understood) return Clause::X2;
  if (!here) return Clause::C1;

  if (answer.status == Status::kOk) return judge_success(memory, request, answer, seen);
  if (request.gfp.has(kNofail)) return Clause::E2;
  const bool inside = gets_highatomic(request.gfp);
  const PoolSet short_of = short_pools(memory, request, seen, Pass::kMin, inside);
  const PoolSet fragmented = inside ? seen.fragmented : seen.fragmented_outside;
  if (answer.status == Status::kExhausted) {
    if ((seen.open & ~short_of) != 0) return Clause::E2;
  } else if (answer.status == Status::kFragmented) {
    if ((seen.open & ~(short_of | fragmented)) != 0) return Clause::E2;
    bool count_sufficed = false;
    for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
      if ((seen.open & fragmented) >> i & 1U)
        count_sufficed = count_sufficed || affordable(memory, request, seen, Pass::kMin, i);
    }
    if (!count_sufficed) return Clause::E2;
  } else if (answer.status == Status::kContended) {
    if (!seen.conflict) return Clause::E3;
  } else {
    return Clause::X2;
  }
  // C3: without a success the second pass was made, and it wakes; a room has no passes.
  bool passes = false;
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    passes = passes || ((seen.open >> i & 1U) != 0 && memory.pools[i].kind != PoolKind::kRoom);
  }
  return answer.wake == (passes && request.gfp.has(kKswapdReclaim)) ? Clause::kNone : Clause::C3;
}

}  // namespace labyrinth::model
