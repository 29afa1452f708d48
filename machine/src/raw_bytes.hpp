// Copies of memory as it is: AddressSanitizer, where it is, looks at none of them. What is kept of a target
// spans the zones that the sanitizer has put between its variables. (no_builtin: else the loops become calls
// that it does look at.)
#pragma once

#include <cstddef>

namespace labyrinth::machine {

[[clang::no_sanitize("address"), clang::no_builtin("memcpy", "memset"), gnu::noinline]] inline void copy_raw(
    std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
  constexpr std::size_t kPiece = 64;
  for (; bytes >= kPiece; bytes -= kPiece, to += kPiece, from += kPiece)
    __builtin_memcpy_inline(to, from, kPiece);
  for (; bytes >= 8; bytes -= 8, to += 8, from += 8) __builtin_memcpy_inline(to, from, 8);
  for (; bytes != 0; --bytes, ++to, ++from) __builtin_memcpy_inline(to, from, 1);
}

[[clang::no_sanitize("address"), clang::no_builtin("memcpy", "memset"), gnu::noinline]] inline void zero_raw(
    std::byte* to, std::size_t bytes) noexcept {
  constexpr std::size_t kPiece = 64;
  for (; bytes >= kPiece; bytes -= kPiece, to += kPiece) __builtin_memset_inline(to, 0, kPiece);
  for (; bytes != 0; --bytes, ++to) __builtin_memset_inline(to, 0, 1);
}

}  // namespace labyrinth::machine
