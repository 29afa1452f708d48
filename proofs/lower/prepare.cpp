// What is done to LLVM IR before it is lowered: unreached code goes, and variables become values, except
// where that would hide an access that is undefined.
#include "prepare.hpp"

#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/PatternMatch.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/KnownBits.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/IPO/Internalize.h>
#include <llvm/Transforms/Scalar/BDCE.h>
#include <llvm/Transforms/Scalar/InstSimplifyPass.h>
#include <llvm/Transforms/Scalar/JumpThreading.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/Local.h>

#include <algorithm>

#include "loops.hpp"
#include "variables.hpp"

namespace labyrinth::lower {

namespace {

constexpr char kOthers[] = "labyrinth_lower_others";

/// Another name for a whole function or variable of this module is that one (clang gives a constructor two).
void resolve_aliases(llvm::Module& module) {
  for (llvm::GlobalAlias& alias : llvm::make_early_inc_range(module.aliases())) {
    auto* const named = llvm::dyn_cast<llvm::GlobalObject>(alias.getAliasee());
    if (named == nullptr || !alias.hasLocalLinkage()) continue;
    alias.replaceAllUsesWith(named);
    alias.eraseFromParent();
  }
}

/// Calls that no pass can see through, before and after each atomic access: there the lowering calls the
/// proof's hooks, which read and write its own variables. Without them a pass that takes a relaxed access to
/// touch nothing but its word would carry such a variable's value across.
void mark_hooks(llvm::Module& module) {
  const auto is_defined = [&](const char* name) {
    const llvm::Function* const hook = module.getFunction(name);
    return hook != nullptr && !hook->isDeclaration();
  };
  if (!is_defined("labyrinth_before_atomic") && !is_defined("labyrinth_after_write")) return;
  const llvm::FunctionCallee others =
      module.getOrInsertFunction(kOthers, llvm::Type::getVoidTy(module.getContext()));
  for (llvm::Function& function : module) {
    for (llvm::Instruction& each : llvm::instructions(function)) {
      if (!each.isAtomic()) continue;
      llvm::IRBuilder<>(&each).CreateCall(others);
      llvm::IRBuilder<>(each.getNextNode()).CreateCall(others);
    }
  }
}

void forget_hooks(llvm::Module& module) {
  llvm::Function* const others = module.getFunction(kOthers);
  if (others == nullptr) return;
  erase_calls(*others);
  others->eraseFromParent();
}

/// Masks whose answer is known. Of an address, where its alignment decides it: UBSan asks that of each
/// reference, and whoever asks for a variable's address keeps it in memory. (InstCombine would answer, among
/// much else.)
struct AnswerMasks : llvm::PassInfoMixin<AnswerMasks> {
  /// `of_numbers`: and masks and shifts of flags that the proof has said, or of parts of one number.
  explicit AnswerMasks(bool of_numbers) : of_numbers_(of_numbers) {}

  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& /*analyses*/) const {
    const llvm::DataLayout& layout = function.getParent()->getDataLayout();
    llvm::SmallVector<llvm::WeakTrackingVH, 0> dead;
    for (llvm::Instruction& each : llvm::instructions(function)) {
      llvm::Value* const known = answer(each, layout);
      if (known == nullptr) continue;
      each.replaceAllUsesWith(known);
      dead.emplace_back(&each);
    }
    const bool none = dead.empty();
    llvm::RecursivelyDeleteTriviallyDeadInstructionsPermissive(dead);
    return none ? llvm::PreservedAnalyses::all() : llvm::PreservedAnalyses::none();
  }

 private:
  llvm::Value* answer(llvm::Instruction& each, const llvm::DataLayout& layout) const {
    using llvm::PatternMatch::m_And;
    using llvm::PatternMatch::m_ConstantInt;
    using llvm::PatternMatch::m_LShr;
    using llvm::PatternMatch::m_PtrToInt;
    using llvm::PatternMatch::m_Value;
    using llvm::PatternMatch::match;
    llvm::Value* value = nullptr;
    llvm::ConstantInt* mask = nullptr;
    const bool is_mask = match(&each, m_And(m_Value(value), m_ConstantInt(mask)));
    const bool is_of_address = is_mask && match(value, m_PtrToInt(m_Value()));
    const bool is_shift = match(&each, m_LShr(m_Value(), m_ConstantInt()));
    if (!is_of_address && !(of_numbers_ && (is_mask || is_shift))) return nullptr;
    const llvm::KnownBits known = llvm::computeKnownBits(&each, layout);
    if (known.isConstant()) return llvm::ConstantInt::get(each.getType(), known.getConstant());
    const bool is_all_of_it =
        of_numbers_ && is_mask && llvm::MaskedValueIsZero(value, ~mask->getValue(), layout);
    return is_all_of_it ? value : nullptr;
  }

