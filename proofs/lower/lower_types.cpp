// Types: integers of C's own widths, pointers as bytes' addresses, structs with LLVM's layout, checked in C.
#include <fmt/format.h>

#include "lowering.hpp"

namespace labyrinth::lower {

unsigned Lowering::bits(const llvm::Type* type) const {
  const unsigned width = type->isIntegerTy() ? type->getIntegerBitWidth() : 0;
  switch (width) {
    case 1:
    case 8:
    case 16:
    case 32:
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
  if (type->isPointerTy()) return "u8*";
  if (type->isIntegerTy()) return unsigned_of(bits(type));
  if (const auto known = structs_.find(type); known != structs_.end()) return known->second;
  std::string fields;
  std::string checks;
  std::string attribute;
  const std::string name = fmt::format("struct t{}", structs_.size());
  structs_.emplace(type, name);  // before its fields ask for names of their own
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
  types_ +=
      fmt::format("{} {{\n{}}}{};\n{}_Static_assert(sizeof({}) == {}, \"size\");\n", name, fields, attribute,
                  checks, name, layout_.getTypeAllocSize(const_cast<llvm::Type*>(type)).getFixedValue());
  return name;
}

std::string Lowering::in_memory(const llvm::Type* what, const std::string& name) {
  if (const auto* const array = llvm::dyn_cast<llvm::ArrayType>(what)) {
    // C has no empty arrays; only as the last field could one mean something.
    if (array->getNumElements() == 0) unknown("an array without elements");
    return in_memory(array->getElementType(), fmt::format("{}[{}]", name, array->getNumElements()));
  }
  // A _Bool in C has padding bits; in LLVM's memory an i1 is a byte.
  if (what->isIntegerTy(1)) unknown("a single bit in memory");
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
  unknown("any value of a struct or an array");
}

std::string Lowering::bytes(std::uint64_t count) {
  const auto [place, added] = byte_arrays_.emplace(count, fmt::format("struct bytes{}", count));
  if (added) types_ += fmt::format("{} {{ u8 b[{}]; }};\n", place->second, count);
  return place->second;
}

}  // namespace labyrinth::lower
