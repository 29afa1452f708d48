// The few passes that a module goes through before it is lowered.
#pragma once

#include <llvm/IR/Module.h>

#include <string>
#include <vector>

namespace labyrinth::lower {

/// Aliases become what they name, calls the function's body, variables values where they can, and what no
/// entry reaches goes. Nothing else: a pass that knows what is undefined may remove it before it is seen.
void prepare(llvm::Module& module, const std::vector<std::string>& entries);

}  // namespace labyrinth::lower
