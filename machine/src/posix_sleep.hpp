// Shared by the files that stand in for the C library's locks and sleeping calls.
#pragma once

#include <cstddef>
#include <cstring>

#include "lock_words.hpp"

namespace labyrinth::machine {

/// The machine keeps its words where the C library keeps its own.
[[nodiscard]] inline std::uint32_t& word_at(void* object, std::size_t index) noexcept {
  return static_cast<std::uint32_t*>(object)[index];
}
/// To zeros, undone at the end of the run.
inline void initialise(void* object, std::size_t bytes) noexcept {
  write_range(object, bytes);
  std::memset(object, 0, bytes);
}

/// The present context has to wait for the lock, whose word it has just seen: N1 unless it may sleep and
/// others can run. False, and only with `times_out`: nobody else can do anything.
[[nodiscard]] bool sleep_for_lock(const std::uint32_t& lock, bool times_out) noexcept;
/// The same for a lock that several have, who have no names: it is free when the word is 0.
void sleep_for_all(const std::uint32_t& holders) noexcept;

/// The present context is about to sleep, whatever for: N1 and C1. A step of its own, so that a loop that
/// sleeps ends.
void begin_sleep() noexcept;

}  // namespace labyrinth::machine
