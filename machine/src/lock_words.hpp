// Words of a lock, a condition or a counter that the machine keeps in a target's memory: read and written
// under the same rules as any atomic of the target, and undone with it.
#pragma once

#include <cstdint>

#include "access.hpp"

namespace labyrinth::machine {

inline constexpr int kRelaxedOrder = 0, kAcquireOrder = 2, kReleaseOrder = 3;

/// What stands in a lock's word while the present context has the lock; 0: nobody has.
[[nodiscard]] inline std::uint32_t held_by_me() noexcept { return core.now->index + 1U; }
/// The context that has a lock with this word.
[[nodiscard]] constexpr std::uint32_t holder_of(std::uint32_t word) noexcept { return word - 1U; }

inline void observe_word(const std::uint32_t& word, std::uint32_t after, int order,
                         AccessKind kind) noexcept {
  if (core.observer == nullptr) [[likely]]
    return;
  core.observer->on_access(
      {kind, sizeof word, order, false, true, reinterpret_cast<std::uintptr_t>(&word), word, after});
}

/// Reads a word beside one that has just been looked at: part of that step.
inline std::uint32_t peek(const std::uint32_t& word, int order) noexcept {
  Cell& cell = cell_at(reinterpret_cast<std::uintptr_t>(&word), sizeof word);
  meet_others(cell, false);
  atomic_read(cell, order);
  return word;
}

/// A point of the schedule, before what may be a write of the word, and a read of it.
inline std::uint32_t look(const std::uint32_t& word, int order) noexcept {
  core.point({reinterpret_cast<std::uintptr_t>(&word), sizeof word, true});
  const std::uint32_t seen = peek(word, order);
  observe_word(word, seen, order, AccessKind::kLoad);
  return seen;
}

/// Writes the word; no point of the schedule, so it is one step with the look before it.
inline void put(std::uint32_t& word, std::uint32_t value, int order) noexcept {
  Cell& cell = cell_at(reinterpret_cast<std::uintptr_t>(&word), sizeof word);
  meet_others(cell, true);
  atomic_write(cell, order, true);
  observe_word(word, value, order, AccessKind::kStore);
  word = value;
}

/// Writes what nobody but the holder of a lock looks at.
inline void put_aside(std::uint32_t& word, std::uint32_t value) noexcept {
  cell_at(reinterpret_cast<std::uintptr_t>(&word), sizeof word).dirty = true;
  word = value;
}

}  // namespace labyrinth::machine
