// Cutting what is left of an exploration into files for several machines.
#pragma once

#include "programs.hpp"
#include "work.hpp"

namespace labyrinth::tool {

/// Deals out what is left to `options.cut` files beside that of --resume, and removes it. The exit code,
/// after saying what was done, or why it cannot be.
[[nodiscard]] int cut(const ExploreOptions& options, const Programs& programs, Resume from);

}  // namespace labyrinth::tool
