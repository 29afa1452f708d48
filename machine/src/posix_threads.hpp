// Shared by those who know of thread-locals.
#pragma once

#include <cstddef>
#include <utility>

#include "access.hpp"
#include "heap.hpp"

namespace labyrinth::machine {

/// GCC's and clang's emulated-TLS control block (libgcc emutls.c).
struct EmulatedTls {
  std::size_t size;
  std::size_t alignment;
  void* unused;
  const void* initial;
};

/// Undone at the end of the run as what a context writes; but a thread's memory was there before all that it
/// does, its handlers included, so nothing races with this.
void note_initialised(void* begin, std::size_t bytes) noexcept;

}  // namespace labyrinth::machine
