// Accesses to memory: plain ones, atomic ones as atomic sections, copies.
//
// Two functions that a proof may define come between: labyrinth_before_atomic(address, bytes) is called
// before each atomic access, for what others may do there (rely; or a nested handler), and
// labyrinth_after_write(address, before, after) after each atomic write (guarantee).
#include <fmt/format.h>
#include <llvm/Analysis/ValueTracking.h>

#include <algorithm>

#include "lowering.hpp"

namespace labyrinth::lower {

std::string Lowering::at(const llvm::Value* pointer, const llvm::Type* what) {
  may_be_in_memory(what);
  return fmt::format("(*({}*){})", type(what), value(pointer));
}

void Lowering::before_atomic(const llvm::Value* pointer, const llvm::Type* what) {
  const llvm::Function* const hook = module_.getFunction("labyrinth_before_atomic");
  if (hook == nullptr || hook->isDeclaration()) return;
  say(fmt::format("labyrinth_before_atomic({}, {});", value(pointer), bits(what) / 8));
}

void Lowering::after_write(const llvm::Value* pointer, const llvm::Type* what, const std::string& before,
                           const std::string& after) {
  const llvm::Function* const hook = module_.getFunction("labyrinth_after_write");
  if (hook == nullptr || hook->isDeclaration()) return;
  if (bits(what) > 64) unknown("an atomic of more than 64 bits");
  say(fmt::format("labyrinth_after_write({}, (u64){}, (u64){});", value(pointer), before, after));
}

void Lowering::load(const llvm::LoadInst& what) {
  if (what.isVolatile()) unknown("a volatile access");
  if (!what.isAtomic()) {
    assign(what, at(what.getPointerOperand(), what.getType()));
    return promises(what);
  }
  before_atomic(what.getPointerOperand(), what.getType());
  say("LABYRINTH_ATOMIC_BEGIN();");
  assign(what, at(what.getPointerOperand(), what.getType()));
  say("LABYRINTH_ATOMIC_END();");
  promises(what);
}

/// What a load says of its result: poison if it is not so, or, with noundef, undefined.
void Lowering::promises(const llvm::LoadInst& what) {
  const std::string& name = locals_.at(&what);
  const auto promise = [&](const std::string& holds) {
    if (what.hasMetadata(llvm::LLVMContext::MD_noundef))
      return say(
          fmt::format("LABYRINTH_NEED({}, \"undefined: a value that its type does not have\");", holds));
    say(fmt::format("if (!({})) {} = {};", holds, name, any(what.getType())));
  };
  if (what.hasMetadata(llvm::LLVMContext::MD_nonnull)) promise(name + " != (u8*)0");
  if (const llvm::MDNode* const align = what.getMetadata(llvm::LLVMContext::MD_align)) {
    const auto* const to = llvm::mdconst::extract<llvm::ConstantInt>(align->getOperand(0));
    promise(fmt::format("(u64){} % {} == 0", name, integer(to->getValue())));
  }
  const llvm::MDNode* const ranges = what.getMetadata(llvm::LLVMContext::MD_range);
  if (ranges == nullptr) return;
  std::string inside;
  for (unsigned i = 0; i + 1 < ranges->getNumOperands(); i += 2) {
    const auto bound = [&](unsigned at) {
      return integer(llvm::mdconst::extract<llvm::ConstantInt>(ranges->getOperand(at))->getValue());
    };
    // One that ends before it begins goes round: of unsigned differences either is less than the length.
    const std::string kind = type(what.getType());
    inside += fmt::format("{}({})({} - {}) < ({})({} - {})", inside.empty() ? "" : " || ", kind, name,
                          bound(i), kind, bound(i + 1), bound(i));
  }
  promise(inside);
}

void Lowering::store(const llvm::StoreInst& what) {
  if (what.isVolatile()) unknown("a volatile access");
  const llvm::Value* const stored = what.getValueOperand();
  const std::string place = at(what.getPointerOperand(), stored->getType());
  may_write(what.getPointerOperand());
  if (!what.isAtomic()) return say(fmt::format("{} = {};", place, value(stored)));
  before_atomic(what.getPointerOperand(), stored->getType());
  say("LABYRINTH_ATOMIC_BEGIN();");
  say(fmt::format("u64 o_ = (u64){}; {} = {};", place, place, value(stored)).insert(0, "{ "));
  after_write(what.getPointerOperand(), stored->getType(), "o_", value(stored));
  say("} LABYRINTH_ATOMIC_END();");
}

void Lowering::compare_exchange(const llvm::AtomicCmpXchgInst& what) {
  if (what.isVolatile()) unknown("a volatile access");
  const llvm::Type* const kind = what.getNewValOperand()->getType();
  const std::string place = at(what.getPointerOperand(), kind);
  may_write(what.getPointerOperand());
  const std::string& name = locals_.at(&what);
  before_atomic(what.getPointerOperand(), kind);
  say("LABYRINTH_ATOMIC_BEGIN();");
  say(fmt::format("{}.f0 = {};", name, place));
  // A weak one may fail for nothing.
  say(fmt::format("{}.f1 = {}.f0 == {}{};", name, name, value(what.getCompareOperand()),
                  what.isWeak() ? " && labyrinth_any_u1()" : ""));
  say(fmt::format("if ({}.f1) {{ {} = {};", name, place, value(what.getNewValOperand())));
  after_write(what.getPointerOperand(), kind, name + ".f0", value(what.getNewValOperand()));
  say("} LABYRINTH_ATOMIC_END();");
}

void Lowering::modify(const llvm::AtomicRMWInst& what) {
  if (what.isVolatile()) unknown("a volatile access");
  const std::string& old = locals_.at(&what);
  const std::string place = at(what.getPointerOperand(), what.getType());
  may_write(what.getPointerOperand());
  const std::string by = what.getType()->isPointerTy() ? "" : widened(what.getValOperand());
  const auto choose = [&](const char* sign, bool with_sign) {
    const unsigned width = bits(what.getType());
    const std::string kind = with_sign ? signed_of(width) : unsigned_of(width);
    return fmt::format("({}){} {} ({}){} ? {} : {}", kind, old, sign, kind, value(what.getValOperand()), old,
                       value(what.getValOperand()));
  };
  std::string after;
  switch (what.getOperation()) {
    case llvm::AtomicRMWInst::Xchg:
      after = value(what.getValOperand());
      break;
    case llvm::AtomicRMWInst::Add:
      after = old + " + " + by;
      break;
    case llvm::AtomicRMWInst::Sub:
      after = old + " - " + by;
      break;
    case llvm::AtomicRMWInst::And:
      after = old + " & " + by;
      break;
    case llvm::AtomicRMWInst::Or:
      after = old + " | " + by;
      break;
    case llvm::AtomicRMWInst::Xor:
      after = old + " ^ " + by;
      break;
    case llvm::AtomicRMWInst::Nand:
      after = "~(" + old + " & " + by + ")";
      break;
    case llvm::AtomicRMWInst::Max:
      after = choose(">", true);
      break;
    case llvm::AtomicRMWInst::Min:
      after = choose("<", true);
      break;
    case llvm::AtomicRMWInst::UMax:
      after = choose(">", false);
      break;
    case llvm::AtomicRMWInst::UMin:
      after = choose("<", false);
      break;
    default:
      unknown("an atomic operation of this kind");
  }
  before_atomic(what.getPointerOperand(), what.getType());
  say("LABYRINTH_ATOMIC_BEGIN();");
  assign(what, place);
  say(fmt::format("{{ {} n_ = ({})({}); {} = n_;", type(what.getType()), type(what.getType()), after, place));
  after_write(what.getPointerOperand(), what.getType(), old, "n_");
  say("} LABYRINTH_ATOMIC_END();");
}

void Lowering::copy(const llvm::MemTransferInst& what) {
  if (what.isVolatile()) unknown("a volatile access");
  const auto* const length = llvm::dyn_cast<llvm::ConstantInt>(what.getLength());
  const std::string to = value(what.getDest());
  const std::string from = value(what.getSource());
  may_write(what.getDest());
  if (!llvm::isa<llvm::MemMoveInst>(what))
    say(fmt::format("LABYRINTH_NEED(LABYRINTH_APART({}, {}, {}), \"undefined: a copy onto itself\");", to,
                    from, value(what.getLength())));
  if (length == nullptr) {
    const std::string count = value(what.getLength());
    // The loop's own checks would name a line of the prelude.
    say(
        fmt::format("LABYRINTH_NEED(LABYRINTH_ROOM({}, {}) && LABYRINTH_ROOM({}, {}), \"undefined: a copy "
                    "out of bounds\");",
                    to, count, from, count));
    return say(fmt::format("labyrinth_copy({}, {}, {});", to, from, count));
  }
  if (length->isZero()) return;
  // As one value: read whole, then written, so that overlapping does no harm.
  const std::string whole = bytes(length->getZExtValue());
  say(fmt::format("*({}*){} = *({}*){};", whole, to, whole, from));
}

void Lowering::fill(const llvm::MemSetInst& what) {
  if (what.isVolatile()) unknown("a volatile access");
  const auto* const length = llvm::dyn_cast<llvm::ConstantInt>(what.getLength());
  const auto* const byte = llvm::dyn_cast<llvm::ConstantInt>(what.getValue());
  may_write(what.getDest());
  if (length == nullptr || byte == nullptr || !byte->isZero()) {
    const std::string count = value(what.getLength());
    say(fmt::format("LABYRINTH_NEED(LABYRINTH_ROOM({}, {}), \"undefined: a fill out of bounds\");",
                    value(what.getDest()), count));
    return say(
        fmt::format("labyrinth_fill({}, {}, {});", value(what.getDest()), value(what.getValue()), count));
  }
  if (length->isZero()) return;
  const std::string whole = bytes(length->getZExtValue());
  say(fmt::format("*({}*){} = ({}){{{{0}}}};", whole, value(what.getDest()), whole));
}

namespace {

/// Whether the address can get to where it is not known what it is of.
[[nodiscard]] bool escapes(const llvm::Value& address) {  // NOLINT(misc-no-recursion)
  return std::any_of(address.use_begin(), address.use_end(), [](const llvm::Use& use) {
    const llvm::User* const user = use.getUser();
    if (llvm::isa<llvm::LoadInst>(user)) return false;
    if (llvm::isa<llvm::GEPOperator>(user)) return escapes(*user);
    if (llvm::isa<llvm::MemTransferInst>(user)) return false;
    // What a proof says has texts.
    const auto* const call = llvm::dyn_cast<llvm::CallInst>(user);
    const llvm::Function* const callee = call == nullptr ? nullptr : call->getCalledFunction();
    return callee == nullptr || !callee->isDeclaration();
  });
}

}  // namespace

/// C's const means nothing to CBMC.
void Lowering::list_constants() {
  std::string list;
  for (const llvm::GlobalVariable& each : module_.globals()) {
    if (each.isConstant() && escapes(each))
      list += fmt::format(" && !__CPROVER_same_object(p, (u8*)&{})", global_name(each));
  }
  has_constants_ = !list.empty();
  rest_ += fmt::format(
      "#ifdef __CPROVER__\n#define LABYRINTH_MUTABLE(p) (1{})\n#else\n#define LABYRINTH_MUTABLE(p) "
      "1\n#endif\n",
      list);
}

/// Before each write: it is to nothing constant.
void Lowering::may_write(const llvm::Value* pointer) {
  const llvm::Value* const object = llvm::getUnderlyingObject(pointer, 0);
  const auto* const global = llvm::dyn_cast<llvm::GlobalVariable>(object);
  if (llvm::isa<llvm::AllocaInst>(object) || (global != nullptr && !global->isConstant())) return;
  if (global != nullptr) return say("LABYRINTH_ASSERT(0, \"undefined: a write to a constant\");");
  if (has_constants_)
    say(fmt::format("LABYRINTH_NEED(LABYRINTH_MUTABLE({}), \"undefined: a write to a constant\");",
                    value(pointer)));
}

/// Whatever a variable held the last time round, it holds anything now; and when its life has ended, what
/// still points to it points to nothing.
void Lowering::life(const llvm::IntrinsicInst& what) {
  const auto* const room = llvm::dyn_cast<llvm::AllocaInst>(what.getArgOperand(1)->stripPointerCasts());
  if (room == nullptr) unknown("a lifetime of something that is no variable");
  const std::string& name = locals_.at(room);
  if (what.getIntrinsicID() == llvm::Intrinsic::lifetime_end)
    return say(fmt::format("LABYRINTH_DIE({});", name));
  const llvm::Type* const kind = room->getAllocatedType();
  const auto size = layout_.getTypeAllocSize(const_cast<llvm::Type*>(kind)).getFixedValue();
  say(fmt::format("LABYRINTH_LIVE({}); LABYRINTH_FORGET({}, {}, {});", name, name, type(kind), size));
}

}  // namespace labyrinth::lower
