// Which variables become values. SROA makes values of them, and with them goes what was wrong with an access;
// so those of which an access may be undefined are kept in memory.
#include "variables.hpp"

#include <llvm/IR/CFG.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include <algorithm>
#include <vector>

namespace labyrinth::lower {

namespace {

constexpr char kKeep[] = "labyrinth_lower_keep";

/// Whether every use of the variable is an access that lies within it, and by its own name. SROA drops what
/// it sees to lie outside, and a value outlives its variable: what reaches one through a pointer that was
/// kept may come too late, and only memory that is gone shows it.
class Uses {
 public:
  Uses(const llvm::DataLayout& layout, std::uint64_t size) : layout_(layout), size_(size) {}

  // By recursion: a chain of addresses is as long as the nesting of a type.
  [[nodiscard]] bool are_plain(const llvm::Value& pointer,
                               std::int64_t offset) const {  // NOLINT(misc-no-recursion)
    return std::all_of(pointer.use_begin(), pointer.use_end(),
                       [&](const llvm::Use& use) { return is_plain(use, offset); });
  }

 private:
  [[nodiscard]] bool is_plain(const llvm::Use& use, std::int64_t offset) const {  // NOLINT(misc-no-recursion)
    const llvm::User* const user = use.getUser();
    if (const auto* const load = llvm::dyn_cast<llvm::LoadInst>(user))
      return lies_within(offset, bytes(*load->getType()));
    if (const auto* const store = llvm::dyn_cast<llvm::StoreInst>(user))
      return use.getOperandNo() == llvm::StoreInst::getPointerOperandIndex() &&
             lies_within(offset, bytes(*store->getValueOperand()->getType()));
    if (const auto* const gep = llvm::dyn_cast<llvm::GetElementPtrInst>(user)) {
      llvm::APInt step(64, 0);
      // An offset that varies keeps SROA away by itself.
      if (!gep->accumulateConstantOffset(layout_, step)) return false;
      return are_plain(*gep, offset + step.getSExtValue());
    }
    if (const auto* const memory = llvm::dyn_cast<llvm::MemIntrinsic>(user)) {
      const auto* const length = llvm::dyn_cast<llvm::ConstantInt>(memory->getLength());
      return length != nullptr && lies_within(offset, length->getZExtValue());
    }
    if (const auto* const intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(user))
      return intrinsic->isLifetimeStartOrEnd();
    return false;
  }

  [[nodiscard]] bool lies_within(std::int64_t offset, std::uint64_t length) const {
    return offset >= 0 && static_cast<std::uint64_t>(offset) <= size_ &&
           length <= size_ - static_cast<std::uint64_t>(offset);
  }

  [[nodiscard]] std::uint64_t bytes(llvm::Type& type) const {
    return layout_.getTypeStoreSize(&type).getFixedValue();
  }

