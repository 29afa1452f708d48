// A free in a zone as a whole, whatever others do before each of its accesses: exactly the block that it
// names goes if it is live, and its credits go back once, to the chunk first and to the root last.
//
// Rely-guarantee (proofs/shared_zone.hpp), so for any number of contexts. Geometry: 64 frames, orders 0 to 4,
// any pfn. The caller may own the block or not.
#include "64_frames.hpp"
#include "credits.cpp"
#include "highatomic.cpp"
#include "orders.hpp"
#include "ownership.cpp"
#include "pageblocks.cpp"
#include "prepaid.cpp"
#include "search.cpp"
#include "search_frame.cpp"
#include "zone.cpp"
#include "zone_books.hpp"

using namespace labyrinth;

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t bytes) {
  proof::others_move(address, bytes);
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  proof::i_wrote(address, before, after);
}

namespace {

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
  labyrinth_prove(
      pfn.value >= proof::kFirstPfn && pfn.value + kFrames <= proof::kFirstPfn + proof::kZoneFrames,
      "X2: a block lies in the zone");
  const auto frame = static_cast<Offset>(pfn.value - proof::kFirstPfn);
  const std::uint32_t word = frame / kFramesPerWord;
  const Word bit = node_bit(kOrder, frame % kFramesPerWord);
  proof::order = kOrder;
  proof::named[word] = bit;
  const bool owned = labyrinth_any("the caller owns it", 1) != 0;
  if (owned) proof::mine[word] = bit;

  const bool freed = zone.release(pfn, kOrder);

  labyrinth_prove(proof::accesses <= release_steps(proof::kShape.geometry, kOrder),
                  "N3: in no more steps than declared");
  labyrinth_prove(proof::keeps_nothing(), "X4: every credit of what was freed is given back, and no other");
  labyrinth_prove(proof::frees == (freed ? 1 : 0), "X3: it says what it did");
  if (freed) {
    labyrinth_cover("freed");
    return;
  }
  labyrinth_cover("refused");
  labyrinth_prove(!owned, "X3: the free of a live block succeeds");
}

}  // namespace

extern "C" void proof() {
  Zone zone(proof::zone_setup(Frames{0}), reinterpret_cast<std::byte*>(&proof::memory), 0);
  proof::share(zone);
  proof::with_any_order([&]<std::uint32_t kOrder>() { release<kOrder>(zone); });
}
