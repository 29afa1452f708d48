// Shared by the files that define hooks.
#pragma once

#include <cstdint>

namespace labyrinth::machine {

/// Volatile accesses: points of the schedule, relaxed for happens-before.
void volatile_read(std::uintptr_t address, std::uint8_t size) noexcept;
void volatile_write(std::uintptr_t address, std::uint8_t size) noexcept;

}  // namespace labyrinth::machine
