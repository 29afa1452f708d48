// The lowering of one LLVM module to plain C: what its parts share.
//
// It fails closed: whatever it does not know is an Unknown, with the C++ source line, and no output. Meaning
// follows the LLVM Language Reference (LLVM 19): undef and poison, also what nsw, nuw, exact, nneg, disjoint
// and too far shifts make of a result, are any value; atomics are atomic sections under sequential
// consistency; memory is C's, so that CBMC's checks of pointers and bounds apply at each access.
#pragma once

#include <llvm/IR/DataLayout.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/GetElementPtrTypeIterator.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace labyrinth::lower {

/// Something that the lowering does not know; says what and where.
class Unknown : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Lowering {
 public:
  /// `entries`: names of functions that keep their name and can be called from outside.
  Lowering(const llvm::Module& module, const std::vector<std::string>& entries)
      : module_(module), layout_(module.getDataLayout()), entries_(entries.begin(), entries.end()) {}

  /// The whole module as C. Throws Unknown.
  [[nodiscard]] std::string run();

 private:
  // lower_types.cpp
  /// What an SSA value of the type is declared as; structs and arrays are C structs.
  [[nodiscard]] std::string type(const llvm::Type* type);
  /// A variable or field in memory of the type: arrays are C arrays there.
  void may_be_in_memory(const llvm::Type* what) const;
  [[nodiscard]] std::string in_memory(const llvm::Type* type, const std::string& name);
  [[nodiscard]] std::string unsigned_of(unsigned bits) const;
  [[nodiscard]] std::string signed_of(unsigned bits) const;
  /// Wide enough that C's promotions do nothing.
  [[nodiscard]] std::string working(unsigned bits) const;
  [[nodiscard]] unsigned bits(const llvm::Type* type) const;
  [[nodiscard]] std::string function_type(const llvm::FunctionType& type, const std::string& name);
  [[nodiscard]] std::string any(const llvm::Type* type);
  [[nodiscard]] static std::string aligned(llvm::Align to);
  /// An array of so many bytes, to be copied at once.
  [[nodiscard]] std::string bytes(std::uint64_t count);

  // lower_values.cpp
  [[nodiscard]] std::string value(const llvm::Value* value);
  [[nodiscard]] std::string constant(const llvm::Constant& constant);
  [[nodiscard]] std::string integer(const llvm::APInt& value) const;
  [[nodiscard]] std::string constant_expression(const llvm::ConstantExpr& expression);
  [[nodiscard]] std::string as_signed(const llvm::Value* value);
  [[nodiscard]] std::string widened(const llvm::Value* value);
  [[nodiscard]] std::string address_of(const llvm::GEPOperator& gep);
  [[nodiscard]] std::string initializer(const llvm::Constant& constant);
  [[nodiscard]] const std::string& global_name(const llvm::GlobalValue& global);
  [[nodiscard]] std::string text_of(const llvm::Value* pointer) const;
  [[nodiscard]] std::string quoted(llvm::StringRef text) const;

  // lower_functions.cpp
  void function(const llvm::Function& function);
  [[nodiscard]] std::string prototype(const llvm::Function& function);
  [[nodiscard]] bool is_entry(const llvm::GlobalValue& global) const;
  void name_values(const llvm::Function& function);
  void block(const llvm::BasicBlock& block);
  void jump(const llvm::BasicBlock& from, const llvm::BasicBlock& to);
  void terminator(const llvm::Instruction& instruction);
  void globals();
  void check_hook(const char* name, llvm::ArrayRef<unsigned> widths) const;

  // lower_instructions.cpp
  void instruction(const llvm::Instruction& instruction);
  void binary(const llvm::BinaryOperator& operation);
  void shift(const llvm::BinaryOperator& operation);
  void divide(const llvm::BinaryOperator& operation);
  void poison_of_flags(const llvm::BinaryOperator& operation);
  void compare(const llvm::ICmpInst& compare);
  void cast(const llvm::CastInst& cast);
  void aggregate(const llvm::Instruction& instruction);
  [[nodiscard]] std::string element(const llvm::Type* type, llvm::ArrayRef<unsigned> indices);

  // lower_memory.cpp
  void load(const llvm::LoadInst& load);
  void store(const llvm::StoreInst& store);
  void compare_exchange(const llvm::AtomicCmpXchgInst& exchange);
  void modify(const llvm::AtomicRMWInst& modify);
  void before_atomic(const llvm::Value* pointer, const llvm::Type* type);
  void after_write(const llvm::Value* pointer, const llvm::Type* type, const std::string& before,
                   const std::string& after);
  [[nodiscard]] std::string at(const llvm::Value* pointer, const llvm::Type* type);
  void copy(const llvm::MemTransferInst& copy);
  void list_constants();
  void may_write(const llvm::Value* pointer);
  void fill(const llvm::MemSetInst& fill);
  void life(const llvm::IntrinsicInst& end);
  void promises(const llvm::LoadInst& load);

  // lower_calls.cpp
  void call(const llvm::CallInst& call);
  void intrinsic(const llvm::IntrinsicInst& intrinsic);
  void assumption(const llvm::AssumeInst& assume);
  void with_overflow(const llvm::WithOverflowInst& operation);
  [[nodiscard]] bool obligation(const llvm::CallInst& call, const llvm::Function& callee);

  /// One statement, under the source line of the instruction that it stands for.
  void say(const std::string& statement);
  void assign(const llvm::Instruction& to, const std::string& what);
  void mark_line(const llvm::Instruction& instruction);
  void mark_line(unsigned line, const llvm::DIScope& scope);
  [[noreturn]] void unknown(const std::string& what) const;

  const llvm::Module& module_;
  const llvm::DataLayout& layout_;
  const std::set<std::string> entries_;
  std::map<const llvm::Type*, std::string> structs_;
  std::size_t struct_count_ = 0;
  bool has_constants_ = false;  ///< Constants that a pointer could lead to.
  std::map<std::uint64_t, std::string> byte_arrays_;
  std::map<const llvm::GlobalValue*, std::string> globals_;
  std::map<const llvm::Value*, std::string> locals_;
  std::map<const llvm::BasicBlock*, std::string> labels_;
  std::string types_;  ///< C declarations of structs, in order of need.
  std::string body_;   ///< The function that is being written.
  std::string rest_;   ///< Globals and functions that are done.
  const llvm::Instruction* here_ = nullptr;
  const llvm::Function* in_ = nullptr;
  unsigned line_ = 0;  ///< Of the C++ source, of what is being written; 0: not known.
  std::string file_;
  std::string last_file_;  ///< The file that was named last.
};

}  // namespace labyrinth::lower
