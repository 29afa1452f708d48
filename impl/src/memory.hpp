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
#include "shrinkers.hpp"
#include "zone.hpp"

namespace labyrinth {

// Whether every field of the configuration is in its range.
[[nodiscard]] bool is_valid(const Config& config) noexcept;

class alignas(kCacheLine) Memory {
 public:
  // The rooms of one context level, or of a device; none if they have no frames.
  struct Rooms {
    std::uint64_t first_pfn = 0;
    std::uint64_t all_frames = 0;
    std::uint32_t frames = 0;     // of each
    std::uint32_t shift = kNone;  // its binary logarithm, if it is a whole number
    std::uint32_t count = 0;      // of the level's one for each CPU; one is the device's
    Room* rooms = nullptr;

    static constexpr std::uint32_t kNone = UINT32_MAX;

    [[nodiscard]] Room& at(std::uint32_t room) const noexcept { return rooms[room]; }
    [[nodiscard]] Pfn pfn(std::uint32_t room, std::uint32_t frame) const noexcept {
      return Pfn{first_pfn + std::uint64_t{room} * frames + frame};
    }
    // A frame of the room, if two steps are enough to say so.
    [[nodiscard]] Pfn take_at_once(std::uint32_t room) const noexcept {
      const Room::Taken taken = at(room).take_at_once();
      return taken.status == Status::kOk ? pfn(room, taken.frame) : Pfn{};
    }
    // `distance` is that from first_pfn, within the rooms. A division would cost more than all the rest.
    [[nodiscard]] bool release(std::uint32_t distance) const noexcept {
      if (shift != kNone) [[likely]]
        return at(distance >> shift).release(distance & (frames - 1));
      return at(distance / frames).release(distance % frames);
    }
  };

  // `metadata` is aligned and of size_of(config) bytes, and the configuration is valid.
  Memory(const Config& config, std::byte* metadata) noexcept;

  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // A frame for a request that ends at the first station that it comes to, as most do: the CPU's own word, or
  // its own room. Invalid, and nothing changed, if that cannot be done at once: alloc_page() is then to find
  // out what can.
  [[nodiscard, gnu::always_inline]] inline Pfn take_at_hand(Gfp gfp) noexcept {
    const Doorway* const door = doorway(gfp, kThroughDoorways);
    if (door == nullptr || door->zone == nullptr) return {};
    return door->zone->take_at_hand(door->floor, port_.cpu(port_.self), mobility_of(gfp));
  }
  [[nodiscard, gnu::always_inline]] inline Pfn take_at_hand_in_room(Gfp gfp) noexcept {
    if (doorway(gfp, kThroughDoorways | kRoom) == nullptr) return {};
    const std::uint32_t cpu = port_.cpu(port_.self);
    const Rooms& rooms = rooms_[level()];
    if (rooms.frames == 0 || cpu >= cpus_) return {};
    return rooms.take_at_once(cpu);
  }
  // The same of a request that names a device: where it is made, nobody asks.
  [[nodiscard, gnu::always_inline]] inline Pfn take_at_hand_of_device(Gfp gfp) noexcept {
    if (doorway(gfp, kThroughDoorways | kDeviceField) == nullptr) return {};
    if (device_of(gfp) >= LABYRINTH_MAX_DEVICES) return {};
    const Rooms& rooms = rooms_[rooms_of_device(device_of(gfp))];
    return rooms.frames == 0 ? Pfn{} : rooms.take_at_once(0);
  }
  void alloc_page(Gfp gfp, Order order, Page& out) noexcept;
  [[nodiscard, gnu::always_inline]] inline Status free_page(Pfn pfn, Order order) noexcept {
    // Most are single frames: of a zone, or of a room.
    if (order != Order{0}) return free_block(pfn, order);
    if (pfn.value < first_room_) {
      for (const Span& span : spans_) {
        if (pfn.value - span.first_pfn >= span.frames) continue;
        return span.zone->release(pfn, Order{0}) ? Status::kOk : Status::kBadArgument;
      }
      return free_block(pfn, Order{0});
    }
    for (const Rooms& rooms : rooms_) {
      const std::uint64_t distance = pfn.value - rooms.first_pfn;
      if (distance >= rooms.all_frames) continue;
      return rooms.release(static_cast<std::uint32_t>(distance)) ? Status::kOk : Status::kBadArgument;
    }
    return Status::kBadArgument;
  }
  void alloc_bulk(Gfp gfp, std::uint32_t count, std::uint64_t* pfns, Page& out) noexcept;
  void alloc_exact(Gfp gfp, std::uint64_t frames, Page& out) noexcept;
  [[nodiscard]] Status free_exact(Pfn pfn, std::uint64_t frames) noexcept;
  [[nodiscard]] Status drain(std::uint64_t most, std::uint64_t& drained) noexcept;

  // reclaim.cpp
  [[nodiscard]] Status balance() noexcept;
  [[nodiscard]] Status register_shrinker(const Shrinker& shrinker) noexcept;
  [[nodiscard]] Status unregister_shrinker(const Shrinker& shrinker) noexcept;

