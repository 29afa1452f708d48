// A claim and a free of a block that spans ownership words, whatever others do before each access: a claim
// owns every word of the block or none in the end, publishes the block only then, and touches no other word;
// a free gives back the words of exactly the block that it names, if that is live.
//
// Rely-guarantee, so for any number of contexts: nobody writes a word that another owns as a whole, and
// nobody sets or clears the live bit of a block whose words another owns. Geometry: a chunk that is one block
// of the order, and one word more; orders 5 to 8, which own 1 to 8 words. Assumes: the words are well formed
// when the call begins.
#include "ownership.cpp"
#include "rely.hpp"

using namespace labyrinth;

namespace {

constexpr std::uint32_t kMostWords = 9;
std::uint64_t storage[kMostWords];
std::uint64_t large[2];
bool owned[kMostWords];
bool owns_bit = false;  // The live bit is this context's to set or clear.
bool live = false;      // And set.
std::uint32_t owned_count = 0;
std::uint32_t words = 0;  // Of the block.
Word bit = 0;             // The block's live bit.
std::uint32_t published = 0;
std::uint32_t withdrawn = 0;

template <class Visit>
void at_word(const void* address, Visit visit) {
  for (std::uint32_t i = 0; i < kMostWords; ++i) {
    if (address == &storage[i]) visit(i);
  }
}

}  // namespace

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t) {
  const Word next = labyrinth_any("others make of it", 64);
  at_word(address, [&](std::uint32_t i) {
    labyrinth_assume(proof::others_may(storage[i], next, owned[i] ? kWhole : 0));
    storage[i] = next;
  });
  if (address != &large[0]) return;
  if (owns_bit) {
    labyrinth_assume((next & bit) == (large[0] & bit));
  } else if (owned_count == words) {
    labyrinth_assume((next & bit) == 0);
  }
  large[0] = next;
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  bool known = false;
  at_word(address, [&](std::uint32_t i) {
    known = true;
    labyrinth_prove(i < words, "X1: the words of others are not touched");
    if (!owned[i]) {
      labyrinth_prove(before == 0 && after == kWhole,
                      "X1: a word is claimed as a whole, and when it is free");
      owned[i] = true;
      ++owned_count;
      return;
    }
    labyrinth_prove(before == kWhole && after == 0, "X1: a word is given back by its owner, as a whole");
    labyrinth_prove(!live, "X1: a block's words are given back when it is live no longer");
    owned[i] = false;
    --owned_count;
  });
  if (known) return;
  labyrinth_prove(address == &large[0], "X1: nothing but words is written");
  labyrinth_prove(((before ^ after) & ~bit) == 0, "X3: no other block becomes live or is freed");
  if ((after & ~before & bit) != 0) {
    labyrinth_prove(owned_count == words, "X1: the block is live only when all of its words are owned");
    ++published;
    owns_bit = live = true;
  }
  if ((before & ~after & bit) == 0) return;
  ++withdrawn;
  live = false;
  if (owns_bit) return;
  // A stale free that takes effect: the block is live, so its words are as they are.
  for (std::uint32_t i = 0; i < kMostWords; ++i) {
    if (i >= words) break;
    storage[i] = kWhole;
    owned[i] = true;
  }
  owned_count = words;
}

namespace {

template <std::uint32_t kOrderValue>
void claim(Ownership& ownership, const Order& order) {
  Patience patience;
  const bool claimed = ownership.claim_words(0, order, 1u << kOrderValue, patience);
  if (!claimed) {
    labyrinth_cover("lost");
    labyrinth_prove(owned_count == 0 && published == 0,
                    "X4: a claim that lost gives back all, and publishes nothing");
    labyrinth_prove(patience.left() + 1 == kPatience, "E3: it lost one race");
    return;
  }
  labyrinth_cover("claimed");
  labyrinth_prove(owned_count == words && published == 1,
                  "X1: a claim owns every word of its block, which is live");
}

template <std::uint32_t kOrderValue>
void release(Ownership& ownership, const Order& order) {
  const bool is_owner = labyrinth_any("the caller owns it", 1) != 0;
  if (is_owner) {
    for (std::uint32_t i = 0; i < (1u << (kOrderValue - kWordOrder.value)); ++i) {
      storage[i] = kWhole;
      owned[i] = true;
    }
    owned_count = words;
    large[0] |= bit;
    owns_bit = live = true;
  }
  const auto released = ownership.release(0, order);
  if (released == Ownership::Released::kNothing) {
    labyrinth_cover("refused");
    labyrinth_prove(!is_owner, "X3: the free of a live block succeeds");
    labyrinth_prove(withdrawn == 0, "X3: a free that is refused changes nothing");
    return;
  }
  labyrinth_cover("freed");
  labyrinth_prove(released == Ownership::Released::kWithCredit,
                  "E1: the credits of its frames are the caller's");
  labyrinth_prove(withdrawn == 1 && owned_count == 0, "X4: every word of a block that is freed is free");
}

template <std::uint32_t kOrderValue>
void block() {
  constexpr Order kOrder{kOrderValue};
  const Geometry geometry(0, (std::uint64_t{1} << kOrderValue) + kFramesPerWord, kOrder);
  Ownership ownership(geometry, reinterpret_cast<std::byte*>(storage), reinterpret_cast<std::byte*>(large));
  words = words_of(kOrder);
  bit = node_bit(Order{kOrderValue - kWordOrder.value}, 0);
  for (std::uint32_t i = 0; i <= (1u << (kOrderValue - kWordOrder.value)); ++i) {
    storage[i] = labyrinth_any("word", 64);
    labyrinth_assume(proof::well_formed(storage[i]));
  }
  large[0] = labyrinth_any("large word", 64);
  if (labyrinth_any("claims", 1) != 0) return claim<kOrderValue>(ownership, kOrder);
  release<kOrderValue>(ownership, kOrder);
}

}  // namespace

extern "C" void proof() {
  switch (labyrinth_any("order", 4)) {
    case 5:
      return block<5>();
    case 6:
      return block<6>();
    case 7:
      return block<7>();
    case 8:
      return block<8>();
    default:
      return;
  }
}
