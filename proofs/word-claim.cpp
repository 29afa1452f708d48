// A claim in an ownership word, whatever others do before each of its accesses: it takes one block whose
// frames nobody has, in one step, or changes nothing; and finds nothing only for a reason.
//
// Rely-guarantee (proofs/rely.hpp), so for any number of CPUs and any nesting of interrupts. Geometry: one
// word, orders 0 to 4. Assumes: the word is well formed when the call begins; the caller's look at it
// (`seen`) may be arbitrarily old.
#include "ownership.cpp"
#include "word.hpp"

using namespace labyrinth;
using namespace labyrinth::proof;

namespace {

template <std::uint32_t kOrderValue>
void claim(Ownership& ownership) {
  constexpr Order kOrder{kOrderValue};
  constexpr std::uint32_t kFrames = 1u << kOrderValue;
  Word seen = labyrinth_any("seen", 64);
  labyrinth_assume(well_formed(seen));
  const Word prepaid = seen & kPrepaid;
  Patience patience;

  const Offset frame = ownership.claim_in_word(0, seen, kOrder, kFrames, patience);

  if (frame == kNoFrame) {
    labyrinth_prove(writes == 0, "X4: nothing is changed by a claim that found nothing");
    const bool none = free_blocks(seen, kOrder) == 0;
    labyrinth_prove(none || patience.is_gone() || (seen & kPrepaid) != prepaid,
                    "E3: nothing is found for a reason: no block, races lost, or credits that came or went");
    labyrinth_cover("found nothing");
    return;
  }
  labyrinth_cover("claimed");
  if (patience.left() < kPatience) labyrinth_cover("claimed after a lost race");
  labyrinth_prove(writes == 1, "X1: the claim is one step");
  labyrinth_prove(within_guarantee, "X1: blocks of others stay, and no block lies in another");
  labyrinth_prove(frame % kFrames == 0 && frame + kFrames <= kFramesPerWord,
                  "X2: the block is aligned and inside");
  labyrinth_prove((written & ~written_over) == node_bit(kOrder, frame), "X1: its bit is what was set");
  labyrinth_prove((used_frames(node_bit(kOrder, frame)) & used_frames(written_over)) == 0,
                  "X1: its frames were nobody's");
  labyrinth_prove((written_over & kPrepaid) == prepaid && (written & kPrepaid) == prepaid && seen == written,
                  "E1: the word keeps its credits, and the caller knows whose they are");
}

}  // namespace

extern "C" void proof() {
  OneWord word;
  // By order, since the loops over orders then have constant bounds.
  switch (labyrinth_any("order", 3)) {
    case 0:
      return claim<0>(word.ownership);
    case 1:
      return claim<1>(word.ownership);
    case 2:
      return claim<2>(word.ownership);
    case 3:
      return claim<3>(word.ownership);
    case 4:
      return claim<4>(word.ownership);
    default:
      return;
  }
}
