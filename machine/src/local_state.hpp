// What the present context's code has in its registers and on its stack at an access, as a number.
#pragma once

#include <cstdint>

namespace labyrinth::machine {

/// Called at a point, by a strategy. If a context has the same number at two of its accesses, and has written
/// nothing else in between, then what it does next depends on what it reads next alone. 0: not known, since
/// the code that makes the access was not found on the stack.
[[nodiscard]] std::uint64_t local_state() noexcept;

}  // namespace labyrinth::machine
