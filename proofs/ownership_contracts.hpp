// The operations of impl/src/ownership.cpp as what is proved of them (claim-contract.cpp, word-prepaid.cpp),
// in place of their code: in a proof of a whole call a claim is then one step, and not sixteen lost races.
// What impl/src/ownership.hpp defines itself stays as it ships. For orders within a word.
#pragma once

#include "claim.hpp"
#include "zone_books.hpp"

namespace labyrinth {

// The words are in their arrays already, with any value.
Ownership::Ownership(const Geometry& geometry, std::byte* words, std::byte* large) noexcept
    : words_(reinterpret_cast<std::atomic<Word>*>(words)),
      large_(reinterpret_cast<std::atomic<Word>*>(large)),
      chunk_order_(geometry.chunk_order) {}

[[gnu::noinline]] Offset Ownership::claim_in_word(WordIndex word, Word& seen, Order order,
                                                  std::uint32_t frames, Patience& patience) noexcept {
  labyrinth_prove(word < proof::kWords, "X2: the word is one of the zone's");
  labyrinth_prove(frames == (proof::part != 0 ? proof::part : 1u << order.value),
                  "X2: what is wanted is claimed");
  labyrinth_prove(!patience.is_gone(), "E3: who claims has patience left");
  labyrinth_prove(proof::kPageblocks == 0 || proof::caller.draws || (seen & kPrepaid) == 0 ||
                      proof::is_not_apart[word % proof::kWords],
                  "E4: what is set apart is for those who may draw on it");
  labyrinth_prove(seen == proof::memory.words[word], "X1: a claim begins with what the call saw last");
  proof::Claim claim{order, seen, patience.left(), 0, seen, false, 0};
  claim.lost = static_cast<std::uint32_t>(labyrinth_any("races lost", 5));
  claim.found = labyrinth_any("claimed", 1) != 0;
  proof::accesses += claim.lost + (claim.found ? 1 : 0);
  if (claim.lost != 0 || claim.found) {
    proof::others_make_of_word(word);
    claim.last = proof::memory.words[word];
  }
  if (claim.lost != 0) proof::disturbed = true;
  claim.start = static_cast<std::uint32_t>(labyrinth_any("claimed frame of the word", 5));
  labyrinth_assume(proof::is_agreed(claim));
  for (std::uint32_t i = 0; i < kPatience; ++i) {
    if (i < claim.lost) patience.lose_race();
  }
  seen = claim.last;
  if (!claim.found) return kNoFrame;
  seen |= proof::part != 0 ? pieces(0, proof::part) << (2 * claim.start) : node_bit(order, claim.start);
  proof::write_word(word, seen);
  return word * kFramesPerWord + claim.start;
}

[[gnu::noinline]] bool Ownership::claim_frames(WordIndex word, Word seen, Word frames) noexcept {
  labyrinth_prove(word < proof::kWords, "X2: the word is one of the zone's");
  ++proof::accesses;
  proof::others_make_of_word(word);
  if (proof::memory.words[word] != seen) return false;
  proof::write_word(word, seen | frames);
  return true;
}

[[gnu::noinline]] bool Ownership::prepay(WordIndex word, Word seen) noexcept {
  labyrinth_prove(word < proof::kWords, "X2: the word is one of the zone's");
  labyrinth_prove((seen & kPrepaid) == 0, "X4: a word is prepaid once");
  ++proof::accesses;
  proof::others_make_of_word(word);
  if (labyrinth_any("marked", 1) == 0) return false;
  labyrinth_assume(proof::memory.words[word] == seen);
  static_cast<void>(proof::change_mark(word));
  return true;
}

[[gnu::noinline]] Frames Ownership::take_out(WordIndex word) noexcept {
  labyrinth_prove(word < proof::kWords, "X2: the word is one of the zone's");
  ++proof::accesses;
  proof::others_make_of_word(word);
  return proof::change_mark(word);
}

bool Ownership::are_words_free(std::uint32_t /*block*/, Order /*order*/) const noexcept {
  labyrinth_prove(false, "X2: the block lies within a word");
  return false;
}

bool Ownership::claim_words(std::uint32_t /*block*/, Order /*order*/, std::uint32_t /*frames*/,
                            Patience& /*patience*/) noexcept {
  labyrinth_prove(false, "X2: the block lies within a word");
  return false;
}

Ownership::Released Ownership::release_words(Offset /*frame*/, Order /*order*/) noexcept {
  labyrinth_prove(false, "X2: the block lies within a word");
  return Released::kNothing;
}

}  // namespace labyrinth
