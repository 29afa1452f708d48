// What both sides of the native test know: how a case is called.
#pragma once

#include <cstdint>

namespace labyrinth::lower::test {

inline constexpr std::uint32_t kCases = 24;
inline constexpr std::uint32_t kInputs = 6;
inline constexpr std::uint32_t kBytes = 4096;

}  // namespace labyrinth::lower::test

extern "C" {
/// Computes case `which` of these inputs and of `memory` (aligned as a page), which it may change; the same
/// source twice: as the compiler makes it, and lowered to C.
std::uint64_t compute_as_compiled(std::uint32_t which, const std::uint64_t* inputs, unsigned char* memory);
std::uint64_t compute_as_lowered(std::uint32_t which, const std::uint64_t* inputs, unsigned char* memory);
}
