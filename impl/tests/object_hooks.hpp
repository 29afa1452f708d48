// Stops at every atomic access that the allocator makes: counts it, and lets a test interrupt there.
#pragma once

#include <cstdint>

namespace labyrinth::test {

struct AccessHook {
  bool is_on = false;
  std::uint64_t accesses = 0;     // since the test last set it to 0
  void (*interrupt)() = nullptr;  // called before each access, with the hook on: calls in it stop here, too
};
extern AccessHook access_hook;

}  // namespace labyrinth::test
