// Types: integers of C's own widths, and of other whole bytes where they are values, pointers as bytes'
// addresses, structs with LLVM's layout, checked in C.
#include <fmt/format.h>

#include "lowering.hpp"

namespace labyrinth::lower {

unsigned Lowering::bits(const llvm::Type* type) const {
  const unsigned width = type->isIntegerTy() ? type->getIntegerBitWidth() : 0;
  switch (width) {
    case 1:
    case 8:
    case 16:
    case 24:
    case 32:
    case 40:
    case 48:
    case 56:
    case 64:
    case 128:
      return width;
    default:
      break;
  }
  std::string text;
  llvm::raw_string_ostream(text) << *type;
  unknown("the type " + text);
}

std::string Lowering::unsigned_of(unsigned width) const { return fmt::format("u{}", width); }

std::string Lowering::signed_of(unsigned width) const {
  if (width == 1) unknown("a signed number of one bit");
  return fmt::format("s{}", width);
}

std::string Lowering::working(unsigned width) const { return unsigned_of(width < 32 ? 32 : width); }

std::string Lowering::type(const llvm::Type* type) {
  if (type->isVoidTy()) return "void";
  if (type->isPointerTy()) {
    if (type->getPointerAddressSpace() != 0) unknown("a pointer into a memory of its own");
    return "u8*";
  }
  if (type->isIntegerTy()) return unsigned_of(bits(type));
  if (const auto known = structs_.find(type); known != structs_.end()) return known->second;
  std::string fields;
  std::string checks;
  std::string attribute;
  // The types within are named, and counted, on the way.
  const std::string name = fmt::format("struct t{}", struct_count_++);
  if (const auto* const array = llvm::dyn_cast<llvm::ArrayType>(type)) {
    fields = "  " + in_memory(array, "e") + ";\n";
  } else if (const auto* const record = llvm::dyn_cast<llvm::StructType>(type)) {
    if (record->isOpaque()) unknown("an opaque struct");
    if (record->isPacked()) attribute = " __attribute__((packed))";
    const llvm::StructLayout* const layout =
        layout_.getStructLayout(const_cast<llvm::StructType*>(record));  // LLVM's caches are not const.
    for (unsigned i = 0; i < record->getNumElements(); ++i) {
      // A bit in a struct is half of what an operation with overflow results in, and never in memory.
      const llvm::Type* const part = record->getElementType(i);
      const std::string at = fmt::format("f{}", i);
      const std::string field = part->isIntegerTy(1) ? "u1 " + at : in_memory(part, at);
      fields += "  " + field + ";\n";
      checks += fmt::format("_Static_assert(__builtin_offsetof({}, f{}) == {}, \"layout\");\n", name, i,
                            layout->getElementOffset(i).getFixedValue());
    }
  } else {
    static_cast<void>(bits(type));
  }
  if (fields.empty()) unknown("a struct without fields");
  structs_.emplace(type, name);
  types_ +=
      fmt::format("{} {{\n{}}}{};\n{}_Static_assert(sizeof({}) == {}, \"size\");\n", name, fields, attribute,
                  checks, name, layout_.getTypeAllocSize(const_cast<llvm::Type*>(type)).getFixedValue());
  return name;
}

// CBMC has numbers of 24 bits in three bytes, C in four.
void Lowering::may_be_in_memory(const llvm::Type* what) const {
  if (what->isIntegerTy(1)) unknown("a single bit in memory");
  const unsigned width = what->isIntegerTy() ? bits(what) : 8;
  if ((width & (width - 1)) != 0) unknown(fmt::format("a number of {} bits in memory", width));
}

std::string Lowering::in_memory(const llvm::Type* what, const std::string& name) {
  if (const auto* const array = llvm::dyn_cast<llvm::ArrayType>(what)) {
    // C has no empty arrays; only as the last field could one mean something.
    if (array->getNumElements() == 0) unknown("an array without elements");
    return in_memory(array->getElementType(), fmt::format("{}[{}]", name, array->getNumElements()));
  }
  // A _Bool in C has padding bits; in LLVM's memory an i1 is a byte.
  may_be_in_memory(what);
  return type(what) + " " + name;
}

std::string Lowering::function_type(const llvm::FunctionType& function, const std::string& name) {
  if (function.isVarArg()) unknown("a function with variable arguments");
  std::string parameters;
  for (const llvm::Type* const parameter : function.params()) {
    parameters += (parameters.empty() ? "" : ", ") + type(parameter);
  }
  return fmt::format("{} {}({})", type(function.getReturnType()), name,
                     parameters.empty() ? "void" : parameters);
}

std::string Lowering::any(const llvm::Type* what) {
  if (what->isIntegerTy()) return fmt::format("labyrinth_any_u{}()", bits(what));
  if (what->isPointerTy()) return "labyrinth_any_pointer()";
  return fmt::format("LABYRINTH_ANY({})", type(what));
}

std::string Lowering::aligned(llvm::Align to) {
  return to.value() == 1 ? "" : fmt::format(" __attribute__((aligned({})))", to.value());
}

std::string Lowering::bytes(std::uint64_t count) {
  const auto [place, added] = byte_arrays_.emplace(count, fmt::format("struct bytes{}", count));
  if (added) types_ += fmt::format("{} {{ u8 b[{}]; }};\n", place->second, count);
  return place->second;
}

}  // namespace labyrinth::lower
