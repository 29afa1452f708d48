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
  std::uint32_t zone = LABYRINTH_ZONES;  // enum labyrinth_zone_type; LABYRINTH_ZONES is the void
  Pfn first;
  Frames frames;
  Frames free;  // less what calls in progress hold
  Frames min;
  Frames low;
  Frames high;
  // Kept back from a request, by the highest zone that it permits.
  std::array<Frames, LABYRINTH_ZONES> lowmem_reserve{};
  Order max_order;
  // By order: the free aligned blocks that are part of no larger one. Zero above max_order.
  std::array<std::uint64_t, LABYRINTH_MAX_ORDER + 1> free_blocks{};
};

// The rooms of one context level.
struct RoomsSnapshot {
  labyrinth_level level = LABYRINTH_TASK;
  Pfn first;
  std::uint32_t rooms = 0;  // one for each CPU, behind one another
  Frames frames;            // of each
  Frames free;              // of all
  Frames fewest_free;       // of the emptiest one
};

// The room of a device.
struct DeviceSnapshot {
  std::uint32_t device = 0;
  Pfn first;
  Frames frames;
  Frames free;
};

class Snapshot {
 public:
  // Of an empty allocator there is nothing to show.
  explicit Snapshot(const Allocator& allocator) noexcept;

  // Those that there are, the void last.
  [[nodiscard]] std::span<const ZoneSnapshot> zones() const noexcept { return {zones_.data(), zone_count_}; }
  [[nodiscard]] std::span<const RoomsSnapshot> rooms() const noexcept {
    return {rooms_.data(), level_count_};
  }
  [[nodiscard]] std::span<const DeviceSnapshot> devices() const noexcept {
    return {devices_.data(), device_count_};
  }

  // The size that all of it takes, without the terminating zero; complete if that is less than the buffer's.
  [[nodiscard]] std::size_t write_text(std::span<char> buffer) const noexcept;
  [[nodiscard]] std::size_t write_json(std::span<char> buffer) const noexcept;

 private:
  std::array<ZoneSnapshot, LABYRINTH_ZONES + 1> zones_{};
  std::array<RoomsSnapshot, LABYRINTH_LEVELS> rooms_{};
  std::size_t zone_count_ = 0;
  std::array<DeviceSnapshot, LABYRINTH_MAX_DEVICES> devices_{};
  std::size_t level_count_ = 0;
  std::size_t device_count_ = 0;
};

}  // namespace labyrinth
