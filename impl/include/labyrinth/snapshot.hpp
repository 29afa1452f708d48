// The numbers of snapshot.h as C++ values, taken once and written as often as wanted. No heap, no locks, any
// context; exact when no other call is in progress, approximate otherwise (why is said in snapshot.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "labyrinth/allocator.hpp"
#include "labyrinth/snapshot.h"

namespace labyrinth {

struct ZoneSnapshot {
  Pfn first;
  Frames frames;
  Frames free;  // less what calls in progress hold
  Frames min;
  Frames low;
  Frames high;
  Order max_order;
  // By order: the free aligned blocks that are part of no larger one. Zero above max_order.
  std::array<std::uint64_t, LABYRINTH_MAX_ORDER + 1> free_blocks{};
};

class Snapshot {
 public:
  using Names = std::span<const char* const>;

  static constexpr std::size_t kMaxZones = 4;

  // An empty allocator has no zones.
  explicit Snapshot(const Allocator& allocator) noexcept;

  [[nodiscard]] std::span<const ZoneSnapshot> zones() const noexcept { return {zones_.data(), count_}; }

  // The size that all of it takes, without the terminating zero; complete if that is less than the buffer's.
  [[nodiscard]] std::size_t write_text(std::span<char> buffer, Names names = {}) const noexcept;
  [[nodiscard]] std::size_t write_json(std::span<char> buffer, Names names = {}) const noexcept;

 private:
  std::array<ZoneSnapshot, kMaxZones> zones_{};
  std::size_t count_ = 0;
};

}  // namespace labyrinth
