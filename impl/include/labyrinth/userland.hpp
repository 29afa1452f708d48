// The allocator in an ordinary Linux process: memory from the kernel, CPU numbers, and a notion of where
// sleeping is not permitted. For trying the library out, and for programs with signal handlers and real-time
// threads. Link labyrinth_userland (CMake: labyrinth::userland).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "labyrinth/allocator.hpp"
#include "labyrinth/default_marks.hpp"
#include "labyrinth/page_address.hpp"
#include "labyrinth/reclaimer.hpp"

namespace labyrinth {

// While one exists, requests of this thread that may sleep are answered kBadContext (C1). They nest. To be
// put around whatever must not sleep, and at the top of a signal handler, there with a level: the rooms that
// kRoom requests are served from are then those of that level, unless it was higher already.
class AtomicSection {
 public:
  explicit AtomicSection(labyrinth_level level = LABYRINTH_TASK) noexcept;
  ~AtomicSection();
  AtomicSection(const AtomicSection&) = delete;
  AtomicSection& operator=(const AtomicSection&) = delete;

 private:
  labyrinth_level outside_;
};

// Whether no AtomicSection of this thread exists, and the highest level of those that do. Async-signal-safe.
[[nodiscard]] bool may_sleep() noexcept;
[[nodiscard]] labyrinth_level level() noexcept;

struct ArenaOptions {
  std::uint32_t max_order = LABYRINTH_MAX_ORDER;
  std::uint32_t cpus = 0;                            // 0: as many as the machine has
  std::optional<DefaultMarks> marks = std::nullopt;  // none: default_marks()
  // Besides the arena's frames and behind them: those of the void, for kExclusive requests, and the rooms, of
  // levels and of devices.
  Frames isolated{};
  std::array<RoomConfig, LABYRINTH_LEVELS> rooms{};
  std::array<RoomConfig, LABYRINTH_MAX_DEVICES> devices{};
  // Of the void: somebody wrote to frames that nobody owned. Called in the context of the allocation that
  // found out; the frames are poisoned anew.
  void (*on_damage)(Pfn pfn, Frames frames) = nullptr;
  // Woken when background reclaim is due; the caller starts it, with the arena's allocator, and stops it
  // before the arena goes.
  Reclaimer* reclaimer = nullptr;
};

// Page frames of 4 KiB, numbered from 0, in one mapping of its own, and their allocator: zone NORMAL, and
// what the options add. The kernel gives a frame its memory at the first access, so that a large arena costs
// what is used of it; blocks are as aligned in memory as by number. A frame of the void is full of the byte
// 0xAA while nobody owns it. Everything that was allocated is gone with the arena, so no Block and no
// PageResource may outlive it.
class Arena {
 public:
  // Empty if the kernel or the allocator refuses. Not async-signal-safe; everything else here is.
  explicit Arena(Frames frames, const ArenaOptions& options = {}) noexcept;
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;
  ~Arena();

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(allocator_); }
  [[nodiscard]] const Allocator& operator*() const noexcept { return allocator_; }
  [[nodiscard]] const Allocator* operator->() const noexcept { return &allocator_; }

  [[nodiscard]] const PageAddress& address() const noexcept { return address_; }
  [[nodiscard]] void* page_address(Pfn pfn) const noexcept { return address_.of(pfn); }
  [[nodiscard]] Pfn pfn_of(const void* address) const noexcept { return address_.pfn_of(address); }

 private:
  struct Mapping {
    void* start = nullptr;
    std::size_t size = 0;
  };
  static Mapping map(std::size_t size, int extra_flags) noexcept;
  static void unmap(Mapping& mapping) noexcept;

  Mapping frames_;
  Mapping metadata_;
  PageAddress address_;
  Allocator allocator_;
};

}  // namespace labyrinth
