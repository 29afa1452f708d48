// Shared by the files that define hooks.
#pragma once

#include <cstdint>

namespace labyrinth::machine {

/// Volatile accesses: points of the schedule, relaxed for happens-before. `site`: see Coming.
void volatile_read(std::uintptr_t address, std::uint8_t size, std::uint32_t site) noexcept;
void volatile_write(std::uintptr_t address, std::uint8_t size, std::uint32_t site) noexcept;

/// Low bits of the address of the code that called the hook; everything up to the hook must be inlined.
[[nodiscard, gnu::always_inline]] inline std::uint32_t site() noexcept {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
}

}  // namespace labyrinth::machine
