// A zone in any state that others may have made of it, for proofs of whole calls: what others may do before
// each atomic access (the rely), and what this call has done. What it may do: zone_books.hpp. How many words
// it has, and whether it may be set apart: one of *_frames*.hpp, before it.
//
// The rely, by address. An ownership word: proofs/rely.hpp. A CPU's slot: empty, or a word that is not in
// this call's hands (P2 of impl/src/prepaid.hpp). The live bits of blocks larger than a word: anything but
// those of blocks that lie in words of this call. The counter and the number of moves: anything. So nothing
// is assumed of how words, counter and slot go together, but that a counter of 1 or more at the beginning is
// for a frame that is free (I1 of impl/src/credits.hpp).
#pragma once

#include <cstddef>

#include "rely.hpp"
#include "zone.hpp"

namespace labyrinth::proof {

static_assert(kWords == 2 || kWords == 4, "the words have names below");

inline constexpr std::uint32_t kZoneFrames = kWords * kFramesPerWord;
inline constexpr Order kWholeZone{kWordOrder.value + kWords / 2};  // its largest block
inline constexpr std::uint64_t kFirstPfn = 3 * kZoneFrames;

// Laid out as Layout says, in the fields' own types: CBMC is much quicker with them than with bytes.
struct alignas(kCacheLine) Metadata {
  struct LaneWords {
    std::uint32_t hint, slot;
  };
  struct alignas(kCacheLine) Line {
    LaneWords lanes[kMobilities];
  };
  Line line;
  alignas(kCacheLine) Word words[kWords];
  alignas(kCacheLine) Word large[1];
  alignas(kCacheLine) std::uint64_t states[1];
};

/// One chunk, which has no counter but the root's (the tree is credit-tree.cpp's), and one CPU, so that words
/// are prepaid.
[[nodiscard]] constexpr ZoneSetup zone_setup(Frames keep) noexcept {
  return {.first_pfn = kFirstPfn,
          .frames = kZoneFrames,
          .max_order = kWholeZone,
          .cpus = 1,
          .watermarks = {Frames{0}, Frames{0}, keep},
          .reserve = {},
          .grouped = false,
          .apart = kPageblocks};
}
inline constexpr Shape kShape = zone_setup(Frames{0}).shape();
inline constexpr Layout kLayout(kShape.geometry, kShape.cpus, kShape.apart, 0);
static_assert(kLayout.lines == offsetof(Metadata, line) && kLayout.words == offsetof(Metadata, words) &&
              kLayout.large == offsetof(Metadata, large) && kLayout.blocks == offsetof(Metadata, states) &&
              kLayout.size == sizeof(Metadata));
static_assert(kShape.geometry.levels() == 0 && has_slots(kShape));

inline Metadata memory;
inline Root* root = nullptr;  // where the zone has it

// What is this call's own, by word: its blocks, and the marks of words in its hands; and what it names, be it
// its own or not.
inline Word mine[kWords];
inline Word named[kWords];
inline Word kept_free[kWords];     // frames (order-0 nodes) that others leave free throughout
inline bool is_not_apart[kWords];  // words that a look has shown not to be set apart
inline bool kept[kWords];          // words that others leave as they are, and in the slot if they are there
inline Word live = 0;              // in the large word: the block of this call
inline Word named_live = 0;        // and what it names
inline Order order;                // of the blocks that it claims and frees
inline bool one_by_one = false;    // several frames are claimed at once, each by itself
inline std::uint32_t part = 0;     // how many frames of a block it keeps, where that is not all of them
inline std::int32_t in_hand = 0;   // credits
inline Frames need;                // of this call
inline Frames floor;               // of this call
inline Offset hint = 0;            // which others leave: constant where it is read, so that words are

inline Caller caller;

inline bool is_shared = false;  // and not being set up
inline bool disturbed = false;  // others have changed something
inline std::uint32_t accesses = 0;
inline std::uint32_t claims = 0;
inline std::uint32_t frees = 0;
inline std::uint32_t put_into_slots = 0;
inline std::uint32_t moves_told = 0;
inline bool granted = false;  // a step at the root took what is needed and left the floor
inline bool found_short =
    false;                     // an access of it saw too little when there was nothing in the slot to collect
inline bool saw_room = false;  // an access of it before the claim saw what is needed, and the floor
inline bool reserve_is_done = true;  // it has been given back, where the caller may have it
inline bool slot_is_done = false;    // it was seen to be empty, made empty, or has changed hands

template <class Value>
void becomes(Value& place, Value next) noexcept {
  disturbed = disturbed || place != next;
  place = next;
}

inline void word_becomes(std::uint32_t word, Word next) noexcept {
  labyrinth_assume(others_may(memory.words[word], next, mine[word]));
  labyrinth_assume((used_frames(next) & kept_free[word]) == 0);
  labyrinth_assume(!kept[word] || next == memory.words[word]);
  becomes(memory.words[word], next);
}

[[gnu::noinline]] inline void others_make_of_word(std::uint32_t word) noexcept {
  // Each word by its number, so that it is a constant.
  if (word == 0) return word_becomes(0, labyrinth_any("others make of word 0", 64));
  if (kWords == 2 || word == 1) return word_becomes(1, labyrinth_any("others make of word 1", 64));
  if (word == 2) return word_becomes(2, labyrinth_any("others make of word 2", 64));
  word_becomes(kWords - 1, labyrinth_any("others make of word 3", 64));
}

inline void slot_becomes(std::uint64_t next) noexcept {
  const std::uint32_t now = memory.line.lanes[0].slot;
  labyrinth_assume(next == kNoWord || next < kWords);
  labyrinth_assume(next == kNoWord || (mine[next & (kWords - 1)] & kPrepaid) == 0);
  labyrinth_assume(next == now || ((now == kNoWord || !kept[now & (kWords - 1)]) &&
                                   (next == kNoWord || !kept[next & (kWords - 1)])));
  slot_is_done = next == kNoWord || next != memory.line.lanes[0].slot;
  becomes(memory.line.lanes[0].slot, static_cast<std::uint32_t>(next));
}

// Beyond all zones, and far from an overflow.
inline constexpr std::int64_t kMostCounted = std::int64_t{1} << 40;

inline void counter_becomes(std::uint64_t next) noexcept {
  const auto count = static_cast<std::int64_t>(next);
  labyrinth_assume(-kMostCounted <= count && count <= kMostCounted);
  becomes(*reinterpret_cast<std::int64_t*>(&root->count), count);
  found_short = found_short || (slot_is_done && reserve_is_done && count < need.value + floor.value);
  saw_room = saw_room || (claims == 0 && count >= need.value + floor.value);
}

// The live bits of the blocks that a word is part of, and of the words that are this call's.
[[nodiscard]] constexpr Word live_bits_of(std::uint32_t word) noexcept {
  Word bits = node_bit(Order{0}, word) | node_bit(Order{1}, word & ~1U);
  if constexpr (kWords == 4) bits |= node_bit(Order{2}, 0);
  return bits;
}
[[nodiscard]] inline Word live_bits_of_mine() noexcept {
  Word bits = 0;
  for (std::uint32_t word = 0; word < kWords; ++word) {
    if ((mine[word] & kWhole) != 0) bits |= live_bits_of(word);
  }
  return bits;
}

inline void large_becomes(Word next) noexcept {
  labyrinth_assume((next & live_bits_of_mine()) == live);
  becomes(memory.large[0], next);
}

/// What is kept free is kept from being set apart, if it is to be found by who passes that over.
inline void state_becomes(std::uint64_t next) noexcept {
  for (std::uint32_t word = 0; word < kWords; ++word) {
    const bool is_clear = (next >> word & 1) == 0;
    labyrinth_assume(caller.draws || kept_free[word] == 0 || is_clear);
    is_not_apart[word] = is_clear;
  }
  becomes(memory.states[0], next);
}

/// Which ownership word it is; kWords of any other address.
[[nodiscard]] inline std::uint32_t word_at(const void* address) noexcept {
  std::uint32_t word = 0;
  while (word < kWords && address != &memory.words[word]) ++word;
  return word;
}

/// Before an access of this call.
inline void others_move(void* address, std::uint32_t bytes) noexcept {
  if (!is_shared) {
    // Zone::free_frames() looks at it.
    if (bytes == sizeof(std::int64_t)) root = static_cast<Root*>(address);
    return;
  }
  ++accesses;
  if (const std::uint32_t word = word_at(address); word != kWords) {
    others_make_of_word(word);
  } else if (address == &memory.large[0]) {
    large_becomes(labyrinth_any("others make of the large word", 64));
  } else if (address == &memory.line.lanes[0].slot) {
    slot_becomes(labyrinth_any("others make of the slot", 32));
  } else if (address == &root->count) {
    counter_becomes(labyrinth_any("others make of the counter", 64));
  } else if (address == &root->moves) {
    becomes(*reinterpret_cast<std::uint32_t*>(&root->moves),
            static_cast<std::uint32_t>(labyrinth_any("others make of the moves", 32)));
  } else if (kPageblocks != 0 && address == &memory.states[0]) {
    state_becomes(labyrinth_any("others make of the pageblock's state", 64));
  } else {
    labyrinth_prove(address == &memory.line.lanes[0].hint, "X1: nothing else is shared");
    memory.line.lanes[0].hint = hint;
  }
}

[[nodiscard]] inline bool has_free(Word word) noexcept {
  return (word & kPrepaid) == 0 && used_frames(word) != kNodes[0];
}

[[nodiscard]] inline bool is_any_free() noexcept {
  bool any = false;
  for (const Word word : memory.words) any = any || has_free(word);
  return any;
}

/// Any state of the words, and from now on others move.
inline void share_words() noexcept {
  memory.words[0] = labyrinth_any("word 0", 64);
  memory.words[1] = labyrinth_any("word 1", 64);
  if constexpr (kWords == 4) {
    memory.words[2] = labyrinth_any("word 2", 64);
    memory.words[3] = labyrinth_any("word 3", 64);
  }
  for (const Word word : memory.words) labyrinth_assume(well_formed(word));
  is_shared = true;
}

/// Any state of the zone.
[[gnu::noinline]] inline void share(const Zone& zone) noexcept {
  static_cast<void>(zone.free_frames());
  share_words();
  memory.large[0] = labyrinth_any("large word", 64);
  slot_becomes(labyrinth_any("slot", 32));
  counter_becomes(labyrinth_any("counter", 64));
  // I1: credits are for frames that are free. What others do later need not keep it.
  const auto credits = *reinterpret_cast<const std::int64_t*>(&root->count);
  labyrinth_assume(credits < 1 || is_any_free());
  slot_is_done = false;
  disturbed = false;
}

}  // namespace labyrinth::proof
