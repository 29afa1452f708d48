// Of several pools some answer is permitted to each request: one that can be refused neither as exhausted nor
// as fragmented may be served, with a wake-up or without, by a pool in which a block stayed free that nobody
// else can hold.
//
// Geometry: a memory of two pools, in the order that a memory has: zones in the order of their addresses, the
// void, rooms; each of up to 2^8 frames, with any marks min <= low <= high and lowmem reserves up to as
// many; all requests for one block.
//
// Assumes the evidence of model_any.hpp. NOFAIL is left out: it waits until it can be served.
#include "model_any.hpp"

using namespace labyrinth::model;

namespace {

constexpr std::uint32_t kFrameBits = 8;
constexpr std::uint32_t kPools = 2;

// Global, so that no loop over all the pools that a memory can have makes them.
constinit Memory memory = one_zone({}, {}, kMaxOrder);
constinit Evidence seen{};

[[gnu::noinline]] bool permitted(const Request& request, Status status, bool wake) {
  return judge_allocation(memory, request, Answer{status, wake, {}}, seen) == Clause::kNone;
}

/// No two rooms have one owner.
bool in_order(const Pool& first, const Pool& second) {
  if (first.kind == PoolKind::kRoom && second.kind == PoolKind::kRoom && first.device == second.device &&
      (first.device != kNoDevice || (first.cpu == second.cpu && first.level == second.level)))
    return false;
  if (first.kind == PoolKind::kZone && second.kind == PoolKind::kZone) return first.zone < second.zone;
  return first.kind == PoolKind::kRoom ? second.kind == PoolKind::kRoom
                                       : first.kind == PoolKind::kZone || second.kind == PoolKind::kRoom;
}

[[gnu::noinline]] bool is_request(const Request& request) {
  return sensible(memory, request, seen.open) &&
         (!request.gfp.has(kDirectReclaim) || may_sleep(request.situation));
}

/// Whether the pool is not fragmented for the request, and may serve it, with a wake-up or without
/// (judge_service()); the block is another proof's (model-success).
template <std::uint8_t pool>
[[gnu::noinline]] bool may_serve(const Request& request) {
  const PoolSet fragmented = gets_highatomic(request.gfp) ? seen.fragmented : seen.fragmented_outside;
  return ((seen.open & ~fragmented) >> pool & 1U) != 0 &&
         affordable(memory, request, seen, Pass::kMin, pool) &&
         (in_turn(memory, request, seen, Pass::kLow, pool) ||
          in_turn(memory, request, seen, Pass::kMin, pool));
}

}  // namespace

extern "C" void proof() {
  memory.pool_count = kPools;
  make_any<kFrameBits>(memory.pools[0]);
  make_any<kFrameBits>(memory.pools[1]);
  labyrinth_assume(in_order(memory.pools[0], memory.pools[1]));
  memory.max_order.value = static_cast<std::uint8_t>(labyrinth_any("max order", 4));
  labyrinth_assume(memory.max_order <= kMaxOrder);
  const Request request = any_request_for<false>();

  seen.open = open_pools(memory, request.gfp, 1, request.situation.level);
  seen.pools[0] = any_pool_evidence<kFrameBits>(memory.pools[0]);
  seen.pools[1] = any_pool_evidence<kFrameBits>(memory.pools[1]);
  make_any_outcome<kPools>(seen);

  labyrinth_assume(is_request(request) && !request.gfp.has(kNofail));

  // C3: who asks for it wakes background reclaim when refused, by any pool but a room.
  const bool passes = ((seen.open & 1U) != 0 && memory.pools[0].kind != PoolKind::kRoom) ||
                      ((seen.open & 2U) != 0 && memory.pools[1].kind != PoolKind::kRoom);
  const bool wakes = passes && request.gfp.has(kKswapdReclaim);
  const bool served_first = may_serve<0>(request);
  const bool served_second = may_serve<1>(request);
  const bool served = served_first || served_second;
  const bool exhausted = permitted(request, Status::kExhausted, wakes);
  const bool fragmented = permitted(request, Status::kFragmented, wakes);
  labyrinth_prove(served || exhausted || fragmented, "E2: some answer is permitted, whatever the pools are");

  if (!exhausted && !fragmented && !served_second) labyrinth_cover("served by another");
  if (exhausted && served) labyrinth_cover("served or exhausted");
  if (!served && !fragmented) labyrinth_cover("exhausted");
  if (!served && !exhausted) labyrinth_cover("fragmented");

  // Alone: the extremes over the call's instants are what the pools have, and nothing is set apart.
  const auto alone = [](const PoolEvidence& of_pool) {
    return of_pool.least_unheld == of_pool.most_available && of_pool.most_apart.count == 0;
  };
  const bool quiet =
      !seen.conflict && seen.fragmented_outside == 0 && alone(seen.pools[0]) && alone(seen.pools[1]);
  if (!quiet) return;
  labyrinth_cover("alone");
  labyrinth_prove(served != exhausted && !fragmented, "E2: alone, with blocks left, the counts decide");
}
