// Unwinds from the strategy to the code that makes the access, and takes a hash of what that code can still
// use: the registers that calls preserve (all others are lost to it, since it has called a hook), its place,
// and the stack from its frame upwards. What lies below belongs to the machine, and changes with every step.
#include "local_state.hpp"

#include <dlfcn.h>
#include <unwind.h>

#include <array>

#include "core.hpp"

namespace labyrinth::machine {

namespace {

/// DWARF's numbers of the registers that calls preserve; none: the state is never known there.
#if defined(__x86_64__)
constexpr std::array<int, 6> kPreserved{3, 6, 12, 13, 14, 15};
#elif defined(__aarch64__)
constexpr std::array<int, 11> kPreserved{19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29};
#else
constexpr std::array<int, 0> kPreserved{};
#endif

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t sum, std::uint64_t word) noexcept {
  std::uint64_t z = (sum ^ word) * 0x9e3779b97f4a7c15U;
  return z ^ (z >> 29);
}

[[nodiscard]] const void* object_of(std::uintptr_t address) noexcept {
  Dl_info info{};
  return dladdr(reinterpret_cast<const void*>(address), &info) != 0 ? info.dli_fbase : nullptr;
}

/// Whether the frame is of the code that called the hook. Where hooks do not say from where they were called,
/// it is the first of another object than the machine's.
[[nodiscard]] bool is_the_callers(std::uintptr_t at) noexcept {
  if (core.now->site != 0) return static_cast<std::uint32_t>(at) == core.now->site;
  return object_of(at) != object_of(reinterpret_cast<std::uintptr_t>(&local_state));
}

[[clang::no_sanitize("address")]] std::uint64_t stack_from(std::uintptr_t at, std::uint64_t sum) noexcept {
  for (; core.on_own_stack(at); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    __builtin_memcpy_inline(&word, reinterpret_cast<const void*>(at), sizeof word);
    sum = mix(sum, word);
  }
  return sum;
}

_Unwind_Reason_Code look_at(_Unwind_Context* frame, void* result) {
  const std::uintptr_t at = _Unwind_GetIP(frame);
  if (!is_the_callers(at)) return _URC_NO_REASON;
  std::uint64_t sum = mix(1, at);
  for (const int number : kPreserved) sum = mix(sum, _Unwind_GetGR(frame, number));
  sum = stack_from(_Unwind_GetCFA(frame) & ~std::uintptr_t{7}, sum);
  *static_cast<std::uint64_t*>(result) = sum != 0 ? sum : 1;
  return _URC_NORMAL_STOP;
}

}  // namespace

std::uint64_t local_state() noexcept {
  std::uint64_t result = 0;
  if (!kPreserved.empty()) _Unwind_Backtrace(look_at, &result);
  return result;
}

}  // namespace labyrinth::machine
