// Ownership, written into the frames themselves: while a block is live its words say whose they are.
//
// Plain accesses on purpose. What orders one owner's words before the next one's is the allocator's free and
// its allocation and nothing else, so ThreadSanitizer reports where that is missing (M1).
#pragma once

#include <cstddef>
#include <cstdint>

#include "labyrinth/labyrinth.h"

namespace labyrinth::shipping {

/// Who was given a block: thread, level, and a number that this thread has not used for long.
struct Owner {
  std::uint32_t bits = 0;

  static Owner make(std::uint32_t thread, labyrinth_level level, std::uint32_t serial) {
    return {thread << 26 | static_cast<std::uint32_t>(level) << 24 | (serial & 0xffffffU)};
  }
  [[nodiscard]] std::uint32_t thread() const { return bits >> 26; }
  [[nodiscard]] labyrinth_level level() const { return static_cast<labyrinth_level>(bits >> 24 & 3U); }
  [[nodiscard]] std::uint32_t serial() const { return bits & 0xffffffU; }
};
inline constexpr std::uint32_t kMaxThreads = 63;
inline constexpr std::uint32_t kObserver = kMaxThreads;  ///< The number of the thread that looks on.

inline constexpr std::uint64_t kPoisonWord = 0xaaaaaaaaaaaaaaaa;
inline constexpr std::uint64_t kOwnedTag = 0x4c42;
inline constexpr std::uint64_t kFreedTag = 0x4652;

/// `granule`: the word's address / 16, so that a mark that lies in the wrong place is told from a right one.
[[nodiscard]] constexpr std::uint64_t owned_word(Owner owner, std::uint64_t granule) {
  return kOwnedTag << 48 | (granule & 0xffff) << 32 | owner.bits;
}
[[nodiscard]] constexpr std::uint64_t freed_word(Owner owner, std::uint64_t granule) {
  return kFreedTag << 48 | (granule & 0xffff) << 32 | owner.bits;
}
[[nodiscard]] constexpr bool is_owned(std::uint64_t word) { return word >> 48 == kOwnedTag; }
/// What a word of nobody's may be: never used, zeroed, poisoned, or left by an owner who freed it.
[[nodiscard]] constexpr bool is_nobodys(std::uint64_t word) {
  return word == 0 || word == kPoisonWord || word >> 48 == kFreedTag;
}

inline constexpr std::uint64_t kFrameWords = 512;
inline constexpr std::uint64_t kLineWords = 8;

/// Which words of `words` are marked: all of an object, the first and the last cache line of each frame.
template <typename Visit>
void for_each_marked(std::uint64_t words, const Visit& visit) {
  if (words < kFrameWords) {
    for (std::uint64_t i = 0; i < words; ++i) visit(i);
    return;
  }
  for (std::uint64_t frame = 0; frame < words; frame += kFrameWords) {
    for (std::uint64_t i = 0; i < kLineWords; ++i) {
      visit(frame + i);
      visit(frame + kFrameWords - 1 - i);
    }
  }
}

}  // namespace labyrinth::shipping
