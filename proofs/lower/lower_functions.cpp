// Functions: blocks as labels, values as locals, what joins as assignments on the edges; and the globals.
#include <fmt/format.h>
#include <llvm/IR/DebugInfoMetadata.h>

#include "lowering.hpp"
#include "prelude.hpp"

namespace labyrinth::lower {

void Lowering::unknown(const std::string& what) const {
  std::string where = in_ == nullptr ? "" : " in " + in_->getName().str();
  std::string text;
  if (here_ != nullptr) {
    if (const llvm::DebugLoc& at = here_->getDebugLoc())
      where = fmt::format(" at {}:{}{}", llvm::cast<llvm::DIScope>(at.getScope())->getFilename().str(),
                          at.getLine(), where);
    llvm::raw_string_ostream(text) << "\n" << *here_;
  }
  throw Unknown("the lowering does not know " + what + where + text);
}

/// Each statement stands under the C++ line that it comes from, however many lines it follows.
void Lowering::say(const std::string& statement) {
  if (line_ != 0) {
    body_ += file_ == last_file_ ? fmt::format("#line {}\n", line_)
                                 : fmt::format("#line {} \"{}\"\n", line_, quoted(file_));
    last_file_ = file_;
  }
  body_ += "  " + statement + "\n";
}

void Lowering::assign(const llvm::Instruction& to, const std::string& what) {
  say(fmt::format("{} = {};", locals_.at(&to), what));
}

void Lowering::mark_line(const llvm::Instruction& instruction) {
  here_ = &instruction;
  const llvm::DebugLoc& at = instruction.getDebugLoc();
  if (!at || at.getLine() == 0) return;
  mark_line(at.getLine(), *llvm::cast<llvm::DIScope>(at.getScope()));
}

void Lowering::mark_line(unsigned line, const llvm::DIScope& scope) {
  line_ = line;
  file_ = scope.getFilename().str();
  if (!file_.starts_with("/")) file_ = scope.getDirectory().str() + "/" + file_;
}

std::string Lowering::prototype(const llvm::Function& what) {
  if (what.isVarArg()) unknown("a function with variable arguments");
  std::string parameters;
  for (const llvm::Argument& argument : what.args()) {
    if (argument.hasInAllocaAttr() || argument.hasPreallocatedAttr() || argument.hasSwiftErrorAttr() ||
        argument.hasNestAttr())
      unknown("an argument that is passed in a way of its own");
    parameters += fmt::format("{}{} a{}", parameters.empty() ? "" : ", ", type(argument.getType()),
                              argument.getArgNo());
  }
  return fmt::format("{} {}({})", type(what.getReturnType()), global_name(what),
                     parameters.empty() ? "void" : parameters);
}

bool Lowering::is_entry(const llvm::GlobalValue& global) const {
  return entries_.contains(global.getName().str());
}

void Lowering::name_values(const llvm::Function& what) {
  locals_.clear();
  labels_.clear();
  for (const llvm::Argument& argument : what.args()) {
    const std::string name = fmt::format("a{}", argument.getArgNo());
    locals_.emplace(&argument, name);
    if (!argument.hasByValAttr()) continue;
    // The callee owns a copy.
    const std::string copied = type(argument.getParamByValType());
    const std::string alignment = aligned(argument.getParamAlign().valueOrOne());
    say(fmt::format("{} c{}{} = *({}*){};", copied, name, alignment, copied, name));
    say(fmt::format("{} = (u8*)&c{};", name, name));
  }
  std::size_t count = 0;
  for (const llvm::BasicBlock& each : what) {
    labels_.emplace(&each, fmt::format("b{}", labels_.size()));
    for (const llvm::Instruction& one : each) {
      here_ = &one;
      if (const auto* const room = llvm::dyn_cast<llvm::AllocaInst>(&one)) {
        if (!room->isStaticAlloca() || room->isArrayAllocation())
          unknown("memory of a size that is not fixed on the stack");
        const std::string name = fmt::format("m{}", count++);
        say(in_memory(room->getAllocatedType(), name) + aligned(room->getAlign()) + ";");
        locals_.emplace(&one, "((u8*)&" + name + ")");
      } else if (!one.getType()->isVoidTy()) {
        const std::string name = fmt::format("v{}", count++);
        say(fmt::format("{} {};", type(one.getType()), name));
        locals_.emplace(&one, name);
      }
    }
  }
  here_ = nullptr;
}

void Lowering::function(const llvm::Function& what) {
  in_ = &what;
  body_.clear();
  line_ = 0;
  last_file_.clear();
  if (const llvm::DISubprogram* const source = what.getSubprogram()) mark_line(source->getLine(), *source);
  if (what.hasPersonalityFn()) unknown("exceptions");
  const std::string head = prototype(what);
  name_values(what);
  for (const llvm::BasicBlock& each : what) block(each);
  rest_ += fmt::format("{}{} {{\n{}}}\n", is_entry(what) ? "" : "LABYRINTH_LOCAL ", head, body_);
  in_ = nullptr;
}

void Lowering::block(const llvm::BasicBlock& what) {
  body_ += labels_.at(&what) + ":;\n";
  for (const llvm::Instruction& each : what) {
    if (llvm::isa<llvm::PHINode>(each)) continue;
    mark_line(each);
    each.isTerminator() ? terminator(each) : instruction(each);
  }
  here_ = nullptr;
}

/// All values that join are read before any is written: they may name each other.
void Lowering::jump(const llvm::BasicBlock& from, const llvm::BasicBlock& to) {
  std::string reads;
  std::string writes;
  for (const llvm::PHINode& phi : to.phis()) {
    const std::string& name = locals_.at(&phi);
    reads +=
        fmt::format("{} n{} = {}; ", type(phi.getType()), name, value(phi.getIncomingValueForBlock(&from)));
    writes += fmt::format("{} = n{}; ", name, name);
  }
  say(fmt::format("{{ {}{}goto {}; }}", reads, writes, labels_.at(&to)));
}

void Lowering::terminator(const llvm::Instruction& what) {
  const llvm::BasicBlock& from = *what.getParent();
  if (const auto* const branch = llvm::dyn_cast<llvm::BranchInst>(&what)) {
    if (branch->isUnconditional()) return jump(from, *branch->getSuccessor(0));
    say(fmt::format("if ({})", value(branch->getCondition())));
    jump(from, *branch->getSuccessor(0));
    say("else");
    return jump(from, *branch->getSuccessor(1));
  }
  if (const auto* const chosen = llvm::dyn_cast<llvm::SwitchInst>(&what)) {
    for (const auto& each : chosen->cases()) {
      say(fmt::format("if ({} == {})", value(chosen->getCondition()), value(each.getCaseValue())));
      jump(from, *each.getCaseSuccessor());
    }
    return jump(from, *chosen->getDefaultDest());
  }
  if (const auto* const result = llvm::dyn_cast<llvm::ReturnInst>(&what)) {
    const llvm::Value* const returned = result->getReturnValue();
    return say(returned == nullptr ? "return;" : fmt::format("return {};", value(returned)));
  }
  if (llvm::isa<llvm::UnreachableInst>(what)) {
    // Behind a check, which has said what is wrong, this is not reached. A function that promised not to
    // return and does is wrong here.
    const llvm::Instruction* const before = what.getPrevNonDebugInstruction();
    const auto* const last = before == nullptr ? nullptr : llvm::dyn_cast<llvm::CallInst>(before);
    const llvm::Function* const callee = last == nullptr ? nullptr : last->getCalledFunction();
    if (callee != nullptr && callee->isDeclaration() && last->doesNotReturn())
      return say("LABYRINTH_STOP();");
    return say("LABYRINTH_ASSERT(0, \"undefined: reached what must not be\"); LABYRINTH_STOP();");
  }
  unknown(std::string("the instruction ") + what.getOpcodeName());
}

void Lowering::globals() {
  std::string definitions;
  for (const llvm::GlobalVariable& each : module_.globals()) {
    if (each.getName().starts_with("llvm.")) {
      if (each.getName() == "llvm.used" || each.getName() == "llvm.compiler.used") continue;
      unknown("the global " + each.getName().str() + " (is something set up at run time?)");
    }
    if (!each.hasInitializer())
      unknown("the global " + each.getName().str() + ", which is defined elsewhere");
    if (each.isThreadLocal()) unknown("the thread-local variable " + each.getName().str());
    if (each.isExternallyInitialized()) unknown("a global whose first value is not the one it says");
    const std::string declared =
        in_memory(each.getValueType(), global_name(each)) + aligned(each.getAlign().valueOrOne());
    rest_ += fmt::format("LABYRINTH_LOCAL {};\n", declared);
    definitions += fmt::format("LABYRINTH_LOCAL {} = {};\n", declared, initializer(*each.getInitializer()));
  }
  std::string prototypes;
  for (const llvm::Function& each : module_) {
    if (each.isDeclaration()) continue;
    prototypes += fmt::format("{}{};\n", is_entry(each) ? "" : "LABYRINTH_LOCAL ", prototype(each));
  }
  rest_ += prototypes + definitions;
}

/// The hooks that a proof defines are called as they are, so they have to be what they are called as.
void Lowering::check_hook(const char* name, llvm::ArrayRef<unsigned> widths) const {
  const llvm::Function* const hook = module_.getFunction(name);
  if (hook == nullptr) return;
  bool fits = hook->getReturnType()->isVoidTy() && !hook->isVarArg() &&
              hook->arg_size() == widths.size() + 1 && hook->getArg(0)->getType()->isPointerTy();
  for (unsigned i = 0; fits && i < widths.size(); ++i)
    fits = hook->getArg(i + 1)->getType()->isIntegerTy(widths[i]);
  if (!fits) unknown(std::string("a hook with such arguments: ") + name);
}

std::string Lowering::run() {
  if (!layout_.isLittleEndian() || layout_.getPointerSizeInBits() != 64 ||
      !layout_.getNonIntegralAddressSpaces().empty())
    unknown("a machine that is not little-endian, with pointers of 64 bits");
  if (!module_.getModuleInlineAsm().empty()) unknown("assembly");
  check_hook("labyrinth_before_atomic", {32});
  check_hook("labyrinth_after_write", {64, 64});
  if (!module_.alias_empty() || !module_.ifunc_empty()) unknown("aliases");
  globals();
  list_constants();
  for (const llvm::Function& each : module_) {
    if (!each.isDeclaration()) function(each);
  }
  return std::string(kPrelude) + types_ + rest_;
}

}  // namespace labyrinth::lower
