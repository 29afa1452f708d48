// Drawing edits, and making them.
#include "mutate.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "outline.hpp"

namespace labyrinth::fuzz {
namespace {

using machine::Call;
using machine::Decision;
using machine::Machine;
using machine::Op;
using machine::Trace;

constexpr std::array kUsualFlags = {
    model::kAtomic,
    model::kKernel,
    model::kNowait,
    model::kAtomic | model::kMemalloc,
    model::kHigh,
    model::kAtomic | model::kNomemalloc,
    model::kAtomic | model::kHighmem | model::kMovable,
    model::kAtomic | model::kExclusive,
    model::kAtomic | model::kRoom,
    model::kAtomic | model::for_device(0),
    model::kKernel | model::kNofail,
    model::kAtomic | model::kZero,
};

class Editor {
 public:
  Editor(Trace& trace, std::uint64_t& chance) noexcept : trace_(trace), outline_(trace), chance_(chance) {}

  void edit_once() noexcept {
    using Edit = void (Editor::*)() noexcept;
    // Those of the schedule stand twice: it is what finds bugs that a program has.
    constexpr std::array<Edit, 16> kEdits = {
        &Editor::drop_call,   &Editor::duplicate_call, &Editor::move_call,   &Editor::swap_calls,
        &Editor::insert_pair, &Editor::insert_alloc,   &Editor::insert_wild, &Editor::misdirect,
        &Editor::change_size, &Editor::change_flags,   &Editor::redirect,    &Editor::add_turn,
        &Editor::add_turn,    &Editor::shift_turn,     &Editor::shift_turn,  &Editor::drop_turn};
    (this->*kEdits[below(kEdits.size())])();
  }
  void apply() noexcept { outline_.apply(trace_); }

 private:
  [[nodiscard]] std::uint32_t below(std::size_t bound) noexcept {
    return machine::random_below(chance_, static_cast<std::uint32_t>(bound));
  }
  [[nodiscard]] bool has_calls() noexcept { return !outline_.items().empty(); }
  [[nodiscard]] Item& any_item() noexcept { return outline_.items()[below(outline_.items().size())]; }
  [[nodiscard]] std::uint8_t any_context() noexcept {
    return static_cast<std::uint8_t>(below(outline_.contexts()));
  }
  [[nodiscard]] std::size_t any_place() noexcept { return below(outline_.items().size() + 1); }
  /// Where what holds for `suits` is; the number of items if none does.
  template <class Suits>
  [[nodiscard]] std::size_t some(Suits suits) noexcept {
    const auto items = outline_.items();
    if (items.empty()) return 0;
    const std::size_t from = below(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::size_t at = (from + i) % items.size();
      if (suits(items[at])) return at;
    }
    return items.size();
  }

