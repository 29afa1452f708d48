// Undoing a run.
#include "shadow.hpp"

namespace labyrinth::machine {

Cell* Shadow::widen(Cell& cell, std::uint8_t size) noexcept {
  if (count_ == kMaxCells) return nullptr;
  cell.widest = size;
  Cell& undo = cells_[count_++];
  undo.address = cell.address;
  undo.slot = cell.slot;
  undo.size = size;
  std::memcpy(&undo.first_value, reinterpret_cast<const void*>(cell.address), size);
  undo.dirty = true;
  return &cell;
}

std::uint64_t Shadow::changes() const noexcept {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < count_; ++i) {
    const Cell& cell = cells_[i];
    const auto* const now = reinterpret_cast<const void*>(cell.address);
    if (!cell.dirty || std::memcmp(now, &cell.first_value, cell.size) == 0) continue;
    std::uint64_t value = 0;
    std::memcpy(&value, now, cell.size);
    // Of a place outside the arena too: such an object is loaded once a process.
    sum += change(cell.address, value);
  }
  return sum;
}

void Shadow::rollback() noexcept {
  while (count_ != 0) {
    const Cell& cell = cells_[--count_];
    *cell.slot = 0;
    if (!cell.dirty) continue;
    if (cell.size == 8) [[likely]] {
      std::memcpy(reinterpret_cast<void*>(cell.address), &cell.first_value, 8);
    } else {
      std::memcpy(reinterpret_cast<void*>(cell.address), &cell.first_value, cell.size);
    }
  }
}

void Shadow::commit() noexcept {
  while (count_ != 0) *cells_[--count_].slot = 0;
}

}  // namespace labyrinth::machine
