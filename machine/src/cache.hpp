// The machine's shrinker: the blocks that calls of the program have handed over to it, given back oldest
// first.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::machine {

class Cache {
 public:
  /// One of the blocks that a call got, by its place among them.
  struct Entry {
    std::uint8_t call = 0;
    std::uint8_t block = 0;
  };

  void begin_run() noexcept { first_ = count_ = 0; }
  /// Those blocks of the call whose bit is set; a call's once a run.
  void add(std::uint8_t call, std::uint64_t blocks) noexcept;
  /// Takes the oldest block out.
  [[nodiscard]] std::optional<Entry> pop() noexcept;

  /// What was handed over before this instant.
  [[nodiscard]] std::uint8_t mark() const noexcept { return count_; }
  /// Calls `visit(entry)` for each block that was there at the mark and still is.
  template <class Visit>
  void each_since(std::uint8_t mark, Visit visit) const noexcept {
    for (std::uint8_t i = first_; i < mark; ++i) {
      for (std::uint8_t block = 0; block < 64; ++block) {
        if ((handed_[i].blocks >> block & 1U) != 0) visit(Entry{handed_[i].call, block});
      }
    }
  }

 private:
  struct Handed {
    std::uint8_t call = 0;
    std::uint64_t blocks = 0;
  };
  std::array<Handed, kMaxCalls> handed_{};
  std::uint8_t first_ = 0;  ///< Of those before it nothing is left.
  std::uint8_t count_ = 0;
};

}  // namespace labyrinth::machine