  void drop_call() noexcept {
    if (has_calls()) outline_.erase(below(outline_.items().size()));
  }
  void duplicate_call() noexcept {
    if (!has_calls()) return;
    Item copy = any_item();
    if (below(2) == 0) copy.context = any_context();
    outline_.insert(any_place(), copy);
  }
  void move_call() noexcept {
    if (!has_calls()) return;
    any_item().context = any_context();
  }
  void swap_calls() noexcept {
    if (!has_calls()) return;
    Item& one = any_item();
    Item& other = any_item();
    std::swap(one, other);
    std::swap(one.context, other.context);
  }
  /// An alloc and its free, each in some context: what a handler keeps, a task may free.
  void insert_pair() noexcept {
    const Id alloc = insert_alloc_there();
    if (alloc == 0) return;
    outline_.insert(outline_.items().size(),
                    {0, alloc, any_context(), {.op = Op::kFree, .order = machine::kOrderOfHandle}});
  }
  void insert_alloc() noexcept { insert_alloc_there(); }
  Id insert_alloc_there() noexcept {
    if (outline_.contexts() == 0) return 0;
    return outline_.insert(any_place(), {0, 0, any_context(), {.order = any_order(), .gfp = any_flags()}});
  }
  /// A free that is nobody's to make: of an alloc that has another free, or of a frame that may be anyone's.
  void insert_wild() noexcept {
    if (outline_.contexts() == 0) return;
    Item free{0, 0, any_context(), {.op = Op::kFree, .order = machine::kOrderOfHandle}};
    const std::size_t at = some([](const Item& it) { return machine::allocates(it.call.op); });
    if (at != outline_.items().size() && below(2) == 0) {
      free.means = outline_.items()[at].id;
    } else {
      // Whoever takes little has the first frames.
      const std::uint32_t near = 1U << (1 + below(8));
      free.call.order = below(4) != 0 ? std::uint8_t{0} : any_order();
      free.call.pfn =
          trace_.geometry.first_pfn + below(std::min<std::uint64_t>(near, trace_.geometry.frames()));
    }
    outline_.insert(any_place(), free);
  }
  /// Where a free of a block meets others, one of a block beside it does, too.
  void misdirect() noexcept {
    const std::size_t at = some([](const Item& it) { return it.call.op == Op::kFree && it.means != 0; });
    if (at == outline_.items().size()) return;
    Call& free = outline_.items()[at].call;
    const std::uint64_t by = 1 + below(1U << below(5));
    free.pfn += below(2) == 0 ? by : 0 - by;
    if (below(2) == 0) free.order = 0;
  }
  /// Mostly within a word.
  [[nodiscard]] std::uint8_t any_order() noexcept {
    return static_cast<std::uint8_t>(below(4) != 0 ? below(4) : below(model::kMaxOrder.value + 2U));
  }
  [[nodiscard]] std::uint32_t any_flags() noexcept { return kUsualFlags[below(kUsualFlags.size())].bits; }

  void change_size() noexcept {
    const std::size_t at = some([](const Item& it) { return machine::allocates(it.call.op); });
    if (at == outline_.items().size()) return;
    Call& call = outline_.items()[at].call;
    if (call.op == Op::kAlloc) {
      call.order = any_order();
    } else {
      const std::uint64_t most = call.op == Op::kBulk ? machine::kMaxSaidCount : machine::kMaxSaidFrames;
      call.pfn = below(2) == 0 ? below(65) : std::min(call.pfn + 1, most);
    }
  }
  void change_flags() noexcept {
    const std::size_t at = some([](const Item& it) { return machine::allocates(it.call.op); });
    if (at == outline_.items().size()) return;
    std::uint32_t& gfp = outline_.items()[at].call.gfp;
    gfp = below(2) == 0 ? any_flags() : gfp ^ 1U << below(std::bit_width(model::kGfpMask.bits));
  }
  /// A call that means another one means one more of the same kind.
  void redirect() noexcept {
    const std::size_t at = some([](const Item& it) { return it.means != 0; });
    if (at == outline_.items().size()) return;
    Item& one = outline_.items()[at];
    const std::size_t meant = some([&](const Item& it) { return it.id == one.means; });
    if (meant == outline_.items().size()) return;
    const Op op = outline_.items()[meant].call.op;
    const std::size_t next = some([&](const Item& it) { return it.call.op == op; });
    if (next != outline_.items().size()) one.means = outline_.items()[next].id;
  }

