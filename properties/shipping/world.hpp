// A machine to stress: frames in real memory, the allocator, the objects and the mapper over them, and their
// ports.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "labyrinth/allocator.hpp"
#include "labyrinth/mapping.hpp"
#include "labyrinth/objects.hpp"
#include "labyrinth/reclaim.h"
#include "labyrinth/reclaimer.hpp"
#include "labyrinth/void_window.hpp"
#include "workload.hpp"

namespace labyrinth::shipping {

/// What a world is made of; first_pfn and rooms differ so that mistakes in them show.
struct Geometry {
  std::string_view name;
  std::uint64_t first_pfn;
  ZoneConfig zones[LABYRINTH_ZONES];
  std::uint64_t isolated;
  bool unmaps;  ///< Free frames of the void cannot be addressed; else they are poisoned.
  RoomConfig rooms[LABYRINTH_LEVELS];
  RoomConfig devices[2];
  std::uint32_t max_order;
  std::uint32_t map_slots;
  /// Each thread is a CPU of its own; else there are two, and the port's answer is any number, as to a task
  /// that migrates all the time.
  bool own_cpu;
  /// Background reclaim has a thread of its own, unless the stress has one alone; else tasks balance in turn.
  bool background;
};

/// `wide`: all zones, frames enough for most, an unmapped void. `tight`: one zone of 96 frames for all to
/// quarrel about.
inline constexpr std::size_t kGeometries = 2;
[[nodiscard]] const Geometry& geometry(std::size_t index);

/// Where a frame lies.
enum class Place : std::uint8_t { kDma, kDma32, kNormal, kMovable, kVoid, kRoom, kDeviceRoom, kNowhere };

struct Unmap {
  std::size_t size = 0;
  void operator()(std::byte* memory) const { munmap(memory, size); }
};
using Memory = std::unique_ptr<std::byte[], Unmap>;

class World final : public Workload {
 public:
  static constexpr std::uint32_t kDepth = 3;  ///< Of a context's local mappings.

  /// For that many threads. Ends the program with a message if the library refuses it: that is a mistake
  /// here.
  World(const Geometry& geometry, std::uint32_t threads);

  [[nodiscard]] const Geometry& shape() const { return shape_; }
  [[nodiscard]] const Allocator& pages() const { return pages_; }
  [[nodiscard]] const Objects& objects() const { return objects_; }
  [[nodiscard]] const Mapper& mapper() const { return mapper_; }
  [[nodiscard]] std::string_view name() const override { return shape_.name; }
  void act(Thread& thread) override;
  [[nodiscard]] labyrinth_status release(Thread& thread, Handle handle) override;

  [[nodiscard]] std::uint64_t* words(std::uint64_t granule) const override;
  [[nodiscard]] Place place(std::uint64_t pfn) const;
  /// Of which CPU's and level's room the frame is, as cpu * LABYRINTH_LEVELS + level; or of which device's.
  [[nodiscard]] std::uint32_t room_of(std::uint64_t pfn) const;
  /// The pfn that an address of the mapper's reaches; LABYRINTH_NO_PFN for any other address.
  [[nodiscard]] std::uint64_t reached_by(const void* address) const;
  [[nodiscard]] bool is_of_void(const void* address) const override;
  /// Whether background reclaim is due; the caller is to do it then.
  [[nodiscard]] bool take_wake() { return woken_.load(std::memory_order_relaxed) && woken_.exchange(false); }

  [[nodiscard]] std::uint64_t balances() const override { return reclaimer_.balances(); }

  /// Drains, and holds the snapshot against that of the start, then takes all there is, order by order.
  void examine(std::uint64_t round) override;

 private:
  void build_pages(std::uint32_t threads);
  void build_objects();
  void build_mapper(std::uint32_t threads);
  [[nodiscard]] Port port();
  [[nodiscard]] Thread* caller();
  void start_reclaimer();
  void look_for_what_is_missing(std::uint64_t round);
  [[nodiscard]] std::string snapshot() const;
  [[nodiscard]] std::uint64_t blocks_to_be_had(Order order) const;
  [[nodiscard]] bool in_void(std::uint64_t pfn) const { return place(pfn) == Place::kVoid; }
  void fill(std::uint64_t pfn, std::uint64_t frames, std::uint64_t word) const;
  [[nodiscard]] bool is_full_of(std::uint64_t pfn, std::uint64_t frames, std::uint64_t word) const;

  const Geometry& shape_;
  std::uint32_t cpus_;
  std::uint64_t frames_ = 0;  ///< All of them.
  Memory arena_;
  std::optional<VoidWindow> window_;
  Memory pages_metadata_;
  Memory objects_metadata_;
  Memory mapper_metadata_;
  Memory slot_addresses_;
  std::vector<std::atomic<std::uint64_t>> slots_;
  std::vector<MapStack> stacks_;
  Allocator pages_;
  Objects objects_;
  Mapper mapper_;
  labyrinth_shrinker shrinker_{};
  std::atomic<bool> woken_{false};
  std::string at_start_;
  std::vector<std::uint64_t> blocks_at_start_;
  const bool background_;
  bool has_reclaimer_ = false;
  Thread reclaiming_;    ///< What the reclaimer's thread is to the rest.
  Reclaimer reclaimer_;  ///< The last: its thread ends before the rest goes.
};

}  // namespace labyrinth::shipping
