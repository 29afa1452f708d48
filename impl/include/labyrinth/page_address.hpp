// Where page frames lie in memory that is mapped as one piece: from a pfn to an address, and back.
#pragma once

#include <cstddef>
#include <cstdint>

#include "labyrinth/types.hpp"

namespace labyrinth {

struct PageAddress {
  std::byte* base = nullptr;  // where frame `first` begins
  Pfn first{0};
  std::uint32_t shift = 12;  // a frame has 2^shift bytes

  [[nodiscard]] constexpr std::size_t frame_size() const noexcept { return std::size_t{1} << shift; }
  [[nodiscard]] std::byte* of(Pfn pfn) const noexcept { return base + ((pfn.value - first.value) << shift); }
  // Of any byte in the frame.
  [[nodiscard]] Pfn pfn_of(const void* address) const noexcept {
    const auto distance = static_cast<std::uint64_t>(static_cast<const std::byte*>(address) - base);
    return Pfn{first.value + (distance >> shift)};
  }
  // Blocks are aligned by pfn; whether that aligns their addresses, too, is up to where the frames lie.
  [[nodiscard]] bool keeps_alignment(std::size_t alignment) const noexcept {
    return (reinterpret_cast<std::uintptr_t>(base) - (first.value << shift)) % alignment == 0;
  }

  friend constexpr bool operator==(const PageAddress&, const PageAddress&) = default;
};

}  // namespace labyrinth