  void add_turn() noexcept {
    if (!has_calls()) return;
    // Few accesses are far from a call's beginning.
    const std::uint32_t access = below(3) != 0 ? below(8) : below(64);
    outline_.add({any_item().id, static_cast<std::uint16_t>(access), any_decision()});
  }
  [[nodiscard]] Decision any_decision() noexcept {
    using Kind = Decision::Kind;
    const auto cpu = static_cast<std::uint8_t>(below(trace_.geometry.cpus));
    switch (below(8)) {
      case 0:
        return {Kind::kMigrate, cpu};
      case 1:
        return {Kind::kSpurious, 0};
      case 2:
      case 3:
        return {Kind::kCpu, cpu};
      default:
        break;
    }
    const std::uint8_t context = any_context();
    const model::Level level = trace_.context_storage[context].level;
    if (level == model::Level::kTask) return {Kind::kTask, context};
    return {Kind::kInterrupt, static_cast<std::uint8_t>(level)};
  }
  void shift_turn() noexcept {
    if (outline_.turns().empty()) return;
    Turn& turn = outline_.turns()[below(outline_.turns().size())];
    const std::uint32_t by = 1 + below(below(2) == 0 ? 2 : 8);
    const bool back = below(2) == 0 && turn.access >= by;
    turn.access = static_cast<std::uint16_t>(back ? turn.access - by : turn.access + by);
    turn.access = std::min(turn.access, machine::kMaxAccess);
  }
  void drop_turn() noexcept {
    if (!outline_.turns().empty()) outline_.erase_turn(below(outline_.turns().size()));
  }

  Trace& trace_;
  Outline outline_;
  std::uint64_t& chance_;
};

/// One mutation in so many looks at a run of its own: those cost as much as an execution.
constexpr std::uint32_t kLooksOneIn = 4;

void bend_where_contexts_meet(Trace& trace, Machine& machine, std::uint64_t& chance) noexcept {
  static thread_local Meetings meetings;
  meetings.look(machine, trace);
  bend(trace, meetings, chance);
}

/// What turns of another trace mean here: CPUs come in again somewhere, and a task that is none is nobody.
void fit_turns(Outline& outline, const Trace& trace) noexcept {
  using Kind = Decision::Kind;
  for (std::size_t i = outline.turns().size(); i-- > 0;) {
    Decision& decision = outline.turns()[i].decision;
    if (decision.kind == Kind::kCpu || decision.kind == Kind::kMigrate)
      decision.argument = static_cast<std::uint8_t>(decision.argument % trace.geometry.cpus);
    const bool fits = decision.kind != Kind::kTask ||
                      (decision.argument < trace.context_count &&
                       trace.context_storage[decision.argument].level == model::Level::kTask);
    if (!fits) outline.erase_turn(i);
  }
}

}  // namespace

void bend(Trace& trace, const Meetings& meetings, std::uint64_t& chance) noexcept {
  const auto departure = meetings.draw(trace, chance);
  if (!departure) return;
  Outline outline(trace);
  outline.add({static_cast<Id>(departure->call + 1), departure->access, departure->decision});
  outline.apply(trace);
}

void edit(Trace& trace, Machine* machine, std::uint64_t& chance) noexcept {
  if (trace.context_count == 0) return;
  if (machine != nullptr && machine::random_below(chance, kLooksOneIn) == 0) {
    bend_where_contexts_meet(trace, *machine, chance);
  } else {
    Editor editor(trace, chance);
    for (std::uint32_t edits = 1 + machine::random_below(chance, 3); edits != 0; --edits) editor.edit_once();
    editor.apply();
  }
}

void splice(Trace& trace, const Trace& other, std::uint64_t& chance) noexcept {
  Outline outline(trace);
  Outline from(other);
  const auto count = static_cast<std::uint32_t>(from.items().size());
  if (count == 0 || trace.context_count == 0) return;
  const std::uint32_t first = machine::random_below(chance, count);
  outline.append(from, first, 1 + machine::random_below(chance, count - first));
  fit_turns(outline, trace);
  outline.apply(trace);
}

std::size_t mutate(std::span<std::uint8_t> bytes, std::size_t size, Machine* machine,
                   std::uint64_t seed) noexcept {
  static thread_local Trace trace;
  machine::decode_trace(bytes.first(size), trace);
  edit(trace, machine, seed);
  return machine::encode_trace(trace, bytes);
}

std::size_t cross(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other,
                  std::span<std::uint8_t> out, std::uint64_t seed) noexcept {
  static thread_local Trace trace;
  static thread_local Trace second;
  machine::decode_trace(one, trace);
  machine::decode_trace(other, second);
  splice(trace, second, seed);
  return machine::encode_trace(trace, out);
}

}  // namespace labyrinth::fuzz
