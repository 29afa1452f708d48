// A free in an ownership word, whatever others do before its access: the block that it names goes if it is
// live, and nothing else changes; what it answers is what it did.
//
// Rely-guarantee (proofs/rely.hpp). Geometry: one word, orders 0 to 4, any frame of the machine. Assumes: the
// word is well formed when the call begins. The caller may own the block or not: a stale or false free is
// answered and does no harm.
#include "ownership.cpp"
#include "word.hpp"

using namespace labyrinth;
using namespace labyrinth::proof;

extern "C" void proof() {
  OneWord word;
  const Order order{static_cast<std::uint32_t>(labyrinth_any("order", 3))};
  labyrinth_assume(order <= kLargestInWord);
  const auto frame = static_cast<Offset>(labyrinth_any("frame", 5));
  labyrinth_assume(frame % (1u << order.value) == 0);
  const Word bit = node_bit(order, frame);
  const bool owned = labyrinth_any("the caller owns it", 1) != 0;
  if (owned) {
    mine = bit;
    labyrinth_assume((word.at_first & bit) != 0);
  }

  const Ownership::Released released = word.ownership.release(frame, order);

  labyrinth_prove(writes == 1, "N3: a free is one step");
  labyrinth_prove(written == (written_over & ~bit), "X3: nothing but the block that is named changes");
  labyrinth_prove(well_formed(written), "X1: the word stays well formed");
  if (owned)
    labyrinth_prove(released != Ownership::Released::kNothing, "X3: the free of a live block succeeds");
  if ((written_over & bit) == 0) {
    labyrinth_cover("refused");
    labyrinth_prove(released == Ownership::Released::kNothing, "X3: the free of what is not live is refused");
    return;
  }
  labyrinth_cover("freed");
  labyrinth_prove(released == ((written_over & kPrepaid) != 0 ? Ownership::Released::kWithoutCredit
                                                              : Ownership::Released::kWithCredit),
                  "E1: the credits are where the free says that they are");
}
