// A success is permitted only if the block is aligned and, as a whole, in one pool; if that pool is open to
// the request and can pay for it; if each pool to be tried before it was short of its low mark or fragmented,
// but for others' steps; and if background reclaim is woken as the pass that serves does.
//
// Geometry: a memory of two disjoint pools of any kinds, each of up to 2^11 frames, with any marks min <= low
// <= high and lowmem reserves up to as many; all requests; any pfn below 2^13.
//
// Assumes the evidence of model_any.hpp. What is required is written down here anew, from section 4 of the
// design, and not by the functions that the relation is made of.
#include "model_any.hpp"

using namespace labyrinth::model;

namespace {

constexpr std::uint32_t kFrameBits = 11;
// Global, so that no loop over all the pools that a memory can have makes them.
constinit Memory memory = one_zone({}, {}, kMaxOrder);
constinit Evidence seen{};

/// The frames that a request must leave in the pool in the first pass: low and what the zone keeps back.
std::int64_t low_floor(const Request& request, const Pool& pool) {
  if (pool.kind == PoolKind::kRoom) return 0;
  if (pool.kind == PoolKind::kVoid) return pool.marks.low.count;
  const auto highest = static_cast<std::size_t>(highest_zone(request.gfp).value_or(ZoneType::kNormal));
  return pool.marks.low.count + pool.reserve[highest].count;
}

std::int64_t frames_of(const Request& request) {
  return (std::int64_t{1} << request.order.value) * request.count;
}

/// Whether the pool could not serve the request in the first pass, by its frames or for want of a block.
bool failed_first(const Request& request, std::uint8_t pool) {
  const PoolEvidence& of_pool = seen.pools[pool];
  const std::int64_t outside = of_pool.least_unheld.count - of_pool.most_apart.count;
  return (seen.open >> pool & 1U) == 0 || (seen.fragmented_outside >> pool & 1U) != 0 ||
         outside - frames_of(request) < low_floor(request, memory.pools[pool]);
}

/// What must hold of a success out of the pool, which the block lies in.
template <std::uint32_t pools, std::uint8_t at>
void check(const Request& request, bool wake) {
  const Pool& pool = memory.pools[at];
  const PoolEvidence& of_pool = seen.pools[at];
  const bool is_room = pool.kind == PoolKind::kRoom;
  const std::int64_t left = of_pool.most_available.count - frames_of(request);
  labyrinth_prove((seen.open >> at & 1U) != 0, "E4: the pool is one that the request may be served from");
  labyrinth_prove((pool.kind == PoolKind::kVoid) == request.gfp.has(kExclusive),
                  "X6: the void serves exclusive requests, and those alone");
  labyrinth_prove(!is_room || names_room(request.gfp), "E4: rooms serve those who ask for them");
  labyrinth_prove(left >= 0, "E1: no more is given than there is");
  if (!request.gfp.has(kMemalloc) && !request.gfp.has(kHigh))
    labyrinth_prove(is_room || left >= pool.marks.min.count, "E1: plain requests leave min");

  const bool leaves_low = left >= low_floor(request, pool);
  const bool wakes = request.gfp.has(kKswapdReclaim);
  labyrinth_prove(!wake || wakes, "C3: only who asks for it wakes background reclaim");
  if (wakes && !wake) labyrinth_prove(leaves_low, "C3: what is served without a wake-up leaves low");

  if constexpr (pools == 2) {
    // Pools tried before: rooms, then zones from the highest one down.
    constexpr std::uint8_t kOther = 1 - at;
    const bool other_is_room = memory.pools[kOther].kind == PoolKind::kRoom;
    const bool is_second = other_is_room != is_room ? other_is_room : !is_room && kOther > at;
    // Of several rooms of one owner the task may have asked any, where it migrated meanwhile.
    if (is_second && !(is_room && other_is_room) && !seen.conflict)
      labyrinth_prove(failed_first(request, kOther),
                      "E1: a pool that comes before was short of low, or fragmented");
    if (is_second) labyrinth_cover("not the first");
  }
  if (!leaves_low) labyrinth_cover("below low");
  if (is_room) labyrinth_cover("a room");
  if (pool.kind == PoolKind::kVoid) labyrinth_cover("the void");
  if (wake) labyrinth_cover("wakes");
}

// Not inlined: what is local to one of these is then nothing that CBMC keeps through all that follows.
[[gnu::noinline]] bool is_permitted(const Request& request, bool wake, Pfn pfn) {
  return judge_allocation(memory, request, Answer{Status::kOk, wake, pfn}, seen) == Clause::kNone;
}

template <std::uint8_t at>
[[gnu::noinline]] bool may_serve(const Request& request, bool wake) {
  return judge_service(memory, request, wake, seen, at) == Clause::kNone;
}

[[gnu::noinline]] bool is_request(const Request& request) {
  return sensible(memory, request, seen.open) &&
         (!request.gfp.has(kDirectReclaim) || may_sleep(request.situation));
}

template <std::uint32_t pools, bool bulk>
Request make_any_call() {
  memory.pool_count = pools;
  make_any<kFrameBits>(memory.pools[0]);
  if constexpr (pools == 2) make_any<kFrameBits>(memory.pools[1]);
  memory.max_order.value = static_cast<std::uint8_t>(labyrinth_any("max order", 4));
  labyrinth_assume(memory.max_order <= kMaxOrder);
  const Request request = any_request_for<bulk>();
  seen.open = open_pools(memory, request.gfp, 1, request.situation.level);
  seen.pools[0] = any_pool_evidence<kFrameBits>(memory.pools[0]);
  if constexpr (pools == 2) seen.pools[1] = any_pool_evidence<kFrameBits>(memory.pools[1]);
  make_any_outcome<pools>(seen);
  return request;
}

template <bool bulk>
void in_one_pool() {
  const Request request = make_any_call<1, bulk>();
  const Pfn pfn{labyrinth_any("pfn", kFrameBits + 2)};
  const bool wake = labyrinth_any("wake", 1) != 0;
  labyrinth_assume(is_permitted(request, wake, pfn));
  labyrinth_cover("permitted");

  const std::uint64_t size = std::uint64_t{1} << request.order.value;
  labyrinth_prove((pfn.value & (size - 1)) == 0, "X2: the block is aligned to its order");
  const Span& span = memory.pools[0].span;
  labyrinth_prove(pfn.value >= span.first.value &&
                      pfn.value + size <= span.first.value + static_cast<std::uint64_t>(span.frames.count),
                  "X2: the block is inside the pool");
  check<1, 0>(request, wake);
}

template <bool bulk, std::uint8_t at>
void in_one_of_two() {
  const Request request = make_any_call<2, bulk>();
  const bool wake = labyrinth_any("wake", 1) != 0;
  labyrinth_assume(is_request(request));
  labyrinth_assume((seen.open >> at & 1U) != 0 && may_serve<at>(request, wake));
  check<2, at>(request, wake);
}

}  // namespace

extern "C" void proof() {
  const bool bulk = labyrinth_any("a bulk", 1) != 0;
  switch (labyrinth_any("part", 2)) {
    case 0:
      return bulk ? in_one_pool<true>() : in_one_pool<false>();
    case 1:
      return bulk ? in_one_of_two<true, 0>() : in_one_of_two<false, 0>();
    default:
      return bulk ? in_one_of_two<true, 1>() : in_one_of_two<false, 1>();
  }
}
