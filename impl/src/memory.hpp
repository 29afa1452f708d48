// The whole allocator: zones, the void and rooms behind one entry, in one object at the start of the
// metadata.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "isolated_zone.hpp"
#include "labyrinth/labyrinth.h"
#include "labyrinth/types.hpp"
#include "room.hpp"
#include "route.hpp"
#include "zone.hpp"

namespace labyrinth {

// Whether every field of the configuration is in its range.
[[nodiscard]] bool is_valid(const Config& config) noexcept;

class alignas(kCacheLine) Memory {
 public:
  // `metadata` is aligned and of size_of(config) bytes, and the configuration is valid.
  Memory(const Config& config, std::byte* metadata) noexcept;

  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  void alloc_page(Gfp gfp, Order order, Page& out) noexcept {
    // Most requests end at the first station that they come to: a frame of the CPU's own word.
    if (order == Order{0} && (gfp.bits & ~kThroughDoorways.bits) == 0) [[likely]] {
      const Doorway& door = doorways_[gfp.bits >> 5 & 15U];
      const bool permitted = !gfp.has(kDirectReclaim) || port_.may_sleep(port_.self);
      if (door.zone != nullptr && permitted) {
        const Pfn pfn = door.zone->take_at_hand(door.floor, port_.cpu(port_.self));
        if (pfn != Pfn{}) {
          out = Page{pfn, order, Status::kOk, false};
          return;
        }
      }
    }
    if (order > max_order_) {
      out = Page{Pfn{}, order, Status::kBadArgument, false};
      return;
    }
    go_through({.gfp = gfp, .order = order, .frames = 1u << order.value}, out);
  }
  [[nodiscard]] Status free_page(Pfn pfn, Order order) noexcept;
  void alloc_bulk(Gfp gfp, std::uint32_t count, std::uint64_t* pfns, Page& out) noexcept;
  void alloc_exact(Gfp gfp, std::uint64_t frames, Page& out) noexcept;
  [[nodiscard]] Status free_exact(Pfn pfn, std::uint64_t frames) noexcept;
  [[nodiscard]] Status drain(std::uint64_t most, std::uint64_t& drained) noexcept;

  [[nodiscard]] std::uint64_t alloc_steps(Order order) const noexcept;
  [[nodiscard]] std::uint64_t free_steps(Order order) const noexcept;
  [[nodiscard]] std::uint64_t bulk_steps(std::uint32_t count) const noexcept;
  [[nodiscard]] std::uint64_t exact_steps(std::uint64_t frames) const noexcept;
  [[nodiscard]] std::uint64_t drain_steps(std::uint64_t most) const noexcept;
  [[nodiscard]] Frames free_frames() const noexcept;
  [[nodiscard]] Frames batch(ZoneIndex zone) const noexcept;

  [[nodiscard]] static std::size_t size_of(const Config& config) noexcept;

 private:
  // Where requests with these zone modifiers and nothing special begin: the first zone of their first pass.
  struct Doorway {
    Zone* zone = nullptr;
    Frames floor{};
  };
  struct Rooms {
    std::uint64_t first_pfn = 0;
    std::uint32_t frames = 0;  // of each
    Room* rooms = nullptr;     // by CPU
  };

  [[nodiscard]] std::uint32_t level() const noexcept {
    return port_.level == nullptr ? 0
                                  : static_cast<std::uint32_t>(port_.level(port_.self)) % LABYRINTH_LEVELS;
  }
  void open_doorways() noexcept;
  // What is wanted: the first `frames` frames of a block of `order`; or, with `pfns`, `count` single frames.
  struct Wish {
    Gfp gfp{};
    Order order{};
    std::uint32_t count = 1;
    std::uint32_t frames = 1;
    std::uint64_t* pfns = nullptr;
  };
  // What a request carries from station to station.
  struct Journey {
    Route route{};
    std::uint32_t cpu = 0;
    // Those with credit enough and no block, in the first pass. The second one asks for less credit alone, so
    // it would change nothing there.
    std::uint32_t refused_zones = 0;
    bool has_drained = false;  // so the refusals before say nothing any more
  };
  void go_through(const Wish& wish, Page& out) noexcept;
  void zero(const Wish& wish, Pfn pfn) const noexcept;
  [[nodiscard]] Zone::Taken visit(Station station, const Wish& wish, Journey& journey) noexcept;
  [[nodiscard]] Zone::Taken take_from_zones(Pass pass, const Wish& wish, Journey& journey) noexcept;
  [[nodiscard]] Zone::Taken take_from_room(std::uint32_t cpu, std::uint32_t level) noexcept;
  [[nodiscard]] Status free_in_room(Pfn pfn, Order order) noexcept;

  const Port port_;
  const Order max_order_;
  const std::uint32_t cpus_;
  Places has_{};
  std::array<Doorway, kHighestZone.size()> doorways_{};
  std::array<Zone*, LABYRINTH_ZONES> zones_{};
  IsolatedZone* isolated_ = nullptr;
  std::array<Rooms, LABYRINTH_LEVELS> rooms_{};
};

}  // namespace labyrinth

// The C interface's opaque handle.
struct labyrinth_allocator {
  labyrinth::Memory memory;
};
