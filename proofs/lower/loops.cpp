// The order in which a function's blocks are written, so that CBMC sees its loops as they are.
#include "loops.hpp"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>

#include <vector>

namespace labyrinth::lower {
namespace {

/// Ways that come back to where a loop begins join before they do: each way back is a loop of its own to
/// CBMC, and two of them are a loop in a loop.
void join_ways_back(llvm::DominatorTree& tree, llvm::LoopInfo& loops) {
  for (llvm::Loop* const loop : loops.getLoopsInPreorder()) {
    llvm::SmallVector<llvm::BasicBlock*, 8> ways;
    loop->getLoopLatches(ways);
    if (ways.size() > 1) llvm::SplitBlockPredecessors(loop->getHeader(), ways, ".back", &tree, &loops);
  }
}

/// Blocks of a function, each behind all that lead to it, but for ways back; those of a loop in one piece.
/// What a failed check ends in stands where the check is: behind the loop, the states of all rounds would
/// wait for it.
class Order {
 public:
  Order(llvm::Function& function, const llvm::LoopInfo& loops) : loops_(loops), reached_(&function) {
    place(nullptr);
  }
  [[nodiscard]] const std::vector<llvm::BasicBlock*>& blocks() const { return placed_; }

 private:
  // By recursion: as deep as loops are nested.
  void place(const llvm::Loop* within) {  // NOLINT(misc-no-recursion)
    for (llvm::BasicBlock* const block : reached_) {
      if (is_placed_.contains(block) || (within != nullptr && !within->contains(block))) continue;
      const llvm::Loop* inner = loops_.getLoopFor(block);
      while (inner != within && inner->getParentLoop() != within) inner = inner->getParentLoop();
      if (inner != within) {
        place(inner);
      } else {
        add(block);
      }
    }
  }

  void add(llvm::BasicBlock* block) {
    is_placed_.insert(block);
    placed_.push_back(block);
    for (llvm::BasicBlock* const next : llvm::successors(block)) {
      const bool ends_there = llvm::isa<llvm::UnreachableInst>(next->getTerminator());
      if (!ends_there || next->getSinglePredecessor() == nullptr) continue;
      is_placed_.insert(next);
      placed_.push_back(next);
    }
  }

  const llvm::LoopInfo& loops_;
  llvm::ReversePostOrderTraversal<llvm::Function*> reached_;
  llvm::SmallPtrSet<llvm::BasicBlock*, 32> is_placed_;
  std::vector<llvm::BasicBlock*> placed_;
};

}  // namespace

void order_blocks(llvm::Module& module) {
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    llvm::EliminateUnreachableBlocks(function);
    llvm::DominatorTree tree(function);
    llvm::LoopInfo loops(tree);
    join_ways_back(tree, loops);
    const Order order(function, loops);
    for (llvm::BasicBlock* const block : order.blocks()) block->moveAfter(&function.back());
  }
}

}  // namespace labyrinth::lower
