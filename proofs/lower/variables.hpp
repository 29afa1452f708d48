// Before and after SROA: which variables it may make values of.
#pragma once

#include <llvm/IR/Module.h>

namespace labyrinth::lower {

/// Marks, by a call that takes its address, each variable that is to stay in memory; the others begin as
/// anything.
void keep_in_memory(llvm::Module& module);
/// Undoes that, and drops the beginnings that nothing needed.
void forget_what_is_kept(llvm::Module& module);

/// All calls of the function, which returns nothing.
void erase_calls(llvm::Function& function);

}  // namespace labyrinth::lower