  const llvm::DataLayout& layout_;
  std::uint64_t size_;
};

/// What reads or writes the variable, whatever the address is derived by.
void find_accesses(const llvm::Value& pointer,
                   llvm::SmallPtrSetImpl<const llvm::Instruction*>& found) {  // NOLINT(misc-no-recursion)
  for (const llvm::User* const user : pointer.users()) {
    if (llvm::isa<llvm::GetElementPtrInst>(user)) {
      find_accesses(*user, found);
    } else if (const auto* const instruction = llvm::dyn_cast<llvm::Instruction>(user);
               instruction != nullptr && !instruction->isLifetimeStartOrEnd()) {
      found.insert(instruction);
    }
  }
}

/// Whether an access of the variable can follow its end, before it lives again: as a value it would outlive
/// it.
bool is_used_when_dead(const llvm::AllocaInst& variable) {
  llvm::SmallPtrSet<const llvm::Instruction*, 16> accesses;
  find_accesses(variable, accesses);
  std::vector<const llvm::Instruction*> dead;  // The variable is, from these on.
  llvm::SmallPtrSet<const llvm::Instruction*, 8> starts;
  for (const llvm::User* const user : variable.users()) {
    const auto* const marker = llvm::dyn_cast<llvm::IntrinsicInst>(user);
    if (marker == nullptr || !marker->isLifetimeStartOrEnd()) continue;
    if (marker->getIntrinsicID() == llvm::Intrinsic::lifetime_start) {
      starts.insert(marker);
    } else {
      dead.push_back(marker->getNextNode());
    }
  }
  llvm::SmallPtrSet<const llvm::BasicBlock*, 16> entered;
  while (!dead.empty()) {
    const llvm::Instruction* at = dead.back();
    dead.pop_back();
    for (; at != nullptr && !starts.contains(at); at = at->getNextNode()) {
      if (accesses.contains(at)) return true;
      if (!at->isTerminator()) continue;
      for (const llvm::BasicBlock* const next : llvm::successors(at)) {
        if (entered.insert(next).second) dead.push_back(&next->front());
      }
    }
  }
  return false;
}

/// Larger variables stay in memory: each of their parts would be a value.
constexpr std::uint64_t kLargestOfValues = 256;

/// The variable begins as anything, said in so many words: of a value that joins with undef, SROA makes the
/// value.
void begin_as_anything(llvm::AllocaInst& variable) {
  std::vector<llvm::Instruction*> places{&variable};
  for (llvm::User* const user : variable.users()) {
    const auto* const begin = llvm::dyn_cast<llvm::IntrinsicInst>(user);
    if (begin != nullptr && begin->getIntrinsicID() == llvm::Intrinsic::lifetime_start)
      places.push_back(llvm::cast<llvm::Instruction>(user));
  }
  for (llvm::Instruction* const place : places) {
    llvm::IRBuilder<> builder(place->getNextNode());
    llvm::Type* const type = variable.getAllocatedType();
    builder.CreateStore(builder.CreateFreeze(llvm::PoisonValue::get(type)), &variable);
  }
}

/// What nothing needed, after all.
void drop_unused_beginnings(llvm::Function& function) {
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& each : llvm::make_early_inc_range(llvm::reverse(block))) {
      if (each.use_empty() && llvm::isa<llvm::FreezeInst, llvm::ExtractValueInst>(each))
        each.eraseFromParent();
    }
  }
}

/// A call that takes the variable's address, so that SROA leaves it alone.
void keep_in_memory(llvm::Function& function, llvm::FunctionCallee keep) {
  const llvm::DataLayout& layout = function.getParent()->getDataLayout();
  std::vector<llvm::AllocaInst*> kept;
  std::vector<llvm::AllocaInst*> values;
  for (llvm::BasicBlock& block : function) {
    for (llvm::Instruction& each : block) {
      auto* const variable = llvm::dyn_cast<llvm::AllocaInst>(&each);
      if (variable == nullptr) continue;
      const auto size = variable->getAllocationSize(layout);
      const bool stays =
          !size || size->isScalable() || size->isZero() || size->getFixedValue() > kLargestOfValues ||
          !Uses(layout, size->getFixedValue()).are_plain(*variable, 0) || is_used_when_dead(*variable);
      (stays ? kept : values).push_back(variable);
    }
  }
  for (llvm::AllocaInst* const each : kept) {
    llvm::IRBuilder<> builder(each->getNextNode());
    builder.CreateCall(keep, {each});
  }
  for (llvm::AllocaInst* const each : values) begin_as_anything(*each);
}

}  // namespace

void erase_calls(llvm::Function& function) {
  while (!function.use_empty()) llvm::cast<llvm::Instruction>(function.user_back())->eraseFromParent();
}

void keep_in_memory(llvm::Module& module) {
  llvm::LLVMContext& context = module.getContext();
  const llvm::FunctionCallee keep = module.getOrInsertFunction(kKeep, llvm::Type::getVoidTy(context),
                                                               llvm::PointerType::getUnqual(context));
  for (llvm::Function& each : module) {
    if (!each.isDeclaration()) keep_in_memory(each, keep);
  }
}

void forget_what_is_kept(llvm::Module& module) {
  for (llvm::Function& each : module) drop_unused_beginnings(each);
  llvm::Function* const keep = module.getFunction(kKeep);
  erase_calls(*keep);
  keep->eraseFromParent();
}

}  // namespace labyrinth::lower