  bool of_numbers_;
};

template <class... Passes>
void run(llvm::Module& module, llvm::ModuleAnalysisManager& analyses, Passes... passes) {
  llvm::ModulePassManager all;
  (all.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(passes))), ...);
  analyses.clear();
  all.run(module, analyses);
}

/// What is passed by reference becomes a value where the call is, instead of memory that has to be checked.
void inline_calls(llvm::Module& module, const std::vector<std::string>& entries,
                  llvm::ModuleAnalysisManager& analyses) {
  for (llvm::Function& each : module) {
    const llvm::StringRef name = each.getName();
    const bool is_entry = std::find(entries.begin(), entries.end(), name.str()) != entries.end();
    if (each.isDeclaration() || is_entry || name.starts_with("labyrinth_")) continue;
    if (!each.hasFnAttribute(llvm::Attribute::NoInline)) each.addFnAttr(llvm::Attribute::AlwaysInline);
  }
  llvm::ModulePassManager all;
  all.addPass(llvm::AlwaysInlinerPass(true));
  all.addPass(llvm::GlobalDCEPass());
  all.run(module, analyses);
}

/// Variables become values, where no access that is undefined would be hidden by that.
void make_values(llvm::Module& module, llvm::ModuleAnalysisManager& analyses, Simplify how) {
  const bool simplifies = how != Simplify::kNothing;
  if (simplifies) run(module, analyses, AnswerMasks(how == Simplify::kForLoops), llvm::InstSimplifyPass());
  keep_in_memory(module);
  // Small structs are passed as one number. Of the fields that SROA puts together and takes apart again,
  // those that nobody asks for are undef at first: without them, constants are seen to be constants.
  run(module, analyses, llvm::SROAPass(llvm::SROAOptions::PreserveCFG));
  if (simplifies) run(module, analyses, llvm::BDCEPass());
  forget_what_is_kept(module);
}

}  // namespace

void prepare(llvm::Module& module, const std::vector<std::string>& entries, Simplify how) {
  const bool simplifies = how != Simplify::kNothing;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  llvm::ModulePassManager reached;
  reached.addPass(llvm::InternalizePass([&](const llvm::GlobalValue& global) {
    return global.getName().starts_with("labyrinth_") ||
           std::find(entries.begin(), entries.end(), global.getName().str()) != entries.end();
  }));
  reached.addPass(llvm::GlobalDCEPass());
  reached.run(module, modules);
  resolve_aliases(module);

  mark_hooks(module);
  // Before calls are inlined, too: what is a function's own is cheaper to find in it than in what has all of
  // them in it.
  make_values(module, modules, how);
  if (simplifies) {
    inline_calls(module, entries, modules);
    // Twice: a struct in a struct is a variable of its own after the first round.
    for (int round = 0; round < 2; ++round) make_values(module, modules, how);
  }
  // Ways that part, join at the end of a variable's life and part again would join in CBMC, too, and with
  // them what is constant on each.
  if (simplifies) {
    run(module, modules, llvm::InstSimplifyPass(), llvm::JumpThreadingPass(),
        llvm::SimplifyCFGPass(llvm::SimplifyCFGOptions().setSimplifyCondBranch(true)));
  }
  if (how == Simplify::kForLoops) run(module, modules, AnswerMasks(true), llvm::InstSimplifyPass());
  forget_hooks(module);
  if (how == Simplify::kForLoops) order_blocks(module);

  llvm::ModulePassManager unreached;
  unreached.addPass(llvm::GlobalDCEPass());
  modules.clear();
  unreached.run(module, modules);
}

}  // namespace labyrinth::lower
