// A claim in an ownership word, whatever others do before each of its accesses: it takes one block whose
// frames nobody has, in one step, or changes nothing; and finds nothing only for a reason.
//
// Rely-guarantee (proofs/rely.hpp), so for any number of CPUs and any nesting of interrupts. Geometry: one
// word, orders 0 to 4. Assumes: the word is well formed when the call begins; the caller's look at it
// (`seen`) may be arbitrarily old.
#include "ownership.cpp"
#include "rely.hpp"

using namespace labyrinth;

namespace {

std::uint64_t storage[1];
Word mine = 0;
std::uint32_t writes = 0;
Word written_over = 0;
Word written = 0;

}  // namespace

extern "C" void labyrinth_before_atomic(void*, std::uint32_t) {
  const Word next = labyrinth_any("others make of the word", 64);
  labyrinth_assume(proof::others_may(storage[0], next, mine));
  storage[0] = next;
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  labyrinth_prove(address == storage, "X1: nothing but the word is written");
  labyrinth_prove(proof::i_may(before, after, mine),
                  "X1: blocks of others stay, and no block lies in another");
  labyrinth_prove(((before ^ after) & kPrepaid) == 0, "E1: the word keeps its credits");
  mine |= after & ~before;
  written_over = before;
  written = after;
  ++writes;
}

namespace {

template <std::uint32_t kOrderValue>
void claim(Ownership& ownership) {
  constexpr Order kOrder{kOrderValue};
  constexpr std::uint32_t kFrames = 1u << kOrderValue;
  Word seen = labyrinth_any("seen", 64);
  labyrinth_assume(proof::well_formed(seen));
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
  labyrinth_prove(frame % kFrames == 0 && frame + kFrames <= kFramesPerWord,
                  "X2: the block is aligned and inside");
  labyrinth_prove((written & ~written_over) == node_bit(kOrder, frame), "X1: its bit is what was set");
  labyrinth_prove((used_frames(node_bit(kOrder, frame)) & used_frames(written_over)) == 0,
                  "X1: its frames were nobody's");
  labyrinth_prove((written_over & kPrepaid) == prepaid && seen == written,
                  "E1: the caller knows whose credits they are");
}

}  // namespace

extern "C" void proof() {
  const Geometry geometry(0, kFramesPerWord, kWordOrder);
  Ownership ownership(geometry, reinterpret_cast<std::byte*>(storage), nullptr);
  const Word at_first = labyrinth_any("word", 64);
  labyrinth_assume(proof::well_formed(at_first));
  storage[0] = at_first;
  // By order, since the loops over orders then have constant bounds.
  switch (labyrinth_any("order", 3)) {
    case 0:
      return claim<0>(ownership);
    case 1:
      return claim<1>(ownership);
    case 2:
      return claim<2>(ownership);
    case 3:
      return claim<3>(ownership);
    case 4:
      return claim<4>(ownership);
    default:
      return;
  }
}
