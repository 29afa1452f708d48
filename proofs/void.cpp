// The void: what an owner left in a block is destroyed while the block is nobody's, before anyone else can
// claim it, and never touched after; what is given out is claimed, made ready, and live only then.
//
// Rely-guarantee, so for any number of contexts. One call of release() or take(), of a live block or of one
// that is not, with a port that poisons and with one that unmaps; rely, geometry and assumptions: void.hpp.
#include "void.hpp"

using namespace labyrinth;

namespace {

void release(IsolatedZone& zone) {
  const bool is_owner = labyrinth_any("the caller owns it", 1) != 0;
  owned = is_owner;
  if (is_owner) {
    zone_word |= bit();
    storage[0] |= bit();
    if (unmaps) labyrinth_assume((*limbo_word & bit()) == 0);
  }
  const bool is_freed = zone.release(Pfn{kFirst + frame}, order);
  labyrinth_prove(is_freed == (frees == 1), "X3: a free succeeds if the block was live");
  labyrinth_prove(is_freed || !is_owner, "X3: the free of a live block succeeds");
  if (!is_freed) {
    labyrinth_cover("refused");
    labyrinth_prove(frees == 0 && releases == 0 && put_back == 0 && port_calls == 0,
                    "X3: a free that is refused changes nothing");
    return;
  }
  labyrinth_prove(releases + put_back == 1 && credits == releases && !in_hands,
                  "X4: what is freed is free, or in limbo");
  if (put_back != 0) labyrinth_cover("freed into limbo");
  if (releases != 0 && unmaps) labyrinth_cover("unmapped and freed");
  if (!unmaps) labyrinth_cover("poisoned and freed");
}

void take(IsolatedZone& zone) {
  wants_zeros = labyrinth_any("zeroed", 1) != 0;
  const Zone::Taken got = zone.take(order, Frames{0}, 0, wants_zeros);
  labyrinth_prove(!in_hands, "X4: what is claimed is given to the caller, or back");
  if (got.status == Status::kOk) {
    labyrinth_cover("taken");
    labyrinth_prove(inserted == 1 && releases == 0 && got.pfn.value == kFirst + frame,
                    "X1: what is given out is the block that was made ready");
    return;
  }
  if (releases != 0) labyrinth_cover("cannot be mapped");
  labyrinth_prove(inserted == 0 && releases == credits, "X4: a refusal leaves nothing behind");
}

// By order, since loops over its frames then have constant bounds. (block-set is about frames.)
void call(IsolatedZone& zone) {
  const bool releases_it = labyrinth_any("releases", 1) != 0;
  const std::uint64_t which = labyrinth_any("order", 2);
  labyrinth_assume(which <= kMaxOrder);
  for (std::uint32_t k = 0; k <= kMaxOrder; ++k) {
    if (k != which) continue;
    order = Order{k};
    frame = kFrameOf[k];
    if (releases_it) {
      release(zone);
    } else {
      take(zone);
    }
    return;
  }
}

}  // namespace

extern "C" void proof() {
  auto* const memory = reinterpret_cast<std::byte*>(storage);
  if (labyrinth_any("unmaps", 1) == 0) {
    IsolatedZone zone(kSetup, kPoisons, memory);
    any_words();
    return call(zone);
  }
  unmaps = true;
  IsolatedZone zone(kSetup, kUnmaps, memory);
  any_words();
  call(zone);
}