  [[nodiscard]] std::uint64_t alloc_steps(Order order) const noexcept;
  [[nodiscard]] std::uint64_t free_steps(Order order) const noexcept;
  [[nodiscard]] std::uint64_t bulk_steps(std::uint32_t count) const noexcept;
  [[nodiscard]] std::uint64_t exact_steps(std::uint64_t frames) const noexcept;
  [[nodiscard]] std::uint64_t drain_steps(std::uint64_t most) const noexcept;
  [[nodiscard]] Frames free_frames() const noexcept;
  [[nodiscard]] Frames batch(ZoneIndex zone) const noexcept;
  [[nodiscard]] bool is_set_apart(Pfn pfn) const noexcept;
  // Null if there is none; LABYRINTH_ZONES is the void.
  [[nodiscard]] const Zone* zone(ZoneIndex index) const noexcept {
    if (index != kNoZone) return zones_[index];
    return isolated_ == nullptr ? nullptr : &isolated_->zone();
  }
  [[nodiscard]] const Rooms& rooms(RoomsIndex index) const noexcept { return rooms_[index]; }

  [[nodiscard]] static std::size_t size_of(const Config& config) noexcept;

 private:
  // Where requests with these zone modifiers and nothing special begin: the first zone of their first pass.
  struct Doorway {
    Zone* zone = nullptr;
    Frames floor{};
    bool is_open = false;  // these modifiers do not contradict each other
  };
  // A zone, by its frames; none if it has none.
  struct Span {
    std::uint64_t first_pfn = 0;
    std::uint64_t frames = 0;
    Zone* zone = nullptr;
  };
  [[nodiscard]] std::uint32_t level() const noexcept {
    return port_.level == nullptr ? 0
                                  : static_cast<std::uint32_t>(port_.level(port_.self)) % LABYRINTH_LEVELS;
  }
  void open_doorways() noexcept;
  // `count` rooms behind one another, from `pfn` and `metadata` on, which are then behind the last.
  void build_rooms(RoomsIndex index, const RoomConfig& room, std::uint32_t count, std::uint64_t& pfn,
                   std::byte*& metadata) noexcept;
  // What is wanted: the first `frames` frames of a block of `order`; or, with `pfns`, `count` single frames.
  struct Wish {
    Gfp gfp{};
    Order order{};
    std::uint32_t count = 1;
    std::uint32_t frames = 1;
    std::uint64_t* pfns = nullptr;

    [[nodiscard]] Frames need() const noexcept { return {order.frames().value * count}; }
  };
  // What a request carries from station to station.
  struct Journey {
    Route route{};
    Caller caller{};
    Status refusal = Status::kExhausted;    // the strongest so far
    Status elsewhere = Status::kExhausted;  // the strongest of places that are no zones
    // Those with credit enough and no block, in the first pass. The second one asks for less credit alone, so
    // it would change nothing there.
    std::uint32_t refused_zones = 0;
    bool has_drained = false;  // so the refusals before say nothing any more
  };
  void go_through(const Wish& wish, Page& out) noexcept;
  void walk(const Wish& wish, Journey& journey, Page& out) noexcept;
  // reclaim.cpp: rounds of shrinkers and walks after a refusal.
  void reclaim_for(const Wish& wish, Journey& journey, Page& out) noexcept;
  void walk_again(const Wish& wish, Journey& journey, Page& out) noexcept;
  // False where there is no reclaim, or this is within it; else until ask_shrinkers() has returned.
  [[nodiscard]] bool enters_reclaim() noexcept;
  [[nodiscard]] std::uint64_t ask_shrinkers(std::uint64_t frames) noexcept;
  [[nodiscard]] Frames missing(const Wish& wish, const Route& route) const noexcept;
  [[nodiscard]] Frames below_high() const noexcept;
  // NOFAIL: whether the request could be served if everything were free.
  [[nodiscard]] bool may_not_fail(const Wish& wish, const Route& route) const noexcept;
  void zero(const Wish& wish, Pfn pfn) const noexcept;
  void arrive(Station station, const Wish& wish, Journey& journey) const noexcept;
  [[nodiscard]] Zone::Taken visit(Station station, const Wish& wish, Journey& journey) noexcept;
  [[nodiscard]] Zone::Taken take_from_zones(Station station, const Wish& wish, Journey& journey) noexcept;
  [[nodiscard]] Zone::Taken take_from_room(RoomsIndex index, std::uint32_t cpu) noexcept;
  // The one that the request may go through; null if it asks for more than these bits, for what is nowhere,
  // or for what its context forbids.
  [[nodiscard, gnu::always_inline]] inline const Doorway* doorway(Gfp gfp, Gfp permitted) const noexcept {
    if ((gfp.bits & ~permitted.bits) != 0) return nullptr;
    const Doorway& door = doorways_[gfp.bits >> 5 & 15U];
    if (!door.is_open || (gfp.has(kDirectReclaim) && !port_.may_sleep(port_.self))) return nullptr;
    return &door;
  }
  // Of any order, in a zone or in the void.
  [[nodiscard]] Status free_block(Pfn pfn, Order order) noexcept;

  const Port port_;
  const Order max_order_;
  const std::uint32_t cpus_;
  Places has_{};
  std::array<Doorway, kHighestZone.size()> doorways_{};
  std::uint64_t first_room_ = 0;               // behind all zones and the void
  std::array<Span, LABYRINTH_ZONES> spans_{};  // those that there are first
  std::array<Zone*, LABYRINTH_ZONES> zones_{};
  IsolatedZone* isolated_ = nullptr;
  std::array<Rooms, kAllRooms> rooms_{};  // in the order of their addresses
  Shrinkers shrinkers_{};
};

}  // namespace labyrinth

// The C interface's opaque handle.
struct labyrinth_allocator {
  labyrinth::Memory memory;
};
