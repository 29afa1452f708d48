// From a counterexample of a proof to small programs, one of whose runs may show the same on a target.
//
// A proof is about a part of the allocator, with any state before and anything that others may do before each
// access. A run begins with blocks that live, and others make calls. So the translation is a guess, which
// exploring decides: the counterexample's state, the call that the part is of, and calls that change of the
// state what others changed; then less of it, and more of other kinds.
#pragma once

#include <string>
#include <vector>

#include "cbmc.hpp"
#include "labyrinth/machine/trace.hpp"

namespace labyrinth::tool {

struct Sketch {
  machine::Trace trace{};
  std::string what;  ///< In a line: how it comes from the counterexample.
};

/// The translations that a manifest may name with `trace`.
[[nodiscard]] const std::vector<std::string>& sketch_kinds();

/// In the order in which they are to be tried; never none. `kind`: one of the above.
[[nodiscard]] std::vector<Sketch> sketches(const std::string& kind, const std::vector<Input>& inputs);

}  // namespace labyrinth::tool
