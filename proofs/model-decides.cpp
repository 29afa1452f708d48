// The relation of permitted answers decides: for each request and each evidence that can arise, some answer
// is permitted; a request that makes no sense is answered bad_argument, and nothing else is; one that may
// sleep where nobody may is answered bad_context; and when nothing else is going on, whether a single frame
// is given is determined.
//
// Geometry: a memory of one pool, a zone, the void or a room, of up to 2^20 frames, with any marks
// min <= low <= high up to as many, and any lowmem reserves up to as many; all requests. Several pools are
// model-pools'.
//
// Assumes the evidence of model_any.hpp, and that in a pool that is not fragmented a block of the order fits.
// A request with NOFAIL waits until it can be served, so none is required to be answered where others are
// refused.
#include "model_any.hpp"

using namespace labyrinth::model;

namespace {

constexpr std::uint32_t kFrameBits = 20;
// Global, so that no loop over all the pools that a memory can have makes them.
constinit Memory memory = one_zone({}, {}, kMaxOrder);
constinit Evidence seen{};

bool permitted(const Request& request, Status status, bool wake, Pfn pfn) {
  return judge_allocation(memory, request, Answer{status, wake, pfn}, seen) == Clause::kNone;
}

}  // namespace

extern "C" void proof() {
  make_any<kFrameBits>(memory.pools[0]);
  memory.max_order.value = static_cast<std::uint8_t>(labyrinth_any("max order", 4));
  labyrinth_assume(memory.max_order <= kMaxOrder);
  const Pool& pool = memory.pools[0];
  const Request request = any_request();

  seen.open = open_pools(memory, request.gfp, 1, request.situation.level);
  seen.pools[0] = any_pool_evidence<kFrameBits>(pool);
  make_any_outcome<1>(seen);
  const Pfn pfn{labyrinth_any("pfn", kFrameBits + 2)};
  const bool understood = sensible(memory, request, seen.open);
  const bool sleeps_wrongly = request.gfp.has(kDirectReclaim) && !may_sleep(request.situation);
  if (understood) {
    labyrinth_assume(seen.fragmented != 0 ||
                     pool.span.contains(first_block(pool.span, request.order), request.order));
  }

  // C3: who asks for it wakes background reclaim when refused, by any pool but a room.
  const bool wakes = request.gfp.has(kKswapdReclaim) && pool.kind != PoolKind::kRoom;
  const bool may_serve = understood && !sleeps_wrongly && (seen.open & 1U) != 0;
  const bool ok =  // As judge_service() has it, with a wake-up or without.
      may_serve && affordable(memory, request, seen, Pass::kMin, 0) &&
      (in_turn(memory, request, seen, Pass::kLow, 0) || in_turn(memory, request, seen, Pass::kMin, 0));
  const bool exhausted = permitted(request, Status::kExhausted, wakes, pfn);
  const bool fragmented = permitted(request, Status::kFragmented, wakes, pfn);
  const bool contended = permitted(request, Status::kContended, wakes, pfn);
  const bool bad_argument = permitted(request, Status::kBadArgument, false, pfn);
  const bool bad_context = permitted(request, Status::kBadContext, false, pfn);
  const bool served_or_refused = ok || exhausted || fragmented || contended;

  labyrinth_prove(bad_argument == !understood,
                  "X2: bad_argument is for what makes no sense, and only for that");
  labyrinth_prove(bad_context == sleeps_wrongly,
                  "C1: bad_context is for who may not sleep there, and only so");
  if (!understood || sleeps_wrongly) {
    labyrinth_cover("bad");
    labyrinth_prove(!served_or_refused, "C1: such a request is neither served nor refused");
    return;
  }
  const bool waits = request.gfp.has(kNofail);
  if (waits) {
    labyrinth_prove(!exhausted && !fragmented && !contended, "E2: NOFAIL is never refused");
  } else {
    labyrinth_prove(served_or_refused, "E2: some answer is permitted");
    labyrinth_prove(!contended || seen.conflict, "E3: contended is only for who met others");
  }
  if (ok) labyrinth_cover("ok");
  if (exhausted) labyrinth_cover("exhausted");
  if (fragmented) labyrinth_cover("fragmented");
  if (contended) labyrinth_cover("contended");

  // Alone: the extremes over the call's instants are what the pool has, and nothing is set apart.
  const PoolEvidence& of_pool = seen.pools[0];
  const bool alone = !seen.conflict && of_pool.least_unheld == of_pool.most_available;
  if (!alone || of_pool.most_apart.count != 0 || waits) return;
  labyrinth_cover("alone");
  labyrinth_prove(!ok || !exhausted, "E2: alone, exhausted is not for who could be served");
  if (seen.fragmented_outside == 0)
    labyrinth_prove(ok != exhausted && !fragmented, "E2: alone, with blocks left, the count decides");
}
