// A highatomic reserve without its memory, for proofs that have contracts, or nothing, in place of its calls.
#pragma once

#include "highatomic.hpp"

namespace labyrinth {

inline Highatomic::Highatomic(const Geometry& geometry, Ownership& ownership, Credits& credits,
                              Pageblocks& blocks, std::uint32_t most, Frames keep,
                              std::byte* /*memory*/) noexcept
    : geometry_(geometry),
      ownership_(ownership),
      credits_(credits),
      blocks_(blocks),
      most_(most),
      keep_(keep) {}

}  // namespace labyrinth
