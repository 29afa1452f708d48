// The state of a pageblock and the highatomic reserve's slots, for proofs of what sets apart and gives back:
// what others may do to them before each access (the rely), and what this call may (the guarantee). Words and
// the root are proofs/shared_zone.hpp's.
//
// The rely. The state: periods do not go back (a call would have to sleep through 2^29 of them), and no word
// in this call's hands becomes marked; a mark is of a word that is prepaid (H1 of impl/src/highatomic.hpp). A
// slot: it names the pageblock or none, what it names goes by emptying it, and no value comes twice (as long
// as it has changed less than 2^31 times).
#pragma once

// Before it: how many words there are.
#include "credits.cpp"
#include "highatomic.cpp"
#include "ownership_contracts.hpp"
#include "pageblocks.cpp"
#include "zone_books.hpp"

namespace labyrinth::proof {

inline constexpr std::uint32_t kSlots = 2;
inline constexpr std::uint64_t kMarks = (std::uint64_t{1} << kWords) - 1;
inline constexpr std::uint64_t kNamedPart = UINT32_MAX;
inline constexpr std::uint64_t kTheChunk = 1;  // what a slot says of chunk 0
inline constexpr std::uint64_t kMostState = std::uint64_t{1} << 63;
inline constexpr std::uint64_t kMostChanges = std::uint64_t{1} << 31;

inline std::uint64_t slots[kSlots];
// What is in them at the first look, where that is said: constants there, so that the pageblock is one.
inline std::uint64_t at_look[kSlots];

// Of this call.
inline bool flagged = false;              // it set kApart where it was not set
inline bool entered = false;              // and named the pageblock in a slot
inline std::uint64_t entered_period = 0;  // which it was then
inline std::uint32_t marks_set = 0;
inline std::uint64_t owed = 0;        // marks that it set in no period of its own, and has not seen gone
inline bool overtaken = false;        // there was such a mark
inline bool ended = false;            // it ended a period
inline std::uint64_t gone = 0;        // marks that were clear at a step of it after that
inline std::uint64_t at_end[kSlots];  // what it had seen in the slots then
inline bool given_back[kSlots];       // the slot was empty, or the pageblock has no marks of its time
inline bool left_enough = true;       // the credits that it has in hand left the floor

[[nodiscard]] constexpr bool names(std::uint64_t slot) noexcept { return (slot & kNamedPart) != 0; }
[[nodiscard]] constexpr std::uint64_t changes(std::uint64_t slot) noexcept { return slot >> 32; }

[[nodiscard]] constexpr std::uint64_t mark_of(std::uint32_t word) noexcept {
  return std::uint64_t{1} << word;
}

inline void pageblock_becomes(std::uint64_t next) noexcept {
  const std::uint64_t now = memory.states[0];
  labyrinth_assume(Pageblocks::period_of(next) >= Pageblocks::period_of(now) && next < kMostState);
  labyrinth_assume((next & (Pageblocks::kApart - 1) & ~kMarks) == 0);
  for (std::uint32_t word = 0; word < kWords; ++word) {
    labyrinth_assume((mine[word] & kPrepaid) == 0 || (next & mark_of(word)) == 0);
  }
  becomes(memory.states[0], next);
}

/// The reserve's slots, not the CPUs'.
inline void named_becomes(std::uint32_t i, std::uint64_t next) noexcept {
  if (at_look[i] != 0) {
    slots[i] = at_look[i];
    at_look[i] = 0;
    if (!names(slots[i])) given_back[i] = true;
    return;
  }
  const std::uint64_t now = slots[i];
  labyrinth_assume((next & kNamedPart) <= kTheChunk && changes(next) < kMostChanges);
  labyrinth_assume(next == now || (names(now) && next == (now & ~kNamedPart)) ||
                   changes(next) > changes(now));
  becomes(slots[i], next);
  if (!names(next)) given_back[i] = true;
}

/// Whether the address is one of these; then others have moved.
[[nodiscard]] inline bool others_move_reserve(const void* address) noexcept {
  if (address == &memory.states[0]) {
    pageblock_becomes(labyrinth_any("others make of the state", 64));
  } else if (address == &slots[0]) {
    named_becomes(0, labyrinth_any("others make of slot 0", 64));
  } else if (address == &slots[1]) {
    named_becomes(1, labyrinth_any("others make of slot 1", 64));
  } else {
    return false;
  }
  ++accesses;
  return true;
}

/// A mark that this call cleared: the word was prepaid until now, and is in its hands.
[[gnu::noinline]] inline void got(std::uint32_t word) noexcept {
  labyrinth_prove(mine[word] == 0, "X4: a word is in the hands of a call once");
  const Word now = labyrinth_any("the word that was marked", 64);
  labyrinth_assume(well_formed(now) && (now & kPrepaid) != 0);
  memory.words[word] = now;
  mine[word] = kPrepaid;
}

inline void set_mark(std::uint32_t word, std::uint64_t before) noexcept {
  labyrinth_prove((mine[word] & kPrepaid) != 0,
                  "X4: a word is marked after it is prepaid, and by who did it");
  labyrinth_prove(entered, "E2: there is a slot before there are marks");
  labyrinth_prove(left_enough, "E1: what is set apart leaves the highest floor");
  mine[word] &= ~kPrepaid;
  ++marks_set;
  if (Pageblocks::period_of(before) == entered_period) return;
  owed |= mark_of(word);
  overtaken = true;
}

[[gnu::noinline]] inline void wrote_state(std::uint64_t before, std::uint64_t after) noexcept {
  const std::uint64_t set = after & ~before & (kMarks | Pageblocks::kApart);
  const std::uint64_t cleared = before & ~after & (kMarks | Pageblocks::kApart);
  const std::uint64_t periods = Pageblocks::period_of(after) - Pageblocks::period_of(before);
  labyrinth_prove(periods <= 1 && ((before ^ after) & (Pageblocks::kPeriod - 1)) == (set | cleared),
                  "X1: nothing else of the state is written");
  for (std::uint32_t word = 0; word < kWords; ++word) {
    if ((set & mark_of(word)) != 0) set_mark(word, before);
    if ((cleared & mark_of(word)) != 0) got(word);
  }
  if ((set & Pageblocks::kApart) != 0) flagged = true;
  labyrinth_prove((cleared & Pageblocks::kApart) == 0 || ended || (flagged && !entered),
                  "E2: who gives a pageblock back ends its period first");
  if (periods != 0) {
    ended = true;
    gone = 0;
    for (std::uint32_t i = 0; i < kSlots; ++i) at_end[i] = slots[i];
  }
  owed &= after;
  if (!ended) return;
  gone |= kMarks & ~after;
  for (std::uint32_t i = 0; i < kSlots; ++i) {
    if (gone == kMarks && names(at_end[i])) given_back[i] = true;
  }
}

inline void wrote_named(std::uint32_t i, std::uint64_t before, std::uint64_t after) noexcept {
  if (names(after)) {
    labyrinth_prove(!names(before) && changes(after) == changes(before) + 1,
                    "E2: what a slot names goes by emptying it");
    labyrinth_prove(flagged, "X4: of several that set a pageblock apart one goes on");
    entered = true;
    pageblock_becomes(labyrinth_any("the state meanwhile", 64));
    entered_period = Pageblocks::period_of(memory.states[0]);
    return;
  }
  labyrinth_prove(ended && gone == kMarks && at_end[i] == before,
                  "E2: a slot is emptied when the pageblock that it named has no marks of that time");
}

inline void wrote_reserve(void* address, std::uint64_t before, std::uint64_t after) noexcept {
  if (address == &memory.states[0]) {
    wrote_state(before, after);
  } else if (address == &slots[0]) {
    wrote_named(0, before, after);
  } else if (address == &slots[1]) {
    wrote_named(1, before, after);
  } else {
    i_wrote(address, before, after);
    if (address != &root->count) return;
    const auto left = static_cast<std::int64_t>(after);
    const bool took = left < static_cast<std::int64_t>(before);
    left_enough = took ? left >= floor.value : left_enough || in_hand == 0;
  }
}

inline constexpr Shape kReserved{kShape.geometry, 1, 1, kSlots};

/// A reserve in any state.
struct Reserve {
  Reserve() noexcept {
    // Where the root is.
    static_cast<void>(credits.root());
    share_words();
    pageblock_becomes(labyrinth_any("state", 64));
    counter_becomes(labyrinth_any("counter", 64));
    disturbed = false;
  }

  Ownership ownership{kShape.geometry, reinterpret_cast<std::byte*>(memory.words),
                      reinterpret_cast<std::byte*>(memory.large)};
  Credits credits{kShape.geometry, nullptr};
  Pageblocks blocks{kShape.geometry, credits, false, reinterpret_cast<std::byte*>(memory.states)};
  Highatomic highatomic{
      kShape.geometry, ownership, credits, blocks, kSlots, floor, reinterpret_cast<std::byte*>(slots)};
};

}  // namespace labyrinth::proof

extern "C" void labyrinth_before_atomic(void* address, std::uint32_t bytes) {
  using namespace labyrinth::proof;
  if (!is_shared || !others_move_reserve(address)) others_move(address, bytes);
}

extern "C" void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after) {
  using namespace labyrinth::proof;
  if (is_shared) wrote_reserve(address, before, after);
}
