// Operands: names of values, constants, constant expressions, initial values of globals.
#include <fmt/format.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Operator.h>

#include "lowering.hpp"

namespace labyrinth::lower {

std::string Lowering::value(const llvm::Value* what) {
  if (const auto* const fixed = llvm::dyn_cast<llvm::Constant>(what)) return constant(*fixed);
  const auto known = locals_.find(what);
  if (known == locals_.end()) unknown("a value that is no instruction, argument or constant");
  return known->second;
}

std::string Lowering::integer(const llvm::APInt& number) const {
  const unsigned width = number.getBitWidth();
  if (width != 1 && width != 128 && (width % 8 != 0 || width > 64))
    unknown("a constant of " + std::to_string(width) + " bits");
  if (width <= 64) return fmt::format("(({}){:#x}UL)", unsigned_of(width), number.getZExtValue());
  return fmt::format("((u128){:#x}UL << 64 | {:#x}UL)", number.extractBitsAsZExtValue(64, 64),
                     number.extractBitsAsZExtValue(64, 0));
}

std::string Lowering::constant(const llvm::Constant& what) {
  if (const auto* const number = llvm::dyn_cast<llvm::ConstantInt>(&what)) return integer(number->getValue());
  if (llvm::isa<llvm::ConstantPointerNull>(what)) return "((u8*)0)";
  if (const auto* const global = llvm::dyn_cast<llvm::GlobalValue>(&what)) {
    if (const auto* const variable = llvm::dyn_cast<llvm::GlobalVariable>(global); variable != nullptr) {
      if (variable->isThreadLocal()) unknown("a thread-local variable");
    } else if (!llvm::isa<llvm::Function>(global)) {
      unknown("an alias");
    } else if (global->isDeclaration()) {
      unknown("the function " + global->getName().str() + ", which is defined elsewhere");
    }
    return "((u8*)&" + global_name(*global) + ")";
  }
  if (const auto* const expression = llvm::dyn_cast<llvm::ConstantExpr>(&what))
    return constant_expression(*expression);
  // Poison is an undef, too.
  if (llvm::isa<llvm::UndefValue>(what)) return any(what.getType());
  if (what.getType()->isStructTy() || what.getType()->isArrayTy())
    return fmt::format("(({}){})", type(what.getType()),
                       what.getType()->isArrayTy() ? "{" + initializer(what) + "}" : initializer(what));
  unknown("a constant of this kind");
}

std::string Lowering::constant_expression(const llvm::ConstantExpr& what) {
  const auto operand = [&](unsigned i) { return value(what.getOperand(i)); };
  if (const auto* const gep = llvm::dyn_cast<llvm::GEPOperator>(&what)) return address_of(*gep);
  switch (what.getOpcode()) {
    // A cast to C's _Bool is none of these.
    case llvm::Instruction::PtrToInt:
      if (bits(what.getType()) == 1) unknown("a bit of an address");
      return fmt::format("(({})(u64){})", type(what.getType()), operand(0));
    case llvm::Instruction::IntToPtr:
      return fmt::format("((u8*)(u64){})", operand(0));
    case llvm::Instruction::Trunc:
      if (bits(what.getType()) == 1) unknown("a bit of an address");
      return fmt::format("(({}){})", type(what.getType()), operand(0));
    case llvm::Instruction::Add:
    case llvm::Instruction::Sub: {
      const auto& sum = llvm::cast<llvm::OverflowingBinaryOperator>(what);
      if (bits(what.getType()) != 64 || sum.hasNoSignedWrap() || sum.hasNoUnsignedWrap())
        unknown("a sum of addresses of this kind");
      return fmt::format("({} {} {})", operand(0), what.getOpcode() == llvm::Instruction::Add ? "+" : "-",
                         operand(1));
    }
    default:
      unknown(std::string("a constant expression: ") + what.getOpcodeName());
  }
}

std::string Lowering::as_signed(const llvm::Value* what) {
  const unsigned width = bits(what->getType());
  if (width == 1) return fmt::format("((s32)-(s32){})", value(what));
  return fmt::format("(({}){})", signed_of(width), value(what));
}

std::string Lowering::widened(const llvm::Value* what) {
  return fmt::format("(({}){})", working(bits(what->getType())), value(what));
}

/// Byte arithmetic: where a pointer may point is the pointer checks' to say, at the access.
std::string Lowering::address_of(const llvm::GEPOperator& gep) {
  if (!gep.getType()->isPointerTy()) unknown("addresses by the vector");
  std::string sum = value(gep.getPointerOperand());
  std::int64_t fixed = 0;
  for (auto step = llvm::gep_type_begin(gep); step != llvm::gep_type_end(gep); ++step) {
    const llvm::Value* const index = step.getOperand();
    if (const llvm::StructType* const record = step.getStructTypeOrNull()) {
      const auto field = static_cast<unsigned>(llvm::cast<llvm::ConstantInt>(index)->getZExtValue());
      const auto offset =
          layout_.getStructLayout(const_cast<llvm::StructType*>(record))->getElementOffset(field);
      fixed += static_cast<std::int64_t>(offset.getFixedValue());
      continue;
    }
    const auto size = static_cast<std::int64_t>(step.getSequentialElementStride(layout_).getFixedValue());
    if (const auto* const number = llvm::dyn_cast<llvm::ConstantInt>(index)) {
      fixed += number->getValue().sextOrTrunc(64).getSExtValue() * size;
    } else {
      sum += fmt::format(" + (s64){} * {}L", as_signed(index), size);
    }
  }
  if (fixed != 0) sum += fmt::format(" + {}L", fixed);
  return "(" + sum + ")";
}

std::string Lowering::initializer(const llvm::Constant& what) {
  if (what.getType()->isIntegerTy() || what.getType()->isPointerTy()) {
    // A global that begins as undef begins as anything; C's static data cannot.
    if (llvm::isa<llvm::UndefValue>(what)) unknown("a global that begins as undef");
    return constant(what);
  }
  if (what.isNullValue()) return "{0}";
  if (llvm::isa<llvm::UndefValue>(what)) {
    // Bytes that are undef are padding, which is copied and never looked at: zero will do.
    if (!what.getType()->isArrayTy() || !what.getType()->getArrayElementType()->isIntegerTy(8))
      unknown("a global that begins as undef");
    return "{0}";
  }
  std::string list;
  std::uint64_t count = 0;
  if (const auto* const array = llvm::dyn_cast<llvm::ArrayType>(what.getType())) {
    count = array->getNumElements();
  } else if (const auto* const record = llvm::dyn_cast<llvm::StructType>(what.getType())) {
    count = record->getNumElements();
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const llvm::Constant* const element = what.getAggregateElement(static_cast<unsigned>(i));
    if (element == nullptr) unknown("a constant whose parts are not constants");
    list += (list.empty() ? "" : ", ") + initializer(*element);
  }
  if (count == 0) unknown("an initial value of this kind");
  return "{" + list + "}";
}

const std::string& Lowering::global_name(const llvm::GlobalValue& global) {
  const auto [place, added] = globals_.emplace(&global, "");
  if (added) {
    std::string name = global.getName().str();
    const bool plain = !name.empty() && name.find_first_not_of(
                                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_") == std::string::npos;
    const bool kept = entries_.contains(name) || name.starts_with("labyrinth_");
    if (!plain && kept) unknown("a name that C does not have: " + name);
    place->second = !plain ? fmt::format("g_{}", globals_.size()) : kept ? name : "l_" + name;
  }
  return place->second;
}

std::string Lowering::text_of(const llvm::Value* pointer) const {
  llvm::StringRef text;
  if (!llvm::getConstantStringInfo(pointer, text)) unknown("a text that is no literal");
  return quoted(text);
}

std::string Lowering::quoted(llvm::StringRef text) const {
  std::string result;
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    if (static_cast<unsigned char>(letter) < ' ') unknown("a text with control characters");
    result += letter;
  }
  return result;
}

}  // namespace labyrinth::lower
