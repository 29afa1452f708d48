// What the machine's arena holds, for comparison: also where AddressSanitizer, if it is there, permits no
// access, between what a target took from the heap.
#pragma once

#include <cstddef>
#include <vector>

#include "core.hpp"
#include "raw_bytes.hpp"

namespace labyrinth::machine::testing {

inline std::vector<std::byte> arena_bytes() {
  std::vector<std::byte> bytes(kArenaBytes);
  copy_raw(bytes.data(), core.shadow.arena(), kArenaBytes);
  return bytes;
}

}  // namespace labyrinth::machine::testing
