// Allocators over memory of any size that need not exist, as full as wanted.
#pragma once

#include <cstdint>

#include "labyrinth/allocator.hpp"

namespace labyrinth::bench {

inline constexpr std::uint32_t kCpus = 2;
inline constexpr std::uint32_t kRoomFrames = 8;

// The CPU that this thread is on, as far as an allocator asks: a thread-local number, since a kernel knows
// its own in one load.
void run_on(std::uint32_t cpu) noexcept;
[[nodiscard]] std::uint32_t this_thread_cpu() noexcept;

// Of `frames` frames in all: rooms for tasks, and zone NORMAL, `percent` of which is taken as single frames,
// the free ones anywhere. Made once and kept; may be called by several threads.
[[nodiscard]] const Allocator& managed(std::uint64_t frames, std::uint32_t percent);

}  // namespace labyrinth::bench
