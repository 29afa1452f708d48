// A free in a zone as a whole, whatever others do before each of its accesses: exactly the block that it
// names goes if it is live, with all of its words if it is larger than one, and its credits go back once, to
// the chunk first and to the root last.
//
// Rely-guarantee (proofs/shared_zone.hpp), so for any number of contexts. Geometry: 64 or 128 frames, any
// pfn. The caller may own the block or not. Nothing of impl/ is left out.
#pragma once

// Before it: how many words there are.
#include "credits.cpp"
#include "highatomic.cpp"
#include "ownership.cpp"
#include "pageblocks.cpp"
#include "prepaid.cpp"
#include "search.cpp"
#include "search_frame.cpp"
#include "zone.cpp"
#include "zone_books.hpp"

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t bytes) {
  labyrinth::proof::others_move(address, bytes);
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  labyrinth::proof::i_wrote(address, before, after);
}

namespace labyrinth::proof {

/// What the free names, and that it is the caller's.
template <std::uint32_t kOrderValue>
void name(Offset frame, bool owned) {
  order = Order{kOrderValue};
  const std::uint32_t word = frame / kFramesPerWord;
  if constexpr (kOrderValue <= kLargestInWord.value) {
    named[word] = node_bit(order, frame % kFramesPerWord);
    if (owned) mine[word] = named[word];
  } else {
    named_live = node_bit(Order{kOrderValue - kWordOrder.value}, word);
    if (!owned) return;
    own_words(named_live);
    labyrinth_assume((memory.large[0] & live_bits_of_mine()) == named_live);
    live = named_live;
  }
}

template <std::uint32_t kOrderValue>
void release(Zone& zone) {
  constexpr Order kOrder{kOrderValue};
  constexpr std::uint64_t kFrames = std::uint64_t{1} << kOrderValue;
  const Pfn pfn{labyrinth_any("pfn", 64)};
  if (!zone.could_be_block(pfn, kOrder)) {
    labyrinth_cover("no block");
    return;
  }
  labyrinth_prove(pfn.value % kFrames == 0, "X2: a block is aligned to its order");
  labyrinth_prove(pfn.value >= kFirstPfn && pfn.value + kFrames <= kFirstPfn + kZoneFrames,
                  "X2: a block lies in the zone");
  const bool owned = labyrinth_any("the caller owns it", 1) != 0;
  name<kOrderValue>(static_cast<Offset>(pfn.value - kFirstPfn), owned);

  const bool freed = zone.release(pfn, kOrder);

  labyrinth_prove(accesses <= release_steps(kShape.geometry, kOrder), "N3: in no more steps than declared");
  labyrinth_prove(keeps_nothing(), "X4: every credit of what was freed is given back, and no other");
  labyrinth_prove(frees == (freed ? 1 : 0), "X3: it says what it did");
  if (freed) {
    labyrinth_cover("freed");
    return;
  }
  labyrinth_cover("refused");
  labyrinth_prove(!owned, "X3: the free of a live block succeeds");
}

template <std::uint32_t... kOrders>
void prove_release() noexcept {
  Zone zone(zone_setup(Frames{0}), reinterpret_cast<std::byte*>(&memory), 0);
  share(zone);
  const std::uint64_t which = labyrinth_any("order", 3);
  static_cast<void>(((which == kOrders && (release<kOrders>(zone), true)) || ...));
}

}  // namespace labyrinth::proof
