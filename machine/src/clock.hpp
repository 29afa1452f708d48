// Vector clocks: one 16-bit lane per context, compared and joined all at once (Mattern 1989; lanes as in
// FastTrack).
//
// A lane counts a context's releases. An execution is cut off long before a lane could reach 2^15
// (kMaxSteps).
#pragma once

#include <array>
#include <cstdint>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::machine {

using Lanes = std::int16_t __attribute__((ext_vector_type(kMaxContexts)));

/// Stored as an array, since indexing a vector by a variable goes through memory anyway, and all of it.
struct alignas(2 * kMaxContexts) Clock {
  std::int16_t lane[kMaxContexts]{};

  void join(const Clock& other) noexcept {
    Lanes mine, theirs;
    load(mine);
    other.load(theirs);
    mine = __builtin_elementwise_max(mine, theirs);
    __builtin_memcpy(lane, &mine, sizeof lane);
  }
  [[nodiscard]] std::int16_t of(std::uint8_t context) const noexcept { return lane[context]; }
  void set(std::uint8_t context, std::int16_t value) noexcept { lane[context] = value; }
  /// One more in that lane. All lanes are written: who reads them all at once soon after would have to wait
  /// for a lane that was written by itself (the processor forwards no store to a wider load).
  void advance(std::uint8_t context) noexcept;
  /// Whether everything recorded in this clock happens-before the owner of `other`.
  [[nodiscard]] bool before(const Clock& other) const noexcept {
    using Bits = bool __attribute__((ext_vector_type(kMaxContexts)));
    Lanes mine, theirs;
    load(mine);
    other.load(theirs);
    return __builtin_bit_cast(std::uint16_t, __builtin_convertvector(mine > theirs, Bits)) == 0;
  }
  /// Whether every lane is below that of `other`.
  [[nodiscard]] bool below(const Clock& other) const noexcept {
    using Bits = bool __attribute__((ext_vector_type(kMaxContexts)));
    Lanes mine, theirs;
    load(mine);
    other.load(theirs);
    return __builtin_bit_cast(std::uint16_t, __builtin_convertvector(mine >= theirs, Bits)) == 0;
  }
  /// The first context whose record is not before `other`; only if !before(other).
  [[nodiscard]] std::uint8_t first_after(const Clock& other) const noexcept {
    std::uint8_t context = 0;
    while (lane[context] <= other.lane[context]) ++context;
    return context;
  }

 private:
  void load(Lanes& lanes) const noexcept { __builtin_memcpy(&lanes, lane, sizeof lane); }
};

/// By context: 1 in its lane.
inline constexpr auto kOneInLane = [] {
  std::array<Clock, kMaxContexts> ones{};
  for (std::size_t i = 0; i < ones.size(); ++i) ones[i].lane[i] = 1;
  return ones;
}();

inline void Clock::advance(std::uint8_t context) noexcept {
  Lanes mine, one;
  load(mine);
  kOneInLane[context].load(one);
  mine += one;
  __builtin_memcpy(lane, &mine, sizeof lane);
}

}  // namespace labyrinth::machine
