// What is done to LLVM IR before it is lowered.
#pragma once

#include <llvm/IR/Module.h>

#include <string>
#include <vector>

namespace labyrinth::lower {

/// Calls become what they call, variables become values where they can, ways that part again stay apart, and
/// what no entry reaches goes. Nothing else: a pass that knows what is undefined may remove it before it is
/// seen. `simplifies`: false leaves out all but variables and what is not reached.
void prepare(llvm::Module& module, const std::vector<std::string>& entries, bool simplifies);

}  // namespace labyrinth::lower
