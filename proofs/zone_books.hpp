// The guarantee of proofs of whole calls in a zone (proofs/shared_zone.hpp has the rely), after each write:
// I1, and P1 of impl/src/prepaid.hpp. This call never has less than nothing in hand: what it has taken from
// the counter and has freed, less what it claimed and what it put into words. Where every call keeps its own
// share, the counter never overstates what is free. A large block is live only while all of its words are its
// owner's.
#pragma once

#include <algorithm>

#include "shared_zone.hpp"

namespace labyrinth::proof {

/// P1: as many credits go into the word, or come out of it, as it has free frames.
inline Frames wrote_mark(std::uint32_t word, Word before) noexcept {
  const auto credits = static_cast<std::int32_t>(free_count(before));
  const bool marks = (before & kPrepaid) == 0;
  labyrinth_prove(marks || (mine[word] & kPrepaid) != 0, "X4: who takes a mark out has the word in hand");
  in_hand += marks ? -credits : credits;
  labyrinth_prove(in_hand >= 0, "E1: the counter never overstates what is free");
  mine[word] ^= kPrepaid;
  return Frames{credits};
}

/// What was owned as a whole is kept in part.
inline void gave_back_rest(std::uint32_t word, Word after) noexcept {
  labyrinth_prove(mine[word] == kWhole && (after & kPrepaid) == 0,
                  "X1: who gives back a rest has the whole word");
  labyrinth_prove((live_bits_of(word) & live) == 0, "X1: what is kept in part is live by its parts");
  mine[word] = after;
  in_hand += static_cast<std::int32_t>(free_count(after));
}

[[gnu::noinline]] inline void wrote_word(std::uint32_t word, Word before, Word after) noexcept {
  if ((before ^ after) == kPrepaid) {
    wrote_mark(word, before);
    return;
  }
  labyrinth_prove(i_may(before, after, mine[word] | named[word]),
                  "X1: blocks of others stay, and no block lies in another");
  if (before == kWhole && after != 0 && after != before) {
    gave_back_rest(word, after);
    return;
  }
  const bool prepaid = (before & kPrepaid) != 0;
  labyrinth_prove(((before ^ after) & kPrepaid) == 0, "E1: claims and frees leave a word its credits");
  const Word set = after & ~before;
  const Word cleared = before & ~after;
  const auto frames = static_cast<std::int32_t>(1u << std::min(order.value, kWordOrder.value));
  mine[word] = (mine[word] | set) & ~cleared;
  if (set != 0) {
    const bool in_part = part != 0 && order <= kLargestInWord;
    labyrinth_prove(in_part || (one_by_one && (set & ~kNodes[0]) == 0) || (set & (set - 1)) == 0,
                    "X1: a claim is of one block");
    ++claims;
    if (!prepaid) {
      labyrinth_prove(granted, "E1: the credits of a claim were taken before, and left the floor");
      in_hand -= one_by_one ? static_cast<std::int32_t>(free_count(before) - free_count(after))
                 : in_part  ? static_cast<std::int32_t>(part)
                            : frames;
    }
  }
  if (cleared != 0) {
    labyrinth_prove((cleared & (cleared - 1)) == 0, "X3: a free is of one block");
    if (order <= kLargestInWord) ++frees;
    labyrinth_prove((live_bits_of(word) & live) == 0 || order <= kLargestInWord,
                    "X1: a block's words are given back when it is live no longer");
    if (!prepaid) in_hand += frames;
  }
  labyrinth_prove(in_hand >= 0, "E1: the counter never overstates what is free");
}

inline void write_word(std::uint32_t word, Word after) noexcept {
  const Word before = memory.words[word];
  memory.words[word] = after;
  wrote_word(word, before, after);
}

inline Frames change_mark(std::uint32_t word) noexcept {
  const Word before = memory.words[word];
  memory.words[word] = before ^ kPrepaid;
  return wrote_mark(word, before);
}

/// The words of a block larger than a word, by its live bit, are they all this call's?
/// They are, from now on.
inline void own_words(Word bit) noexcept {
  for (std::uint32_t word = 0; word < kWords; ++word) {
    if ((bit & live_bits_of(word)) != 0) memory.words[word] = mine[word] = kWhole;
  }
}

[[nodiscard]] inline bool are_words_mine(Word bit) noexcept {
  bool all = true;
  for (std::uint32_t word = 0; word < kWords; ++word) {
    all = all && ((bit & live_bits_of(word)) == 0 || mine[word] == kWhole);
  }
  return all;
}

/// A claim publishes a block that it owns; a free ends what it names, and has its words from then on.
inline void wrote_large(Word before, Word after) noexcept {
  const Word set = after & ~before;
  const Word cleared = before & ~after;
  labyrinth_prove((part != 0 || (set & (set - 1)) == 0) && (cleared & ~named_live) == 0,
                  "X3: no other block becomes live or is freed");
  labyrinth_prove(set == 0 || are_words_mine(set),
                  "X1: the block is live only when all of its words are owned");
  live |= set;
  if (cleared == 0) return;
  ++frees;
  // Of a stale free that takes effect: the block is live, so its words are as they are.
  own_words(cleared);
  live = 0;
}

inline void wrote_slot(std::uint64_t before, std::uint64_t after) noexcept {
  if (after != kNoWord) {
    labyrinth_prove(after < kWords && (mine[after & (kWords - 1)] & kPrepaid) != 0,
                    "X4: what goes into a slot is a word that this call has prepaid");
    mine[after & (kWords - 1)] &= ~kPrepaid;
    ++put_into_slots;
  }
  if (before != kNoWord) mine[before & (kWords - 1)] |= kPrepaid;
  slot_is_done = true;
}

/// After a write of this call.
inline void i_wrote(void* address, std::uint64_t before, std::uint64_t after) noexcept {
  if (!is_shared) return;
  if (const std::uint32_t word = word_at(address); word != kWords) {
    wrote_word(word, before, after);
  } else if (address == &memory.large[0]) {
    wrote_large(before, after);
  } else if (address == &memory.line.lanes[0].slot) {
    wrote_slot(before, after);
  } else if (address == &memory.line.lanes[0].hint) {
    labyrinth_prove(after < kZoneFrames, "X2: a hint is a frame of the zone");
  } else if (address == &root->moves) {
    ++moves_told;
  } else {
    labyrinth_prove(address == &root->count, "X1: nothing else is written");
    in_hand += static_cast<std::int32_t>(static_cast<std::uint32_t>(before - after));
    labyrinth_prove(in_hand >= 0, "E1: the counter never overstates what is free");
    const auto left = static_cast<std::int64_t>(after);
    granted = granted || (static_cast<std::int64_t>(before) - left == need.value && left >= floor.value);
  }
}

[[nodiscard]] inline bool keeps_nothing() noexcept {
  Word any = live;
  for (const Word bits : mine) any |= bits;
  return any == 0 && in_hand == 0;
}

/// Of a block larger than a word, or its part: what this call has of that word.
[[nodiscard]] inline Word share_of_word(Word bit, std::uint32_t word) noexcept {
  if (part == 0) return (bit & live_bits_of(word)) != 0 ? kWhole : 0;
  const std::uint32_t whole = part / kFramesPerWord;
  if (word != whole) return word < whole ? kWhole : 0;
  return pieces(0, part % kFramesPerWord);
}

/// The live bit of a block larger than a word, or of its parts that are whole words.
[[nodiscard]] inline Word large_bits(std::uint32_t first_word) noexcept {
  if (part != 0) return pieces(0, part / kFramesPerWord);
  return node_bit(Order{order.value - kWordOrder.value}, first_word);
}

/// The block and nothing else.
[[nodiscard]] inline bool keeps_block(Offset frame) noexcept {
  const std::uint32_t first = frame / kFramesPerWord;
  const std::uint32_t start = frame % kFramesPerWord;
  const bool is_large = order > kLargestInWord;
  const Word bits = is_large    ? large_bits(first)
                    : part != 0 ? pieces(0, part) << (2 * start)
                                : node_bit(order, start);
  bool so = live == (is_large ? bits : 0) && in_hand == 0;
  for (std::uint32_t word = 0; word < kWords; ++word) {
    so = so && mine[word] == (is_large ? share_of_word(bits, word) : word == first ? bits : 0);
  }
  return so;
}

}  // namespace labyrinth::proof
