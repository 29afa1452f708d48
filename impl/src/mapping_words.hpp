// The two words that global mappings are made of, as pure functions of 64 bits.
//
//   slot, in use    | users 24 | pins 10 | ready 1 | used 1 | frame 28 |
//   slot, idle      |  0 6  |     tag 28 | ready 1 |   0  1 | frame 28 |
//   turn            | number 28          | slot 8           | frame 28 |   slot kNoSlot: nobody's turn
//
// `frame` is an offset from the mapper's first pfn. A pin is a map() in progress, a user one that was
// answered; `ready` says that the slot's translation reaches the frame. The tag is the number of a turn after
// the last one in which the slot was put to use: so no idle word comes back once its slot has been used, but
// for a context that stops within one call for a multiple of 2^28 turns.
#pragma once

#include <cstdint>

#include "labyrinth/mapping.h"

namespace labyrinth::mapping {

using Word = std::uint64_t;

inline constexpr unsigned kFrameBits = 28;
inline constexpr Word kFrameMask = (Word{1} << kFrameBits) - 1;
inline constexpr Word kUsed = Word{1} << 28;
inline constexpr Word kReady = Word{1} << 29;
inline constexpr unsigned kTagShift = 30;
inline constexpr Word kPin = Word{1} << 30;
inline constexpr Word kUser = Word{1} << 40;
inline constexpr Word kMaxPins = 1023;
static_assert(LABYRINTH_MAX_FRAMES <= kFrameMask + 1);
static_assert(LABYRINTH_MAX_MAP_USERS + kMaxPins < (Word{1} << 24), "pins become users");

[[nodiscard]] constexpr Word frame_in(Word word) noexcept { return word & kFrameMask; }
[[nodiscard]] constexpr bool is_used(Word slot) noexcept { return (slot & kUsed) != 0; }
[[nodiscard]] constexpr bool is_ready(Word slot) noexcept { return (slot & kReady) != 0; }
[[nodiscard]] constexpr Word pins_of(Word slot) noexcept { return (slot / kPin) & kMaxPins; }
[[nodiscard]] constexpr Word users_of(Word slot) noexcept { return slot / kUser; }

// The slot's word once a turn puts `frame` in it: with the pin of the map() whose turn it is. A translation
// that still reaches the frame is used again.
[[nodiscard]] constexpr Word put_to_use(Word idle, Word frame) noexcept {
  const bool still_there = is_ready(idle) && frame_in(idle) == frame;
  return frame | kUsed | kPin | (still_there ? kReady : 0);
}
// After its last user, in or after the turn with that number.
[[nodiscard]] constexpr Word idle_again(Word slot, Word number) noexcept {
  return frame_in(slot) | kReady | number << kTagShift;
}

inline constexpr std::uint32_t kNoSlot = 255;
inline constexpr unsigned kTurnSlotShift = 28;
inline constexpr unsigned kNumberShift = 36;
static_assert(LABYRINTH_MAX_MAP_SLOTS <= kNoSlot);

[[nodiscard]] constexpr std::uint32_t slot_of(Word turn) noexcept {
  return static_cast<std::uint32_t>(turn >> kTurnSlotShift & 0xff);
}
[[nodiscard]] constexpr Word number_of(Word turn) noexcept { return turn >> kNumberShift; }
[[nodiscard]] constexpr Word nobodys(Word turn) noexcept {
  return number_of(turn) << kNumberShift | Word{kNoSlot} << kTurnSlotShift;
}
[[nodiscard]] constexpr Word next_turn(Word turn, std::uint32_t slot, Word frame) noexcept {
  return (number_of(turn) + 1) << kNumberShift | Word{slot} << kTurnSlotShift | frame;
}

}  // namespace labyrinth::mapping
