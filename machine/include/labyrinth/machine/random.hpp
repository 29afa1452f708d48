// SplitMix64: the project's one source of chance, the same on every platform (Steele, Lea, Flood: OOPSLA
// 2014).
#pragma once

#include <cstdint>

namespace labyrinth::machine {

[[nodiscard]] constexpr std::uint64_t next_random(std::uint64_t& state) noexcept {
  std::uint64_t z = state += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

/// Uniform in [0, bound) but for a bias below 2^-32; bound > 0.
[[nodiscard]] constexpr std::uint32_t random_below(std::uint64_t& state, std::uint32_t bound) noexcept {
  return static_cast<std::uint32_t>(((next_random(state) >> 32) * bound) >> 32);
}

}  // namespace labyrinth::machine
