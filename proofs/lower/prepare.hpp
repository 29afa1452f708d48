// What is done to LLVM IR before it is lowered.
#pragma once

#include <llvm/IR/Module.h>

#include <cstdint>
#include <string>
#include <vector>

namespace labyrinth::lower {

enum class Simplify : std::uint8_t {
  kNothing,  ///< But variables, and what is not reached.
  kAll,
  /// More, for loops whose ways back are many once ways that part stay apart, and whose bounds are constants
  /// only where masks and shifts are answered: such a loop is one loop, in one piece.
  kForLoops,
};

/// Calls become what they call, variables become values where they can, ways that part again stay apart, and
/// what no entry reaches goes. Nothing else: a pass that knows what is undefined may remove it before it is
/// seen.
void prepare(llvm::Module& module, const std::vector<std::string>& entries, Simplify how);

}  // namespace labyrinth::lower
