// The sleeping side: what a request that may sleep must have tried before it is refused (E2), and what the
// background reclaimer leaves behind (C3). Source: mm/page_alloc.c, __alloc_pages_slowpath(); mm/vmscan.c,
// balance_pgdat().
//
// *Shrinkers* are caches of the surroundings: what lies in them is live, and comes back when they are asked.
// A request that reclaims is judged by the time since shrinkers last gave it something (Evidence::again), so
// one that does not try again after that is refused against E2.
#pragma once

#include "labyrinth/model/relation.hpp"

namespace labyrinth::model {

/// What is known of the shrinkers during a call.
struct Reclaimed {
  /// Pools with a block that was in their reach at the call and still is at the answer.
  PoolSet unasked = 0;
  Frames asked{};  ///< How many frames the call has asked them for.
};

/// E2 of a request that has been judged by its pools already. Whoever may sleep is refused for want of memory
/// only if nothing in the shrinkers' reach throughout the call was left there, in a pool open to the request.
/// NORETRY weakens this to: or if they were asked for as many frames as the request needs. Requests that may
/// not sleep are held against N1 when they ask at all.
[[nodiscard]] constexpr Clause judge_reclaim(const Request& request, Status status, PoolSet open,
                                             const Reclaimed& seen) noexcept {
  if (!request.gfp.has(kDirectReclaim) || (seen.unasked & open) == 0) return Clause::kNone;
  if (status != Status::kExhausted && status != Status::kFragmented) return Clause::kNone;
  if (request.gfp.has(kNoretry) && seen.asked >= request.need()) return Clause::kNone;
  return Clause::E2;
}

/// The pools that background reclaim looks after: those with watermarks.
[[nodiscard]] constexpr PoolSet balanced_pools(const Memory& memory) noexcept {
  PoolSet pools = 0;
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    if (memory.pools[i].kind != PoolKind::kRoom) pools |= PoolSet{1} << i;
  }
  return pools;
}

/// The clause that the answer of the background reclaimer breaks, or kNone. kOk: each zone, and the void, had
/// an instant at which no fewer frames than `high` were free; kExhausted: one of them had an instant with
/// fewer, and nothing in the shrinkers' reach throughout the call was left there. While others take steps,
/// frames on their way into a per-CPU cache or the highatomic reserve, or out of it, may be counted twice or
/// not at all.
[[nodiscard]] constexpr Clause judge_balance(const Memory& memory, const Situation& situation, Status status,
                                             const Evidence& seen, const Reclaimed& shrinkers) noexcept {
  if (!may_sleep(situation)) return status == Status::kBadContext ? Clause::kNone : Clause::C1;
  if (status == Status::kBadContext) return Clause::C1;
  if (status != Status::kOk && status != Status::kExhausted) return Clause::X2;
  bool all_high = true;
  bool some_low = false;
  for (std::uint8_t i = 0; i < memory.pool_count; ++i) {
    if ((seen.open >> i & 1U) == 0) continue;
    const Pool& pool = memory.pools[i];
    const bool unsure = seen.conflict && (pool.batch > Frames{0} || pool.highatomic != 0);
    all_high = all_high && (unsure || seen.pools[i].most_available >= pool.marks.high);
    some_low = some_low || unsure || seen.pools[i].least_unheld < pool.marks.high;
  }
  if (status == Status::kOk) return all_high ? Clause::kNone : Clause::C3;
  return some_low && shrinkers.unasked == 0 ? Clause::kNone : Clause::C3;
}

}  // namespace labyrinth::model
