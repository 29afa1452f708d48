// Setting a pageblock apart for the highatomic reserve, whatever others do before each access (H1, H2 of
// impl/src/highatomic.hpp): a word's credits go into it once, and the highest floor is left; marks that this
// call leaves are in a pageblock that a slot names, and are told of.
//
// Rely-guarantee (proofs/reserve.hpp), so for any number of contexts. Geometry: one pageblock of 64 frames,
// two slots; floors to 2^33. What is done in a word is one step (proofs/ownership_contracts.hpp).
#include "64_frames.hpp"
#include "reserve.hpp"

extern "C" void proof() {
  using namespace labyrinth;
  using namespace labyrinth::proof;
  floor = Frames{static_cast<std::int64_t>(labyrinth_any("highest floor", 33))};
  Reserve reserve;
  named_becomes(0, labyrinth_any("slot 0", 64));
  named_becomes(1, labyrinth_any("slot 1", 64));

  // Of a frame, what counts is its pageblock; a constant, and so are the words.
  reserve.highatomic.set_apart(0);

  labyrinth_prove(accesses <= set_apart_steps(kReserved), "N3: in no more steps than declared");
  labyrinth_prove(keeps_nothing(), "X4: no word and no credit stays in the hands of a call");
  labyrinth_prove(owed == 0, "E2: no mark stays in a pageblock that no slot names");
  labyrinth_prove(moves_told == marks_set, "E2: who marks a word tells of it");
  if (!flagged) labyrinth_cover("another does it");
  if (flagged && !entered) labyrinth_cover("there is no slot");
  if (marks_set == kWords && !overtaken) labyrinth_cover("all words are set apart");
  if (overtaken) labyrinth_cover("given back meanwhile");
}
