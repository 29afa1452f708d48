// A target's heap and thread-locals: memory from the machine's arena, at the same addresses in every run.
#pragma once

#include <cstddef>

namespace labyrinth::machine {

/// A part of the arena, and how much of it is given out. A run takes from here on and gives all of it back at
/// its end.
struct HeapMark {
  std::size_t used = 0;  ///< Offset in the arena of the first byte not given out.
  std::size_t end = 0;   ///< Offset of the end of the part.
};

void heap_reset(HeapMark mark) noexcept;
[[nodiscard]] HeapMark heap_mark() noexcept;
/// Zeroed unless a target scribbled over it without hooks; null when the arena is used up.
[[nodiscard]] void* heap_take(std::size_t bytes, std::size_t alignment) noexcept;
/// Forget the thread-locals of all tasks.
void forget_thread_locals() noexcept;

}  // namespace labyrinth::machine
