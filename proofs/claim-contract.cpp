// A claim in an ownership word keeps what proofs of whole calls say of it (proofs/claim.hpp), whatever others
// do before each of its accesses: it counts its races, and loses one only if the word is not as it was seen.
//
// Rely-guarantee (proofs/rely.hpp). Geometry: one word, orders 0 to 4, 1 to 16 races that may be lost.
#include "claim.hpp"
#include "orders.hpp"
#include "ownership.cpp"
#include "rely.hpp"

using namespace labyrinth;

namespace {

std::uint64_t storage[1];
Word last = 0;
std::uint32_t accesses = 0;
std::uint32_t writes = 0;
bool moved = false;

}  // namespace

extern "C" void labyrinth_before_atomic(void*, std::uint32_t) {
  const Word next = labyrinth_any("others make of the word", 64);
  labyrinth_assume(proof::others_may(storage[0], next, 0));
  moved = moved || next != storage[0];
  storage[0] = next;
  last = next;
  ++accesses;
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t, std::uint64_t) {
  labyrinth_prove(address == storage, "X1: nothing but the word is written");
  ++writes;
}

namespace {

template <std::uint32_t kOrderValue>
[[gnu::noinline]] void claim(Ownership& ownership) {
  constexpr Order kOrder{kOrderValue};
  Patience patience;
  const auto spent = static_cast<std::uint32_t>(labyrinth_any("races lost before", 4));
  for (std::uint32_t i = 0; i + 1 < kPatience; ++i) {
    if (i < spent) patience.lose_race();
  }
  const std::uint32_t before = patience.left();
  const Word seen = storage[0];
  last = seen;
  Word now = seen;

  const Offset frame = ownership.claim_in_word(0, now, kOrder, 1u << kOrderValue, patience);

  const bool found = frame != kNoFrame;
  const std::uint32_t lost = before - patience.left();
  labyrinth_prove(proof::is_agreed({kOrder, seen, before, lost, last, found, found ? frame : 0}),
                  "X1: a claim is as agreed");
  labyrinth_prove(accesses == lost + (found ? 1 : 0), "N3: each access is a race lost or the claim");
  labyrinth_prove(writes == (found ? 1 : 0), "X4: nothing is written but the claim");
  labyrinth_prove(lost == 0 || moved, "E3: races are lost to others only");
  if (found) {
    labyrinth_cover("claimed");
    labyrinth_prove(now == (last | node_bit(kOrder, frame)) && storage[0] == now,
                    "X1: its bit is set, and the caller has seen it");
    return;
  }
  labyrinth_cover("found nothing");
  if (lost != 0) labyrinth_cover("found nothing after a lost race");
  labyrinth_prove(now == last, "X1: the caller has seen what the claim saw");
}

}  // namespace

extern "C" void proof() {
  const Geometry geometry(0, kFramesPerWord, kWordOrder);
  Ownership ownership(geometry, reinterpret_cast<std::byte*>(storage), nullptr);
  storage[0] = labyrinth_any("word", 64);
  labyrinth_assume(proof::well_formed(storage[0]));
  proof::with_any_order([&]<std::uint32_t kOrder>() { claim<kOrder>(ownership); });
}
