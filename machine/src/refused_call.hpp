// What a target called of the C library that has no part here.
#pragma once

namespace labyrinth::machine {

/// What the target called outside of a run, since this was asked last, that the machine has no part for, as a
/// limit of an outcome; null: nothing.
[[nodiscard]] const char* take_refused_call() noexcept;

}  // namespace labyrinth::machine
