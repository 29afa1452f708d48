// What SROA needs to do its work: inlining, and answers to what UBSan asks of variables' addresses.
#include "prepare.hpp"

#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/PatternMatch.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/KnownBits.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/IPO/Internalize.h>
#include <llvm/Transforms/Scalar/BDCE.h>
#include <llvm/Transforms/Scalar/InstSimplifyPass.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/Local.h>

#include <algorithm>

namespace labyrinth::lower {

namespace {

/// `address & mask`, where the address is a variable's and its alignment decides the answer. (InstCombine
/// would do it, among much else.)
struct AnswerAlignment : llvm::PassInfoMixin<AnswerAlignment> {
  static llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& /*analyses*/) {
    using llvm::PatternMatch::m_And;
    using llvm::PatternMatch::m_ConstantInt;
    using llvm::PatternMatch::m_PtrToInt;
    using llvm::PatternMatch::m_Value;
    const llvm::DataLayout& layout = function.getParent()->getDataLayout();
    llvm::SmallVector<llvm::WeakTrackingVH, 0> dead;
    for (llvm::Instruction& each : llvm::instructions(function)) {
      if (!llvm::PatternMatch::match(&each, m_And(m_PtrToInt(m_Value()), m_ConstantInt()))) continue;
      const llvm::KnownBits known = llvm::computeKnownBits(&each, layout);
      if (!known.isConstant()) continue;
      each.replaceAllUsesWith(llvm::ConstantInt::get(each.getType(), known.getConstant()));
      dead.emplace_back(&each);
    }
    const bool none = dead.empty();
    llvm::RecursivelyDeleteTriviallyDeadInstructionsPermissive(dead);
    return none ? llvm::PreservedAnalyses::all() : llvm::PreservedAnalyses::none();
  }
};

}  // namespace

void prepare(llvm::Module& module, const std::vector<std::string>& entries) {
  const auto is_entry = [&](const llvm::GlobalValue& global) {
    return std::find(entries.begin(), entries.end(), global.getName().str()) != entries.end();
  };
  // A constructor's two names are one function.
  for (llvm::GlobalAlias& alias : llvm::make_early_inc_range(module.aliases())) {
    alias.replaceAllUsesWith(alias.getAliasee());
    alias.eraseFromParent();
  }
  // What is passed by reference becomes a value where the call is, instead of memory that has to be checked.
  for (llvm::Function& function : module) {
    const bool stays =
        function.isDeclaration() || function.getName().starts_with("labyrinth_") || is_entry(function);
    if (stays || function.hasFnAttribute(llvm::Attribute::NoInline)) continue;
    function.addFnAttr(llvm::Attribute::AlwaysInline);
  }
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
  llvm::ModulePassManager passes;
  passes.addPass(llvm::InternalizePass([&](const llvm::GlobalValue& global) {
    return global.getName().starts_with("labyrinth_") || is_entry(global);
  }));
  passes.addPass(llvm::GlobalDCEPass());
  passes.addPass(llvm::AlwaysInlinerPass(true));
  // A variable becomes a value only when nothing asks for its address any more: UBSan asks of each reference
  // whether it is null or misaligned. Twice: of structs in structs.
  for (int round = 0; round < 2; ++round) {
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(AnswerAlignment()));
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(llvm::InstSimplifyPass()));
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(llvm::SROAPass(llvm::SROAOptions::PreserveCFG)));
    // Small structs are passed as one number. Of the fields that SROA puts together and takes apart again,
    // those that are not asked for are undef at first: without them, constants are seen to be constants.
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(llvm::BDCEPass()));
  }
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(llvm::InstSimplifyPass()));
  // Ways that part, join at the end of a variable's life and part again would join in CBMC, too, and with
  // them what is constant on each. Where it sees what must not be reached it leaves that to be reported.
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(
      llvm::SimplifyCFGPass(llvm::SimplifyCFGOptions().setSimplifyCondBranch(true))));
  passes.addPass(llvm::GlobalDCEPass());
  passes.run(module, modules);
}

}  // namespace labyrinth::lower
