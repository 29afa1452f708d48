// What a target's object holds that nobody can write.
#pragma once

#include <cstddef>
#include <span>

#include "labyrinth/machine/target.h"

namespace labyrinth::machine {

/// The code and constants of the object that the table lies in: it begins with them, up to its first segment
/// that can be written. Empty where that cannot be told.
[[nodiscard]] std::span<const std::byte> constants_of(const labyrinth_target& table) noexcept;

}  // namespace labyrinth::machine
