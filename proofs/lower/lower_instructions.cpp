// Arithmetic, comparisons, casts, parts of structs.
#include <fmt/format.h>
#include <llvm/IR/Operator.h>
#include <llvm/IR/PatternMatch.h>

#include "lowering.hpp"

namespace labyrinth::lower {

void Lowering::instruction(const llvm::Instruction& what) {
  using llvm::dyn_cast;
  if (llvm::isa<llvm::AllocaInst>(what)) return;
  if (what.getType()->isVectorTy()) unknown("a vector");
  if (const auto* const operation = dyn_cast<llvm::BinaryOperator>(&what)) return binary(*operation);
  if (const auto* const comparison = dyn_cast<llvm::ICmpInst>(&what)) return compare(*comparison);
  if (const auto* const conversion = dyn_cast<llvm::CastInst>(&what)) return cast(*conversion);
  if (const auto* const one = dyn_cast<llvm::LoadInst>(&what)) return load(*one);
  if (const auto* const one = dyn_cast<llvm::StoreInst>(&what)) return store(*one);
  if (const auto* const one = dyn_cast<llvm::AtomicCmpXchgInst>(&what)) return compare_exchange(*one);
  if (const auto* const one = dyn_cast<llvm::AtomicRMWInst>(&what)) return modify(*one);
  if (const auto* const one = dyn_cast<llvm::CallInst>(&what)) return call(*one);
  if (const auto* const gep = dyn_cast<llvm::GEPOperator>(&what)) return assign(what, address_of(*gep));
  switch (what.getOpcode()) {
    case llvm::Instruction::ExtractValue:
    case llvm::Instruction::InsertValue:
      return aggregate(what);
    case llvm::Instruction::Select:
      return assign(what, fmt::format("{} ? {} : {}", value(what.getOperand(0)), value(what.getOperand(1)),
                                      value(what.getOperand(2))));
    case llvm::Instruction::Freeze:
      return assign(what, value(what.getOperand(0)));
    // One context's accesses are in order; those of others come in between by before_atomic() alone.
    case llvm::Instruction::Fence:
      return;
    default:
      unknown(std::string("the instruction ") + what.getOpcodeName());
  }
}

void Lowering::binary(const llvm::BinaryOperator& what) {
  const unsigned width = bits(what.getType());
  const auto plain = [&](const char* sign) {
    // i1 is arithmetic modulo 2; C's _Bool is not.
    const std::string sum =
        fmt::format("{} {} {}", widened(what.getOperand(0)), sign, widened(what.getOperand(1)));
    assign(what, fmt::format("({})({}{})", unsigned_of(width), width == 1 ? "1U & " : "",
                             width == 1 ? "(" + sum + ")" : sum));
    poison_of_flags(what);
  };
  switch (what.getOpcode()) {
    case llvm::Instruction::Add:
      return plain("+");
    case llvm::Instruction::Sub:
      return plain("-");
    case llvm::Instruction::Mul:
      return plain("*");
    case llvm::Instruction::And:
      return plain("&");
    case llvm::Instruction::Or:
      return plain("|");
    case llvm::Instruction::Xor:
      return plain("^");
    case llvm::Instruction::Shl:
    case llvm::Instruction::LShr:
    case llvm::Instruction::AShr:
      return shift(what);
    case llvm::Instruction::UDiv:
    case llvm::Instruction::URem:
    case llvm::Instruction::SDiv:
    case llvm::Instruction::SRem:
      return divide(what);
    default:
      unknown(std::string("the operation ") + what.getOpcodeName());
  }
}

void Lowering::shift(const llvm::BinaryOperator& what) {
  const unsigned width = bits(what.getType());
  if (width == 1) unknown("a shift of one bit");
  const std::string by = value(what.getOperand(1));
  const bool left = what.getOpcode() == llvm::Instruction::Shl;
  const bool arithmetic = what.getOpcode() == llvm::Instruction::AShr;
  const std::string from = arithmetic ? as_signed(what.getOperand(0)) : widened(what.getOperand(0));
  std::string shifted = fmt::format("({})({} {} {})", unsigned_of(width), from, left ? "<<" : ">>", by);
  const auto* const fixed = llvm::dyn_cast<llvm::ConstantInt>(what.getOperand(1));
  if (fixed == nullptr || fixed->getValue().uge(width))
    shifted = fmt::format("{} < {} ? {} : {}", by, width, shifted, any(what.getType()));
  assign(what, shifted);
  poison_of_flags(what);
}

void Lowering::divide(const llvm::BinaryOperator& what) {
  const unsigned width = bits(what.getType());
  if (width == 1) unknown("a division of one bit");
  const bool with_sign =
      what.getOpcode() == llvm::Instruction::SDiv || what.getOpcode() == llvm::Instruction::SRem;
  const bool quotient =
      what.getOpcode() == llvm::Instruction::SDiv || what.getOpcode() == llvm::Instruction::UDiv;
  const std::string by = value(what.getOperand(1));
  say(fmt::format("LABYRINTH_NEED({} != 0, \"undefined: division by zero\");", by));
  if (with_sign) {
    say(fmt::format(
        "LABYRINTH_NEED(!({} == (u{})1 << {} && {} == (u{})-1), \"undefined: division overflow\");",
        value(what.getOperand(0)), width, width - 1, by, width));
  }
  const char* const sign = quotient ? "/" : "%";
  const std::string left = with_sign ? as_signed(what.getOperand(0)) : widened(what.getOperand(0));
  const std::string right = with_sign ? as_signed(what.getOperand(1)) : widened(what.getOperand(1));
  assign(what, fmt::format("({})({} {} {})", unsigned_of(width), left, sign, right));
  poison_of_flags(what);
}

/// nuw, nsw, exact and disjoint make poison of results that they did not promise.
void Lowering::poison_of_flags(const llvm::BinaryOperator& what) {
  const unsigned width = bits(what.getType());
  const llvm::Value* const left = what.getOperand(0);
  const llvm::Value* const right = what.getOperand(1);
  const auto poison_if = [&](const std::string& condition) {
    say(fmt::format("if ({}) {} = {};", condition, locals_.at(&what), any(what.getType())));
  };
  if (const auto* const disjoint = llvm::dyn_cast<llvm::PossiblyDisjointInst>(&what);
      disjoint != nullptr && disjoint->isDisjoint())
    poison_if(fmt::format("({} & {}) != 0", widened(left), widened(right)));
  if (llvm::isa<llvm::PossiblyExactOperator>(what) && what.isExact()) {
    switch (what.getOpcode()) {
      case llvm::Instruction::UDiv:
        poison_if(fmt::format("{} % {} != 0", widened(left), widened(right)));
        break;
      case llvm::Instruction::SDiv:
        poison_if(fmt::format("{} % {} != 0", as_signed(left), as_signed(right)));
        break;
      default:
        poison_if(fmt::format("{} < {} && (({} >> {}) << {}) != {}", value(right), width, widened(left),
                              value(right), value(right), widened(left)));
    }
  }
  if (!llvm::isa<llvm::OverflowingBinaryOperator>(what)) return;
  if (what.getOpcode() == llvm::Instruction::Shl) {
    const std::string& result = locals_.at(&what);
    if (what.hasNoUnsignedWrap())
      poison_if(
          fmt::format("{} < {} && ({} >> {}) != {}", value(right), width, result, value(right), value(left)));
    if (what.hasNoSignedWrap())
      poison_if(fmt::format("{} < {} && (({}){} >> {}) != {}", value(right), width, signed_of(width), result,
                            value(right), as_signed(left)));
    return;
  }
  const char* const name = what.getOpcode() == llvm::Instruction::Add   ? "add"
                           : what.getOpcode() == llvm::Instruction::Sub ? "sub"
                                                                        : "mul";
  const auto overflows = [&](const std::string& kind, const std::string& a, const std::string& b) {
    if (width == 1) unknown("overflow of one bit");
    say(fmt::format("{{ {} w_; if (__builtin_{}_overflow({}, {}, &w_)) {} = {}; }}", kind, name, a, b,
                    locals_.at(&what), any(what.getType())));
  };
  if (what.hasNoUnsignedWrap()) overflows(unsigned_of(width), value(left), value(right));
  if (what.hasNoSignedWrap()) overflows(signed_of(width), as_signed(left), as_signed(right));
}

void Lowering::compare(const llvm::ICmpInst& what) {
  const auto sign = [&] {
    switch (what.getUnsignedPredicate()) {
      case llvm::CmpInst::ICMP_EQ:
        return "==";
      case llvm::CmpInst::ICMP_NE:
        return "!=";
      case llvm::CmpInst::ICMP_UGT:
        return ">";
      case llvm::CmpInst::ICMP_UGE:
        return ">=";
      case llvm::CmpInst::ICMP_ULT:
        return "<";
      case llvm::CmpInst::ICMP_ULE:
        return "<=";
      default:
        unknown("a comparison of this kind");
    }
  };
  const llvm::Value* const left = what.getOperand(0);
  const llvm::Value* const right = what.getOperand(1);
  const bool pointers = left->getType()->isPointerTy();
  // Addresses are numbers to LLVM, whatever they point to.
  const bool numbers = pointers && !what.isEquality();
  const auto operand = [&](const llvm::Value* one) {
    if (numbers) return "(u64)" + value(one);
    return what.isSigned() ? as_signed(one) : value(one);
  };
  if (!pointers) static_cast<void>(bits(left->getType()));
  assign(what, fmt::format("{} {} {}", operand(left), sign(), operand(right)));
}

void Lowering::cast(const llvm::CastInst& what) {
  const llvm::Value* const from = what.getOperand(0);
  const std::string to = type(what.getType());
  const std::string& name = locals_.at(&what);
  switch (what.getOpcode()) {
    case llvm::Instruction::Trunc: {
      const auto& cut = llvm::cast<llvm::TruncInst>(what);
      const unsigned width = bits(what.getType());
      assign(what, fmt::format("({})({}{})", to, value(from), width == 1 ? " & 1" : ""));
      if (cut.hasNoUnsignedWrap())
        say(fmt::format("if ({} != {}) {} = {};", value(from), name, name, any(what.getType())));
      if (cut.hasNoSignedWrap())
        say(fmt::format("if ({} != {}) {} = {};", as_signed(from), as_signed(&what), name,
                        any(what.getType())));
      return;
    }
    case llvm::Instruction::ZExt:
      assign(what, fmt::format("({}){}", to, value(from)));
      if (llvm::cast<llvm::PossiblyNonNegInst>(what).hasNonNeg())
        say(fmt::format("if ({} < 0) {} = {};", as_signed(from), name, any(what.getType())));
      return;
    case llvm::Instruction::SExt:
      return assign(what, fmt::format("({})({}){}", to, signed_of(bits(what.getType())), as_signed(from)));
    case llvm::Instruction::PtrToInt:
      if (bits(what.getType()) == 1) unknown("a bit of an address");
      return assign(what, fmt::format("({})(u64){}", to, value(from)));
    case llvm::Instruction::IntToPtr:
      return assign(what, fmt::format("(u8*)(u64){}", value(from)));
    default:
      unknown(std::string("the conversion ") + what.getOpcodeName());
  }
}

std::string Lowering::element(const llvm::Type* of, llvm::ArrayRef<unsigned> indices) {
  std::string path;
  bool in_array = false;  // An array within a struct is one of C; as a value of its own it is in a struct.
  const llvm::Type* now = of;
  for (const unsigned index : indices) {
    if (const auto* const array = llvm::dyn_cast<llvm::ArrayType>(now)) {
      path += fmt::format("{}[{}]", in_array ? "" : ".e", index);
      now = array->getElementType();
      in_array = true;
    } else {
      path += fmt::format(".f{}", index);
      now = llvm::cast<llvm::StructType>(now)->getElementType(index);
      in_array = now->isArrayTy();
    }
  }
  if (now->isArrayTy()) unknown("an array that is a part of a value");
  return path;
}

void Lowering::aggregate(const llvm::Instruction& what) {
  if (const auto* const out = llvm::dyn_cast<llvm::ExtractValueInst>(&what)) {
    const llvm::Value* const from = out->getAggregateOperand();
    return assign(what, value(from) + element(from->getType(), out->getIndices()));
  }
  const auto& in = llvm::cast<llvm::InsertValueInst>(what);
  const std::string& name = locals_.at(&what);
  assign(what, value(in.getAggregateOperand()));
  say(fmt::format("{}{} = {};", name, element(in.getType(), in.getIndices()),
                  value(in.getInsertedValueOperand())));
}

}  // namespace labyrinth::lower
