// Requests of order 3 to a zone where pageblocks may be set apart: proofs/zone_take.hpp says what is proved.
// Setting apart and giving back are as set-apart.cpp and give-back.cpp prove them. One proof for each kind of
// caller, since all in one took more than 250 s and almost 4 GiB.
#pragma once

#include "64_frames_apart.hpp"
#include "ownership_contracts.hpp"
#include "reserve_contracts.hpp"
#include "zone_take.hpp"

namespace labyrinth::proof {

inline void prove_take_for(const Caller& who) noexcept {
  caller = who;
  reserve_is_done = !who.draws && !who.gives_back;
  prove_take<3>();
}

}  // namespace labyrinth::proof
