// Fibers on fixed stacks: Boost.Context's raw jumps, with the annotations AddressSanitizer wants.
#pragma once

#include <array>
#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <cstdint>

#if defined(__has_feature)
#  if __has_feature(address_sanitizer)
#    include <sanitizer/asan_interface.h>
#    include <sanitizer/common_interface_defs.h>
#    define LABYRINTH_ASAN_FIBERS 1
#  endif
#endif

namespace labyrinth::machine {

inline constexpr std::size_t kStackBytes = std::size_t{64} * 1024;

/// A suspended or running flow of control. The one with no stack of its own is the caller of the run.
struct Fiber {
  boost::context::detail::fcontext_t saved = nullptr;
  std::byte* stack = nullptr;  ///< Lowest address; null for the caller's.
#ifdef LABYRINTH_ASAN_FIBERS
  void* fake_stack = nullptr;
  const void* bottom = nullptr;
  std::size_t bytes = 0;
#endif
};

/// Make the fiber begin with `main` when it is jumped to.
inline void start(Fiber& fiber, void (*main)(boost::context::detail::transfer_t)) noexcept {
#ifdef LABYRINTH_ASAN_FIBERS
  // A run that ended in the middle left frames behind, with the red zones around their variables.
  __asan_unpoison_memory_region(fiber.stack, kStackBytes);
#endif
  fiber.saved = boost::context::detail::make_fcontext(fiber.stack + kStackBytes, kStackBytes, main);
}

/// What a fiber does after someone jumped to it: remember where that one stopped.
inline void arrived(Fiber& self, boost::context::detail::transfer_t from) noexcept {
  auto* previous = static_cast<Fiber*>(from.data);
  previous->saved = from.fctx;
#ifdef LABYRINTH_ASAN_FIBERS
  const void* bottom = nullptr;
  std::size_t bytes = 0;
  __sanitizer_finish_switch_fiber(self.fake_stack, &bottom, &bytes);
  if (previous->stack == nullptr) {
    previous->bottom = bottom;
    previous->bytes = bytes;
  }
#else
  static_cast<void>(self);
#endif
}

/// Suspend `from` (the running fiber) and go on in `to`.
inline void jump(Fiber& from, const Fiber& to) noexcept {
#ifdef LABYRINTH_ASAN_FIBERS
  const bool own = to.stack != nullptr;
  __sanitizer_start_switch_fiber(&from.fake_stack, own ? to.stack : to.bottom, own ? kStackBytes : to.bytes);
#endif
  arrived(from, boost::context::detail::jump_fcontext(to.saved, &from));
}

}  // namespace labyrinth::machine
