// Any memory, request and evidence that can arise, for proofs about the model's relation of permitted
// answers.
//
// Frames are counted to 2^bits, and first frames are below that. What holds of evidence wherever it is
// gathered (model/state.hpp and the checker): the pools open are those of E4; the least of what was not held
// by others is at most the most that was available, and that, like the most that was set apart, at most the
// pool; blocks set apart only make more pools fragmented.
#pragma once

#include "labyrinth/model/relation.hpp"
#include "labyrinth/proof.hpp"

namespace labyrinth::model {

template <std::uint32_t bits>
inline constexpr std::int64_t kMostFrames = std::int64_t{1} << bits;

template <std::uint32_t bits>
Frames any_frames(std::int64_t least, std::int64_t most) noexcept {
  const auto count = static_cast<std::int64_t>(labyrinth_any("frames", bits + 2)) - 2 * kMostFrames<bits>;
  labyrinth_assume(least <= count && count <= most);
  return {count};
}

template <std::uint32_t bits>
void make_any(Pool& pool) noexcept {
  pool.span.first.value = labyrinth_any("first", bits);
  pool.span.frames = any_frames<bits>(1, kMostFrames<bits>);
  pool.marks.high = any_frames<bits>(0, kMostFrames<bits>);
  pool.marks.low = any_frames<bits>(0, pool.marks.high.count);
  pool.marks.min = any_frames<bits>(0, pool.marks.low.count);
  const std::uint64_t kind = labyrinth_any("kind", 2);
  labyrinth_assume(kind < 3);
  pool.kind = static_cast<PoolKind>(kind);
  pool.zone = static_cast<ZoneType>(labyrinth_any("zone", 2));
  pool.level = static_cast<Level>(labyrinth_any("level of the room", 2));
  if (labyrinth_any("of a device", 1) != 0)
    pool.device = static_cast<std::uint8_t>(labyrinth_any("device", 3));
  pool.spills = labyrinth_any("spills", 1) != 0;
  static_assert(kZoneTypes == 4);
  pool.reserve = {any_frames<bits>(0, kMostFrames<bits>), any_frames<bits>(0, kMostFrames<bits>),
                  any_frames<bits>(0, kMostFrames<bits>), any_frames<bits>(0, kMostFrames<bits>)};
}

inline Request any_request() noexcept {
  Request request;
  request.gfp.bits = static_cast<std::uint32_t>(labyrinth_any("gfp", 32));
  request.order.value = static_cast<std::uint8_t>(labyrinth_any("order", 8));
  request.count = static_cast<std::uint32_t>(labyrinth_any("count", 32));
  request.gives_back = labyrinth_any("gives back", 1) != 0;
  request.situation = {static_cast<Level>(labyrinth_any("level", 2)), labyrinth_any("interrupts off", 1) != 0,
                       labyrinth_any("bottom halves off", 1) != 0, labyrinth_any("preemption off", 1) != 0};
  return request;
}

/// For one block, or for a bulk of single frames: what is needed is no product of two unknowns then, which
/// the solver would have to find equal wherever it is asked for.
template <bool kBulk>
Request any_request_for() noexcept {
  Request request = any_request();
  if constexpr (kBulk)
    request.order = {};
  else
    request.count = 1;
  return request;
}

/// Of the pool; whether it was fragmented is make_any_outcome()'s.
template <std::uint32_t bits>
PoolEvidence any_pool_evidence(const Pool& pool) noexcept {
  PoolEvidence of_pool;
  of_pool.most_available = any_frames<bits>(0, pool.span.frames.count);
  of_pool.least_unheld = any_frames<bits>(-pool.span.frames.count, of_pool.most_available.count);
  of_pool.most_apart = any_frames<bits>(0, pool.span.frames.count);
  return of_pool;
}

/// What is not of one pool; `seen.open` is known.
template <std::uint32_t pools>
void make_any_outcome(Evidence& seen) noexcept {
  seen.conflict = labyrinth_any("conflict", 1) != 0;
  seen.again = labyrinth_any("again", 1) != 0;
  seen.fragmented_outside = seen.open & static_cast<PoolSet>(labyrinth_any("fragmented outside", pools));
  seen.fragmented = seen.fragmented_outside & static_cast<PoolSet>(labyrinth_any("fragmented", pools));
}

/// Where the first block of the order begins, if one fits into the span.
constexpr Pfn first_block(const Span& span, Order order) noexcept {
  const auto size = static_cast<std::uint64_t>(order.frames().count);
  return {(span.first.value + size - 1) & ~(size - 1)};
}

}  // namespace labyrinth::model
