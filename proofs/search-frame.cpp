// A search for a single frame keeps what proofs of whole calls say of it (proofs/frame_search.hpp), whatever
// others do before each of its accesses: it claims one frame that nobody had, or none, and then for a reason.
//
// Rely-guarantee (proofs/shared_zone.hpp), so for any number of contexts. Geometry: 64 frames, one chunk; the
// hint is either word. Claims in a word are one step (proofs/ownership_contracts.hpp).
#include "64_frames.hpp"
#include "credits.cpp"
#include "frame_search.hpp"
#include "ownership_contracts.hpp"
#include "search.cpp"
#include "search_frame.cpp"

using namespace labyrinth;

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t bytes) {
  proof::others_move(address, bytes);
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  proof::i_wrote(address, before, after);
}

namespace {

template <WordIndex kHint>
[[gnu::noinline]] void search(Ownership& ownership, Credits& credits) {
  const bool was_free = proof::is_any_free();
  Search search(proof::kShape.geometry, ownership, credits, nullptr);

  const Found found = search.frame(kHint);

  labyrinth_prove(proof::is_agreed(proof::FrameSearch{was_free, proof::disturbed, found, proof::accesses}),
                  "E3: a search for a frame is as agreed");
  if (found.status != Status::kOk) {
    labyrinth_cover("contended");
    labyrinth_prove((proof::mine[0] | proof::mine[1]) == 0 && proof::in_hand == 1, "X4: nothing is changed");
    return;
  }
  labyrinth_cover("claimed");
  labyrinth_prove(proof::keeps_block(found.frame),
                  "X1: the frame is what was claimed, and its credit is spent");
}

}  // namespace

extern "C" void proof() {
  Ownership ownership(proof::kShape.geometry, reinterpret_cast<std::byte*>(proof::memory.words), nullptr);
  Credits credits(proof::kShape.geometry, nullptr);
  proof::share_words();
  proof::in_hand = 1;
  proof::granted = true;
  if (labyrinth_any("hint is the second word", 1) != 0) return search<1>(ownership, credits);
  search<0>(ownership, credits);
}
