// Calls: of functions in the module, of intrinsics, of what a proof says (proof.hpp), and of UBSan, whose
// checks (-fsanitize-minimal-runtime: kind by name, each where it is made) become assertions.
#include <fmt/format.h>

#include "lowering.hpp"

namespace labyrinth::lower {

namespace {

struct Check {
  const char* handler;  ///< As in compiler-rt/lib/ubsan_minimal.
  const char* says;
};
constexpr Check kChecks[] = {{"add_overflow", "addition overflows"},
                             {"alignment_assumption", "an address is not aligned as it was assumed"},
                             {"builtin_unreachable", "reached what must not be"},
                             {"divrem_overflow", "division by zero, or it overflows"},
                             {"implicit_conversion", "an implicit conversion changes the value"},
                             {"invalid_builtin", "a builtin is called with what it does not take"},
                             {"load_invalid_value", "a value that its type does not have"},
                             {"missing_return", "a function ends without its result"},
                             {"mul_overflow", "multiplication overflows"},
                             {"negate_overflow", "negation overflows"},
                             {"nonnull_arg", "null for an argument that must not be"},
                             {"nonnull_return", "null for a result that must not be"},
                             {"nullability_arg", "null for an argument that must not be"},
                             {"nullability_return", "null for a result that must not be"},
                             {"out_of_bounds", "an index is out of bounds"},
                             {"pointer_overflow", "pointer arithmetic overflows"},
                             {"shift_out_of_bounds", "a shift by too much, or of what cannot be shifted"},
                             {"sub_overflow", "subtraction overflows"},
                             {"type_mismatch", "null or misaligned pointer"},
                             {"vla_bound_not_positive", "an array of variable length that is not positive"}};

/// What UBSan's check says that calls this function; null: it is none.
[[nodiscard]] const char* check_of(llvm::StringRef name) {
  if (!name.consume_front("__ubsan_handle_")) return nullptr;
  // After these two nothing can go on, so that clang does not say abort.
  const bool ends = name == "builtin_unreachable_minimal" || name == "missing_return_minimal";
  if (!name.consume_back(ends ? "_minimal" : "_minimal_abort")) return nullptr;
  for (const Check& check : kChecks) {
    if (name == check.handler) return check.says;
  }
  return "a check of UBSan";
}

}  // namespace

/// What a proof says. False: the callee is none of it.
bool Lowering::obligation(const llvm::CallInst& what, const llvm::Function& callee) {
  const llvm::StringRef name = callee.getName();
  const auto argument = [&](unsigned i) { return value(what.getArgOperand(i)); };
  if (name == "labyrinth_assume") {
    say(fmt::format("LABYRINTH_ASSUME({});", argument(0)));
  } else if (name == "labyrinth_prove") {
    say(fmt::format("LABYRINTH_ASSERT({}, \"{}\");", argument(0), text_of(what.getArgOperand(1))));
  } else if (name == "labyrinth_cover") {
    say(fmt::format("LABYRINTH_REACHED(\"cover: {}\");", text_of(what.getArgOperand(0))));
  } else if (name == "labyrinth_any") {
    assign(what, "labyrinth_any_u64()");
    const auto* const width = llvm::dyn_cast<llvm::ConstantInt>(what.getArgOperand(1));
    if (width == nullptr || width->getZExtValue() == 0 || width->getZExtValue() > 64)
      unknown("an input whose width is no constant up to 64");
    const std::string& result = locals_.at(&what);
    if (!width->equalsInt(64)) say(fmt::format("{} &= {:#x}UL;", result, (1UL << width->getZExtValue()) - 1));
    say(fmt::format("LABYRINTH_INPUT(\"{}\", {});", text_of(what.getArgOperand(0)), result));
  } else if (const char* const says = check_of(name); says != nullptr) {
    say(fmt::format("LABYRINTH_ASSERT(0, \"undefined: {}\"); LABYRINTH_STOP();", says));
  } else {
    return false;
  }
  return true;
}

void Lowering::call(const llvm::CallInst& what) {
  if (const auto* const known = llvm::dyn_cast<llvm::IntrinsicInst>(&what)) return intrinsic(*known);
  if (what.hasOperandBundles()) unknown("a call with operand bundles");
  if (what.isInlineAsm()) {
    const auto* const text = llvm::cast<llvm::InlineAsm>(what.getCalledOperand());
    // A compiler barrier orders nothing that this lowering would move.
    if (text->getAsmString().empty() && what.getType()->isVoidTy() && what.arg_empty()) return;
    unknown("assembly");
  }
  const llvm::Function* const callee = what.getCalledFunction();
  std::string name;
  if (callee != nullptr) {
    if (callee->isDeclaration()) {
      if (obligation(what, *callee)) return;
      unknown("the function " + callee->getName().str() + ", which is defined elsewhere");
    }
    name = global_name(*callee);
  } else {
    name = fmt::format("(({}){})", function_type(*what.getFunctionType(), "(*)"),
                       value(what.getCalledOperand()));
  }
  std::string arguments;
  for (const llvm::Value* const argument : what.args())
    arguments += (arguments.empty() ? "" : ", ") + value(argument);
  const std::string made = fmt::format("{}({})", name, arguments);
  what.getType()->isVoidTy() ? say(made + ";") : assign(what, made);
}

void Lowering::with_overflow(const llvm::WithOverflowInst& what) {
  const unsigned width = bits(what.getLHS()->getType());
  if (width == 1) unknown("an operation with overflow on one bit");
  const std::string& name = locals_.at(&what);
  const char* const operation = what.getBinaryOp() == llvm::Instruction::Add   ? "add"
                                : what.getBinaryOp() == llvm::Instruction::Sub ? "sub"
                                                                               : "mul";
  const std::string kind = what.isSigned() ? signed_of(width) : unsigned_of(width);
  say(fmt::format("{{ {} w_; {}.f1 = __builtin_{}_overflow(({}){}, ({}){}, &w_); {}.f0 = ({})w_; }}", kind,
                  name, operation, kind, value(what.getLHS()), kind, value(what.getRHS()), name,
                  unsigned_of(width)));
}

/// What IR may take for granted has to be shown.
void Lowering::assumption(const llvm::AssumeInst& what) {
  say(fmt::format("LABYRINTH_NEED({}, \"undefined: what was assumed\");", value(what.getArgOperand(0))));
  for (unsigned i = 0; i < what.getNumOperandBundles(); ++i) {
    const llvm::OperandBundleUse bundle = what.getOperandBundleAt(i);
    if (bundle.getTagName() != "align" || bundle.Inputs.size() != 2)
      unknown("an assumption of the kind " + bundle.getTagName().str());
    say(fmt::format(
        "LABYRINTH_NEED((u64){} % {} == 0, \"undefined: an address is not aligned as it was assumed\");",
        value(bundle.Inputs[0]), value(bundle.Inputs[1])));
  }
}

void Lowering::intrinsic(const llvm::IntrinsicInst& what) {
  if (const auto* const one = llvm::dyn_cast<llvm::WithOverflowInst>(&what)) return with_overflow(*one);
  if (const auto* const one = llvm::dyn_cast<llvm::MemTransferInst>(&what)) return copy(*one);
  if (const auto* const one = llvm::dyn_cast<llvm::MemSetInst>(&what)) return fill(*one);
  const auto argument = [&](unsigned i) { return value(what.getArgOperand(i)); };
  const auto width = [&] {
    const unsigned result = bits(what.getType());
    if ((result & (result - 1)) != 0) unknown(fmt::format("an intrinsic of {} bits", result));
    return result;
  };
  const auto choose = [&](const char* sign, bool with_sign) {
    const auto operand = [&](unsigned i) {
      return with_sign ? as_signed(what.getArgOperand(i)) : argument(i);
    };
    assign(what, fmt::format("{} {} {} ? {} : {}", operand(0), sign, operand(1), argument(0), argument(1)));
  };
  const auto count_zeros = [&](const char* which) {
    if (width() == 1 || width() > 64) unknown("counting zeros of that many bits");
    const bool zero_is_poison = llvm::cast<llvm::ConstantInt>(what.getArgOperand(1))->isOne();
    const std::string zero = zero_is_poison ? any(what.getType()) : std::to_string(width());
    const std::string off = *which == 'l' ? fmt::format(" - {}", 64 - width()) : "";
    assign(what, fmt::format("{} == 0 ? {} : ({})(__builtin_c{}zll((u64){}){})", argument(0), zero,
                             unsigned_of(width()), which, argument(0), off));
  };
  const auto saturate = [&](const char* name, const std::string& bound) {
    if (width() == 1) unknown("a saturating operation on one bit");
    say(fmt::format("{{ u{} w_; if (__builtin_{}_overflow({}, {}, &w_)) w_ = {}; {} = w_; }}", width(), name,
                    argument(0), argument(1), bound, locals_.at(&what)));
  };
  const auto rotate = [&](bool left) {
    if (width() < 8 || width() > 64) unknown("a funnel shift of that many bits");
    const std::string by = fmt::format("({} % {})", argument(2), width());
    const char* const one = left ? "<<" : ">>";
    const char* const other = left ? ">>" : "<<";
    assign(what,
           fmt::format("{} == 0 ? {} : ({})(({} {} {}) | ({} {} ({} - {})))", by, argument(left ? 0 : 1),
                       unsigned_of(width()), widened(what.getArgOperand(left ? 0 : 1)), one, by,
                       widened(what.getArgOperand(left ? 1 : 0)), other, width(), by));
  };
  switch (what.getIntrinsicID()) {
    case llvm::Intrinsic::lifetime_start:
    case llvm::Intrinsic::lifetime_end:
      return life(what);
    case llvm::Intrinsic::experimental_noalias_scope_decl:
      return;
    case llvm::Intrinsic::expect:
      return assign(what, argument(0));
    case llvm::Intrinsic::is_constant:
      return assign(what, "0");
    case llvm::Intrinsic::assume:
      return assumption(llvm::cast<llvm::AssumeInst>(what));
    case llvm::Intrinsic::trap:
    case llvm::Intrinsic::debugtrap:
      return say("LABYRINTH_ASSERT(0, \"undefined: a trap\"); LABYRINTH_STOP();");
    case llvm::Intrinsic::umin:
      return choose("<", false);
    case llvm::Intrinsic::umax:
      return choose(">", false);
    case llvm::Intrinsic::smin:
      return choose("<", true);
    case llvm::Intrinsic::smax:
      return choose(">", true);
    case llvm::Intrinsic::ctpop:
      if (width() > 64) unknown("counting bits of that many");
      return assign(what,
                    fmt::format("({})__builtin_popcountll((u64){})", unsigned_of(width()), argument(0)));
    case llvm::Intrinsic::cttz:
      return count_zeros("t");
    case llvm::Intrinsic::ctlz:
      return count_zeros("l");
    case llvm::Intrinsic::uadd_sat:
      return saturate("add", fmt::format("(u{})-1", width()));
    case llvm::Intrinsic::usub_sat:
      return saturate("sub", "0");
    case llvm::Intrinsic::fshl:
      return rotate(true);
    case llvm::Intrinsic::fshr:
      return rotate(false);
    default:
      unknown("the intrinsic " + what.getCalledFunction()->getName().str());
  }
}

}  // namespace labyrinth::lower
