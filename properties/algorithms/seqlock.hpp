// A sequence lock (Linux: include/linux/seqlock.h) around two words, with atomic data (Boehm: MSPC 2012).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "../machine_fixture.hpp"

namespace labyrinth::machine::testing {

enum class Seqlock : std::uint8_t {
  kCorrect,
  kLooksOnce,     ///< The reader does not look again whether someone wrote meanwhile.
  kEndsUnmarked,  ///< The writer counts when it is done, but not when it begins.
  kRelaxedWords,  ///< The words are read relaxed.
};

template <Seqlock kVariant>
class SequenceLock {
 public:
  using Words = std::array<std::uint32_t, 2>;

  void write(const Words& words) {
    if (kVariant != Seqlock::kEndsUnmarked) sequence_.add(1, kAcqRel);
    for (unsigned i = 0; i < 2; ++i) words_[i].store(words[i], kRelease);
    sequence_.add(kVariant != Seqlock::kEndsUnmarked ? 1 : 2, kRelease);
  }
  /// Nothing: a writer was in the way.
  std::optional<Words> try_read() const {
    const std::uint32_t before = sequence_.load(kAcquire);
    if (before % 2 != 0) return std::nullopt;
    Words words{};
    for (unsigned i = 0; i < 2; ++i)
      words[i] = words_[i].load(kVariant == Seqlock::kRelaxedWords ? kRelaxed : kAcquire);
    if (kVariant != Seqlock::kLooksOnce && sequence_.load(kRelaxed) != before) return std::nullopt;
    return words;
  }
  Words read() const {
    for (;;) {
      if (const std::optional<Words> words = try_read()) return *words;
    }
  }

 private:
  Location sequence_;
  std::array<Location, 2> words_;
};

}  // namespace labyrinth::machine::testing
