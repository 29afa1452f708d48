// X6 of a void that is unmapped: what a drain of limbo may answer, and who else empties it.
//
// A block is in *limbo* from the answer of a free that could not unmap it until it is unmapped: nobody's, and
// not free. Who unmaps it frees it, at the latest when that call answers.
#pragma once

#include <cstdint>

#include "labyrinth/model/clause.hpp"
#include "labyrinth/model/context.hpp"
#include "labyrinth/model/memory.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

/// Whether a request of this pool drains limbo before it is refused (E2): no other may (N1).
[[nodiscard]] constexpr bool drains(Gfp gfp, const Situation& situation, const Pool& pool) noexcept {
  return pool.unmaps && gfp.has(kExclusive) && gfp.has(kDirectReclaim) && may_sleep(situation);
}

struct Drain {
  std::uint64_t most = 0;  ///< Blocks it may unmap.
  Situation situation{};
};

/// What was true of a drain that has been answered.
struct DrainEvidence {
  std::uint64_t unmapped = 0;  ///< Blocks that it unmapped.
  std::uint64_t left = 0;      ///< Blocks that were in limbo all along, and still are.
  bool alone = true;           ///< No other call that drains overlapped it: nobody else had a block in hand.
};

/// The clause that the answer breaks, or kNone. `drained`: how many blocks it says it unmapped.
[[nodiscard]] constexpr Clause judge_drain(const Drain& asked, Status status, std::uint64_t drained,
                                           const DrainEvidence& seen) noexcept {
  if (!may_sleep(asked.situation)) {
    return status == Status::kBadContext && drained == 0 && seen.unmapped == 0 ? Clause::kNone : Clause::C1;
  }
  if (status != Status::kOk) return status == Status::kBadContext ? Clause::C1 : Clause::X4;
  if (drained != seen.unmapped || drained > asked.most) return Clause::X4;
  // Nothing stays behind but what was one too many.
  return seen.left != 0 && drained < asked.most && seen.alone ? Clause::X4 : Clause::kNone;
}

}  // namespace labyrinth::model
