// The parts of a zone without what they do, for proofs about what is around zones: they are there, and empty.
#pragma once

#include "labyrinth/proof.hpp"
#include "stand_in_highatomic.hpp"
#include "zone.hpp"

namespace labyrinth {

Credits::Credits(const Geometry&, std::byte*) noexcept : levels_(0), root_(Frames{0}) {}
Ownership::Ownership(const Geometry&, std::byte* words, std::byte*) noexcept
    : words_(reinterpret_cast<std::atomic<Word>*>(words)), chunk_order_(kWordOrder) {}
Ownership::Released Ownership::release_words(Offset, Order) noexcept {
  labyrinth_prove(false, "X3: no block is larger than the zone's");
  return Released::kNothing;
}
Prepaid::Prepaid(const Geometry& geometry, Ownership& ownership, Credits& credits, std::uint32_t cpus,
                 std::uint32_t lanes, Frames keep, std::byte*) noexcept
    : geometry_(geometry),
      ownership_(ownership),
      credits_(credits),
      cpus_(cpus),
      lanes_(lanes),
      enabled_(false),
      keep_(keep) {}
Pageblocks::Pageblocks(const Geometry& geometry, const Credits& credits, bool grouped, std::byte*) noexcept
    : geometry_(geometry), credits_(credits), grouped_(grouped) {}

}  // namespace labyrinth
