// What is done to LLVM IR before it is lowered.
#pragma once

#include <llvm/IR/Module.h>

#include <string>
#include <vector>

namespace labyrinth::lower {

/// Variables become values where they can, and what no entry reaches goes. Nothing else: a pass that knows
/// what is undefined may remove it before it is seen.
void prepare(llvm::Module& module, const std::vector<std::string>& entries);

}  // namespace labyrinth::lower
