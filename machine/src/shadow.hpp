// Shadow memory: one cell per location that a run touched, with its clocks, its last write and its first
// value.
//
// Cells are found by the exact address of an access: in the arena through a table, elsewhere through a hash.
// What a run wrote is undone from the cells' first values in reverse order: a run is a transaction on
// everything it can reach through a hook, and the cost of undoing it is that of what it touched. Accesses of
// different sizes that overlap get cells of their own, each restored; races between such are seen only if
// they begin at the same address.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "clock.hpp"
#include "labyrinth/machine/random.hpp"

namespace labyrinth::machine {

inline constexpr std::size_t kArenaBytes = std::size_t{8} << 20;
inline constexpr std::uint32_t kMaxCells = 16384;

struct alignas(64) Cell {
  std::uintptr_t address;
  std::uint64_t first_value;  ///< The bytes at `address` before the run touched them.
  std::uint16_t* slot;        ///< Where the index of this cell stands; cleared at the end of the run.
  std::uint32_t last_write;   ///< Number of the last write of the run here, 0: none.
  std::uint8_t last_writer;   ///< Its context.
  std::uint8_t size;          ///< Bytes restored.
  std::uint8_t widest;  ///< Bytes of the largest access; those beyond `size` are restored by another cell.
  std::uint8_t kinds;   ///< Which of the clocks below are valid; the others hold what an earlier run left.
  bool dirty;
  std::uint8_t signal_cpu;
  std::uint16_t history;  ///< Under rc11, its place among ModificationOrders' locations, from 1; 0: none.
  Clock sync;             ///< What an acquire read of the present value learns.
  Clock atomic_reads, atomic_writes;
  Clock plain_reads, plain_writes;
  Clock signal;
};

/// Bits of Cell::kinds.
inline constexpr std::uint8_t kAtomics = 1;      ///< `sync`, `atomic_*`.
inline constexpr std::uint8_t kPlainReads = 2;   ///< `plain_reads`.
inline constexpr std::uint8_t kPlainWrites = 4;  ///< `plain_writes`.
inline constexpr std::uint8_t kSignal = 8;  ///< `signal`: stored under a signal fence on CPU `signal_cpu`.

/// One change of what a run could write, for a number that names all of them: their sum.
[[nodiscard]] constexpr std::uint64_t change(std::uintptr_t place, std::uint64_t value) noexcept {
  std::uint64_t state = place * 0xff51afd7ed558ccdU ^ value;
  return next_random(state);
}

class Shadow {
 public:
  [[nodiscard]] std::byte* arena() noexcept { return arena_; }
  [[nodiscard]] bool in_arena(std::uintptr_t address) const noexcept {
    return address - reinterpret_cast<std::uintptr_t>(arena_) < kArenaBytes;
  }

  /// The cell of a location outside the arena, made if it is new; null if there are too many.
  [[nodiscard]] Cell* find_elsewhere(std::uintptr_t address, std::uint8_t size) noexcept {
    return at_slot(address, size, probe(address));
  }
  /// The cell of a location in the arena; null if it was not touched yet.
  [[nodiscard]] Cell* known_in_arena(std::uintptr_t address) noexcept {
    const std::uint16_t slot = direct_[address - reinterpret_cast<std::uintptr_t>(arena_)];
    return slot != 0 ? &cells_[slot - 1U] : nullptr;
  }
  [[nodiscard]] Cell* find_in_arena(std::uintptr_t address, std::uint8_t size) noexcept {
    return at_slot(address, size, &direct_[address - reinterpret_cast<std::uintptr_t>(arena_)]);
  }

  /// The cell of a location anywhere; null if it was not touched yet.
  [[nodiscard]] Cell* known(std::uintptr_t address) noexcept {
    if (in_arena(address)) return known_in_arena(address);
    const std::uint16_t slot = *probe(address);
    return slot != 0 ? &cells_[slot - 1U] : nullptr;
  }

  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] std::span<const Cell> cells() const noexcept { return {cells_.data(), count_}; }
  [[nodiscard]] std::uint32_t index(const Cell& cell) const noexcept {
    return static_cast<std::uint32_t>(&cell - cells_.data());
  }

  /// Names what the run has made of what it could write: 0 if everything that was written has its first value
  /// again, and else the same number for the same changes.
  [[nodiscard]] std::uint64_t changes() const noexcept;
  /// Undo all writes of the run and forget all cells.
  void rollback() noexcept;
  /// Keep all writes and forget all cells: what follows builds on them.
  void commit() noexcept;

 private:
  static constexpr std::uint32_t kHashSlots = 2 * kMaxCells;

  [[nodiscard]] std::uint16_t* probe(std::uintptr_t address) noexcept {
    auto at = static_cast<std::uint32_t>((address * 0x9e3779b97f4a7c15U) >> 40) % kHashSlots;
    while (hash_[at] != 0 && cells_[hash_[at] - 1U].address != address) at = (at + 1) % kHashSlots;
    return &hash_[at];
  }

  [[nodiscard]] Cell* at_slot(std::uintptr_t address, std::uint8_t size, std::uint16_t* slot) noexcept {
    if (*slot == 0) [[unlikely]]
      return make(address, size, slot);
    Cell& cell = cells_[*slot - 1U];
    return cell.widest >= size ? &cell : widen(cell, size);
  }

  [[nodiscard]] Cell* make(std::uintptr_t address, std::uint8_t size, std::uint16_t* slot) noexcept {
    if (count_ == kMaxCells) return nullptr;
    Cell& cell = cells_[count_++];
    *slot = static_cast<std::uint16_t>(count_);
    cell.address = address;
    cell.slot = slot;
    cell.last_write = 0;
    cell.size = cell.widest = size;
    // Taken now and not at the first write: with cells that overlap, undoing in reverse order of making is
    // exact.
    std::memcpy(&cell.first_value, reinterpret_cast<const void*>(address), size);
    cell.kinds = 0;
    cell.dirty = false;
    cell.history = 0;
    return &cell;
  }

  /// A wider access to a known location. What the run wrote into the new bytes is undone by cells made before
  /// now, so they need a cell made now, which nobody looks up.
  [[nodiscard]] Cell* widen(Cell& cell, std::uint8_t size) noexcept;

  std::uint32_t count_ = 0;
  std::array<Cell, kMaxCells> cells_{};
  std::array<std::uint16_t, kHashSlots> hash_{};
  std::array<std::uint16_t, kArenaBytes> direct_{};
  alignas(4096) std::byte arena_[kArenaBytes]{};
};

}  // namespace labyrinth::machine
