// Limbo: blocks of the void that were freed where nobody may sleep, so that their frames could not be
// unmapped yet. They are nobody's, poisoned, still claimed in the zone, and wait here for a task.
//
// A queue without order: a bit per block, so that to put one in is wait-free and of several tasks that take
// it out one gets it. There is no list, and nothing to be reused under anyone's hands.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "block_set.hpp"
#include "layout.hpp"

namespace labyrinth {

inline constexpr std::uint64_t kLimboPutSteps = 3;

class Limbo {
 public:
  // Nothing is in it. `memory` is for size_of(geometry) bytes.
  Limbo(const Geometry& geometry, std::byte* memory) noexcept
      : places_(geometry), blocks_(geometry, memory), start_(places_.small.begin) {}

  Limbo(const Limbo&) = delete;
  Limbo& operator=(const Limbo&) = delete;

  // kLimboPutSteps steps.
  void put(Offset frame, Order order) noexcept {
    // Counted before it is there, and until after it is gone: whoever comes after this and reads 0 misses
    // nothing. Relaxed: the counter's own order of changes is all that this needs.
    count_.fetch_add(1, std::memory_order_relaxed);
    start_.store(blocks_.place_of(frame, order), std::memory_order_relaxed);  // a hint carries only itself
    blocks_.insert(frame, order);
  }

  // Takes out at most `most` blocks, one after another, and has `settle(frame, order)` decide on each: true
  // if it is done with, false if it is to go back. Returns how many were done with. Every block that was in
  // here at the call is looked at, unless `most` ends it. Steps: drain_steps().
  template <class Settle>
  std::uint64_t drain(std::uint64_t most, Settle settle) noexcept {
    if (most == 0 || count_.load(std::memory_order_relaxed) == 0) return 0;
    std::uint64_t taken = 0;
    std::uint64_t done = 0;
    std::uint32_t place = start_.load(std::memory_order_relaxed);
    for (std::uint32_t looks = places_.count(); looks-- > 0; place = places_.after(place)) {
      for (Word left = blocks_.look(place); left != 0; left &= left - 1) {
        const BlockSet::Place block = blocks_.at(place, left);
        if (!blocks_.erase(block.frame, block.order)) continue;  // another task has it
        const bool last = count_.fetch_sub(1, std::memory_order_relaxed) == 1;
        if (settle(block.frame, block.order)) {
          ++done;
        } else {
          put(block.frame, block.order);
        }
        if (last || ++taken == most) return done;
      }
    }
    return done;
  }

  [[nodiscard]] static constexpr std::size_t size_of(const Geometry& geometry) noexcept {
    return BlockSet::words(geometry) * sizeof(Word);
  }

  // The words of the set that blocks of the zone are in: those of small orders, then those of large ones.
  struct Places {
    Range small;
    Range large;

    constexpr explicit Places(const Geometry& geometry) noexcept
        : small(geometry.words()),
          large{geometry.words().end, static_cast<std::uint32_t>(BlockSet::words(geometry))} {}

    [[nodiscard]] constexpr std::uint32_t count() const noexcept { return small.size() + large.size(); }
    [[nodiscard]] constexpr std::uint32_t after(std::uint32_t place) const noexcept {
      return place + 1 == large.end ? small.begin : place + 1;
    }
  };

 private:
  const Places places_;
  BlockSet blocks_;
  std::atomic<std::uint64_t> count_{0};  // never less than the blocks in the set
  std::atomic<std::uint32_t> start_;     // where a drain begins to look
};

}  // namespace labyrinth
