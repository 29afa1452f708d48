// Addresses for the frames of a void in a Linux process: a window of the address space in which only what is
// owned can be touched.
//
//      window   | no | block a | guard of a | ... nobody's ... | block b | guard of b |
//
// A free frame has no memory and faults. Guard frames are virtual: frame n begins 2n frames into the window,
// so a block of 2^k frames is followed by 2^k that are never anyone's, and running over its end, or before
// its start, faults, too. That costs addresses, of which there are plenty, and no memory. (A physical guard
// would cost every single frame another one, take its credit, and change which blocks of higher orders there
// are.)
//
// The frames are those of an allocator that has nothing but a void; for one that has zones, too, a port of
// its own calls these functions for the frames of the void. Frames are 4096 bytes; so must pages be.
#pragma once

#include <cstddef>
#include <cstdint>

#include "labyrinth/types.hpp"

namespace labyrinth {

class VoidWindow {
 public:
  enum class Guard : std::uint8_t { kNone, kAfterEachBlock };

  // Empty if the kernel refuses. The window is neither inherited by a child process nor part of a core dump.
  // Its memory must not be locked (mlockall): locked memory cannot be taken back, so nothing would leave
  // limbo.
  VoidWindow(Pfn first, Frames frames, Guard guard = Guard::kAfterEachBlock) noexcept;
  ~VoidWindow();
  VoidWindow(const VoidWindow&) = delete;
  VoidWindow& operator=(const VoidWindow&) = delete;

  [[nodiscard]] explicit operator bool() const noexcept { return start_ != nullptr; }

  // Makes the port's content and mapping functions those of this window, and its `self` too: `cpu` and
  // `may_sleep` are the caller's, and get it as well. The window must outlive the allocator.
  void serve(Port& port) noexcept;

  // Where a block begins, for as long as it is owned; and anything that lies in one.
  [[nodiscard]] std::byte* address_of(Pfn pfn) const noexcept {
    return base_ + (pfn.value - first_.value) * kFrameBytes * stride_;
  }

  // The port's functions; each takes a whole block. All are async-signal-safe and leave errno alone. Only
  // unmap() may sleep: it changes page tables of all threads, and returns memory. remap() makes a mapping,
  // which fails if the process has too many (/proc/sys/vm/max_map_count: one block takes up to two).
  [[nodiscard]] bool unmap(Pfn pfn, Frames frames) const noexcept;
  [[nodiscard]] bool remap(Pfn pfn, Frames frames) const noexcept;
  void poison(Pfn pfn, Frames frames) const noexcept;
  [[nodiscard]] bool is_poisoned(Pfn pfn, Frames frames) const noexcept;

  static constexpr std::size_t kFrameBytes = 4096;

 private:
  [[nodiscard]] static std::size_t bytes_of(Frames frames) noexcept {
    return static_cast<std::size_t>(frames.value) * kFrameBytes;
  }

  const Pfn first_;
  const std::size_t stride_;
  std::byte* start_ = nullptr;  // the mapping; one guard frame lies before the first block
  std::byte* base_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace labyrinth
