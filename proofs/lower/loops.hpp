// The order in which a function's blocks are written.
#pragma once

#include <llvm/IR/Module.h>

namespace labyrinth::lower {

/// CBMC goes through a function as it is written: what is reached by several ways is gone through once if it
/// is written behind all of them, and what is written before one that leads to it is a loop. Each loop gets
/// one way back.
void order_blocks(llvm::Module& module);

}  // namespace labyrinth::lower
