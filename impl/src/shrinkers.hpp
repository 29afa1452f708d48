// The registered shrinkers: a fixed number of slots, without a lock.
//
//      empty ──add: one compare-exchange──> claimed ──> open, + 1 for each context that is in it
//        ^                                                │
//        └── remove: one compare-exchange, if no other context is in it
//
// A context goes in by adding itself to the state word and comes out by subtracting itself, and looks at the
// pointer only if the word it added to was open: a slot that is not may be counted up and down in passing,
// which makes an add or a remove that meets it go on or answer kContended. So after a remove nobody is in the
// slot, and nobody comes in.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "labyrinth/reclaim.h"
#include "labyrinth/types.hpp"

namespace labyrinth {

using Shrinker = labyrinth_shrinker;

class Shrinkers {
 public:
  // kOk, or kExhausted if all slots are taken.
  [[nodiscard]] Status add(const Shrinker& shrinker) noexcept;
  // kOk, kContended if another context is in it, or kBadArgument if it is not here.
  [[nodiscard]] Status remove(const Shrinker& shrinker) noexcept;
  // Asks one after another until they have given back so many frames; returns how many they have.
  [[nodiscard]] std::uint64_t scan(std::uint64_t frames) noexcept;

 private:
  static constexpr std::uint32_t kOpen = 1u << 31;
  static constexpr std::uint32_t kClaimed = 1u << 30;  // below: the contexts in it

  struct Slot {
    [[nodiscard]] bool enter() noexcept;
    void leave() noexcept;

    std::atomic<std::uint32_t> state{0};
    const Shrinker* shrinker = nullptr;  // written by who claimed the slot, read by who is in it
  };
  std::array<Slot, LABYRINTH_MAX_SHRINKERS> slots_{};
};

}  // namespace labyrinth
