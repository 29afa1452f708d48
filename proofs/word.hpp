// One ownership word that others change before each access to it, and what a call makes of it.
//
// Others keep to the rely (proofs/rely.hpp). What the call writes is recorded here, and held against the
// guarantee and the call's answer by each proof.
#pragma once

#include "ownership.hpp"
#include "rely.hpp"

namespace labyrinth::proof {

inline std::uint64_t storage[1];
inline Word mine = 0;  // the bits of it that are this context's
inline std::uint32_t writes = 0;
inline bool within_guarantee = true;
// By the last write.
inline Word written_over = 0;
inline Word written = 0;

/// The ownership words of a zone of one.
class OneWord {
 public:
  /// In any well-formed state.
  OneWord() : at_first(labyrinth_any("word", 64)) {
    labyrinth_assume(well_formed(at_first));
    storage[0] = at_first;
  }

  const Word at_first;

 private:
  Geometry geometry_{0, kFramesPerWord, kWordOrder};

 public:
  Ownership ownership{geometry_, reinterpret_cast<std::byte*>(storage), nullptr};
};

}  // namespace labyrinth::proof

extern "C" [[gnu::used]] inline void labyrinth_before_atomic(void*, std::uint32_t) {
  namespace proof = labyrinth::proof;
  const labyrinth::Word next = labyrinth_any("others make of the word", 64);
  labyrinth_assume(proof::others_may(proof::storage[0], next, proof::mine));
  proof::storage[0] = next;
}

extern "C" [[gnu::used]] inline void labyrinth_after_write(void* address, std::uint64_t before,
                                                           std::uint64_t after) {
  namespace proof = labyrinth::proof;
  labyrinth_prove(address == proof::storage, "X1: nothing but the word is written");
  if (!proof::i_may(before, after, proof::mine)) proof::within_guarantee = false;
  proof::mine |= after & ~before;
  proof::written_over = before;
  proof::written = after;
  ++proof::writes;
}
