// A queue of calls, each with the blocks that are left of it.
#include "cache.hpp"

#include <bit>

namespace labyrinth::machine {

void Cache::add(std::uint8_t call, std::uint64_t blocks) noexcept {
  if (blocks != 0) handed_[count_++] = {call, blocks};
}

std::optional<Cache::Entry> Cache::pop() noexcept {
  if (first_ == count_) return std::nullopt;
  Handed& oldest = handed_[first_];
  const Entry entry{oldest.call, static_cast<std::uint8_t>(std::countr_zero(oldest.blocks))};
  oldest.blocks &= oldest.blocks - 1;
  if (oldest.blocks == 0) ++first_;
  return entry;
}

}  // namespace labyrinth::machine
