// Giving the highatomic reserve back, whatever others do before each access (H1 to H3 of
// impl/src/highatomic.hpp): a word's credits come out of it once; a slot is emptied when the pageblock that
// it named has no marks of its time; and what was set apart when this began is given back.
//
// Rely-guarantee (proofs/reserve.hpp), so for any number of contexts. Geometry: one pageblock of 64 frames,
// two slots. What is done in a word is one step (proofs/ownership_contracts.hpp). How often a slot had been
// changed when this call first looks at it is a constant: it is only ever compared, and counted on.
#include "64_frames.hpp"
#include "reserve.hpp"

using namespace labyrinth;
using namespace labyrinth::proof;

namespace {

constexpr std::uint64_t kChanged = std::uint64_t{7} << 32;

/// Which of the slots name the pageblock.
template <std::uint32_t kFirst, std::uint32_t kSecond>
[[gnu::noinline]] void give_back(Highatomic& highatomic) {
  at_look[0] = kChanged + kFirst;
  at_look[1] = kChanged + kSecond;

  highatomic.give_back();

  labyrinth_prove(accesses <= give_back_steps(kReserved), "N3: in no more steps than declared");
  labyrinth_prove(keeps_nothing(), "X4: every credit of what was set apart is given back, and no other");
  labyrinth_prove(marks_set == 0 && !flagged, "E2: nothing is set apart");
  labyrinth_prove(given_back[0] && given_back[1], "E2: what was set apart when this began is given back");
  if constexpr (kFirst + kSecond == 0) {
    labyrinth_cover("there was nothing");
  } else {
    labyrinth_cover("given back");
  }
}

}  // namespace

extern "C" void proof() {
  Reserve reserve;
  if (labyrinth_any("slot 0 names it", 1) != 0) {
    if (labyrinth_any("slot 1 names it", 1) != 0) return give_back<1, 1>(reserve.highatomic);
    return give_back<1, 0>(reserve.highatomic);
  }
  if (labyrinth_any("slot 1 names it", 1) != 0) return give_back<0, 1>(reserve.highatomic);
  give_back<0, 0>(reserve.highatomic);
}
