// Prepaid words, whatever others do before each access: a frame claimed in one was nobody's; marking and
// unmarking change the mark alone, and hand over as many credits as the word has free frames.
//
// Rely-guarantee (proofs/rely.hpp). Geometry: one word; each of claim_prepaid, claim_frames, prepay,
// take_out. Assumes: the word is well formed when the call begins; whoever takes a mark out has put it in (P2
// of impl/src/prepaid.hpp), so that nobody else does.
#include "ownership.cpp"
#include "prepaid.hpp"
#include "word.hpp"

using namespace labyrinth;
using namespace labyrinth::proof;

extern "C" void proof() {
  OneWord word;
  const Word seen = labyrinth_any("seen", 64);
  labyrinth_assume(well_formed(seen) && (seen & kWhole) == 0);
  switch (labyrinth_any("call", 2)) {
    case 0: {
      const Offset frame = word.ownership.claim_prepaid(0, kPrepaidTries, [] { return true; });
      if (frame == kNoFrame) {
        labyrinth_prove(writes == 0, "X4: nothing is changed by a claim that found nothing");
        labyrinth_cover("no frame");
        break;
      }
      labyrinth_cover("a frame");
      const Word bit = node_bit(Order{0}, frame);
      labyrinth_prove(writes == 1 && written == (written_over | bit),
                      "X1: the claim is one step and one bit");
      labyrinth_prove((used_frames(written_over) & bit) == 0, "X1: the frame was nobody's");
      labyrinth_prove((written_over & kPrepaid) != 0, "E1: its credit was in the word");
      labyrinth_prove(free_count(written) + 1 == free_count(written_over), "E1: and is taken");
      break;
    }
    case 1: {
      const auto most = static_cast<std::uint32_t>(labyrinth_any("most", 6));
      const FreeFrames wanted = lowest_free(seen, most);
      labyrinth_prove(wanted.count <= most, "E2: no more frames than were asked for");
      if (!word.ownership.claim_frames(0, seen, wanted.bits)) {
        labyrinth_prove(writes == 0, "X4: nothing is changed by a race that was lost");
        labyrinth_cover("frames lost");
        break;
      }
      labyrinth_cover("frames");
      labyrinth_prove((used_frames(written_over) & wanted.bits) == 0, "X1: the frames were nobody's");
      labyrinth_prove(written == (written_over | wanted.bits), "X1: each is a block of its own");
      break;
    }
    case 2:
      if (!word.ownership.prepay(0, seen)) {
        labyrinth_prove(writes == 0, "X4: nothing is changed by a race that was lost");
        labyrinth_cover("not prepaid");
        break;
      }
      labyrinth_cover("prepaid");
      labyrinth_prove(written_over == seen && written == (seen | kPrepaid),
                      "E1: the word is marked as it was seen");
      break;
    default: {
      mine = kPrepaid;
      labyrinth_assume((word.at_first & kPrepaid) != 0);
      const Frames credits = word.ownership.take_out(0);
      labyrinth_cover("taken out");
      labyrinth_prove(writes == 1 && written == (written_over & ~kPrepaid),
                      "E1: the mark goes, and nothing else");
      labyrinth_prove(credits.value == free_count(written), "E1: there are as many credits as free frames");
    }
  }
  labyrinth_prove(within_guarantee, "X1: blocks of others stay, and no block lies in another");
}
