// What a proof can say. In LLVM IR these are calls of functions without a body, which the lowering
// (proofs/lower/) turns into CBMC's own; so a proof is C++ that compiles with the allocator, and nothing
// else.
//
// A proof may define two more functions, extern "C":
//   void labyrinth_before_atomic(void* address, std::uint32_t bytes)
//     is called before each atomic access: what others may do there (the rely), or a handler that nests;
//   void labyrinth_after_write(void* address, std::uint64_t before, std::uint64_t after)
//     is called after each atomic write: what this context may do (the guarantee).
// The accesses within them are plain.
#pragma once

#include <cstdint>

extern "C" {
/// Any value of so many bits (1..64, a constant), shown under this name (a literal) in a counterexample.
[[nodiscard]] std::uint64_t labyrinth_any(const char* name, std::uint32_t bits) noexcept;
void labyrinth_assume(bool holds) noexcept;
/// `what`, a literal: the clause, a colon, and what must hold, in words.
void labyrinth_prove(bool holds, const char* what) noexcept;
/// A point that must be reachable, or the proof is vacuous; `name`, a literal, is in the manifest.
void labyrinth_cover(const char* name) noexcept;
}
