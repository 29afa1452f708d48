// Setting pageblocks apart and giving them back as what is proved of them (set-apart.cpp, give-back.cpp), in
// place of their code: nothing stays in the hands of the call that has it done, and what it costs. What
// impl/src/highatomic.hpp defines itself stays as it ships.
#pragma once

#include "stand_in_highatomic.hpp"
#include "zone_books.hpp"

namespace labyrinth {

[[gnu::noinline]] void Highatomic::set_apart(Offset frame) noexcept {
  labyrinth_prove(frame < proof::kZoneFrames, "X2: what is set apart is the zone's");
  labyrinth_prove(proof::in_hand == 0, "E1: who sets apart has spent its credits");
  labyrinth_prove(proof::caller.sets_apart, "E2: only who may sets apart");
  proof::accesses += static_cast<std::uint32_t>(set_apart_steps(proof::kShape));
}

[[gnu::noinline]] void Highatomic::give_back() noexcept {
  labyrinth_prove(proof::keeps_nothing(), "E2: who has the reserve given back has nothing in hand");
  labyrinth_prove(proof::caller.draws || proof::caller.gives_back, "E2: only who may has it given back");
  proof::accesses += static_cast<std::uint32_t>(give_back_steps(proof::kShape));
  proof::reserve_is_done = true;
}

Frames Highatomic::frames() const noexcept { return Frames{}; }

}  // namespace labyrinth
