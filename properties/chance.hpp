// A stream of chance that costs nothing to draw from, also in a signal handler.
#pragma once

#include <cstdint>
#include <span>

#include "labyrinth/machine/random.hpp"

namespace labyrinth::properties {

class Chance {
 public:
  explicit Chance(std::uint64_t seed = 0) noexcept : state_(seed) {}
  /// Any 64 bits.
  [[nodiscard]] std::uint64_t next() noexcept { return machine::next_random(state_); }
  /// Uniform in [0, bound); bound > 0.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) noexcept {
    return machine::random_below(state_, bound);
  }
  [[nodiscard]] std::uint8_t byte_below(std::uint32_t bound) noexcept {
    return static_cast<std::uint8_t>(below(bound));
  }
  [[nodiscard]] bool once_in(std::uint32_t n) noexcept { return below(n) == 0; }
  template <class T>
  [[nodiscard]] const T& one_of(std::span<const T> choices) noexcept {
    return choices[below(static_cast<std::uint32_t>(choices.size()))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace labyrinth::properties
