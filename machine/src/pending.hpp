// The access that a context is about to make, under rc11.
#pragma once

#include <cstdint>

#include "labyrinth/machine/observer.hpp"

namespace labyrinth::machine {

/// An access that a context is about to make; all that decides what it may see.
struct Pending {
  std::uintptr_t address = 0;
  std::uint64_t expected = 0;  ///< Of a compare-exchange.
  AccessKind kind = AccessKind::kLoad;
  std::uint8_t bytes = 0;  ///< 0: nothing is pending.
  std::uint8_t order = 0, failure = 0;
};

}  // namespace labyrinth::machine
