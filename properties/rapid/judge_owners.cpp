// X1 and X3: a list of blocks and their owners, and what it says of each allocation and free.
#include <algorithm>
#include <bit>

#include "judge.hpp"

namespace labyrinth::properties {

using machine::Op;
using model::Status;

std::uint64_t frames_asked(const machine::Call& call) noexcept {
  return call.op == Op::kAlloc ? std::uint64_t{1} << call.order : call.pfn;
}

Extents blocks_of(const machine::Call& call, std::uint64_t pfn) noexcept {
  Extents blocks;
  if (call.op == Op::kAlloc || call.op == Op::kLive) {
    blocks.add({pfn, call.order});
  } else if (call.op == Op::kExact) {
    for (std::uint64_t left = call.pfn; left != 0; left &= ~std::bit_floor(left)) {
      const auto order = static_cast<std::uint8_t>(std::bit_width(left) - 1);
      blocks.add({pfn, order});
      pfn += std::bit_floor(left);
    }
  }
  return blocks;
}

Extents blocks_freed(const machine::Trace& trace, std::uint8_t free,
                     const machine::Outcome& outcome) noexcept {
  const machine::Call& call = trace.call_storage[free];
  Extents blocks;
  if (call.handle == machine::kNoHandle) {
    if (call.order <= model::kMaxOrder.value) blocks.add({call.pfn, call.order});
    return blocks;
  }
  const machine::Call& of = trace.call_storage[call.handle];
  const std::uint64_t pfn = outcome.results[call.handle].pfn;
  if (call.order == machine::kOrderOfHandle && call.pfn == 0) return blocks_of(of, pfn);
  std::uint8_t order = call.order;
  if (order == machine::kOrderOfHandle) order = of.op == Op::kAlloc ? of.order : std::uint8_t{0};
  if (order <= model::kMaxOrder.value) blocks.add({pfn + call.pfn, order});
  return blocks;
}

namespace {

/// A block that was given out. Not `certain`: a free of the same frames was on its way when it was, and may
/// hit it (design, X3: a stale free).
struct Owned {
  Extent block;
  bool certain = true;
};

/// A free of one block on its way.
struct Freeing {
  std::uint8_t call = machine::kNoCall;  ///< None: the context is not freeing.
  Extent block;
  bool must_succeed = false;
  bool may_succeed = false;
  bool several = false;  ///< Of more than one block, or one that the list does not know.
};

class Owners final : public Judge {
 public:
  explicit Owners(bool of_frees) noexcept : of_frees_(of_frees) {}

  void on_call(std::uint8_t index) override {
    const machine::Call& made = call(index);
    if (machine::allocates(made.op)) {
      asking_[machine::where().context] = true;
      stale_.begin_allocation(machine::where().context);
      for (Freeing& it : freeing_) it.may_succeed = true;
    }
    if (made.op != Op::kFree) return;
    const Extents blocks = blocks_freed(trace(), index, machine().outcome());
    Freeing free{index, {}, false, true, true};
    if (blocks.all().size() == 1) {
      free.block = blocks.all().front();
      free.several = false;
      const Owned* const found = find(free.block);
      bool contested = false;
      for (Freeing& it : freeing_) {
        if (it.call == machine::kNoCall || (it.block != free.block && !it.several)) continue;
        contested = true;
        it.must_succeed = false;
        it.may_succeed = true;
      }
      const bool asked = std::any_of(asking_.begin(), asking_.end(), [](bool it) { return it; });
      free.may_succeed = found != nullptr || contested || asked || bulks_ || caches_;
      free.must_succeed = found != nullptr && found->certain && !contested;
    }
    forget(blocks);
    stale_.begin_free(machine::where().context, blocks);
    freeing_[machine::where().context] = free;
  }

  void on_answer(std::uint8_t index) override {
    const std::uint8_t context = machine::where().context;
    const machine::Call& made = call(index);
    if (made.op == Op::kFree) {
      if (of_frees_) judge_free(index, freeing_[context]);
      freeing_[context] = {};
      stale_.end(context);
    }
    if (!machine::allocates(made.op)) return;
    asking_[context] = false;
    if (status(index) != Status::kOk) return;
    if (made.op == Op::kBulk) bulks_ = true;
    const Extents given = blocks_of(made, result(index).pfn);
    for (const Extent& block : given.all()) {
      const bool stale = stale_.may_hit(context, block);
      for (const Owned& other : owned()) {
        if (stale) break;
        const bool apart = other.block.end() <= block.pfn || block.end() <= other.block.pfn;
        if (!apart && other.certain && !of_frees_) {
          object({index, "a frame was given out that has an owner; frame",
                  static_cast<std::int64_t>(block.pfn), 0});
        }
      }
      if (count_ != owned_.size()) owned_[count_++] = {block, !stale};
    }
  }

  void on_free_within(std::uint64_t pfn, std::uint8_t order) override {
    Extents blocks;
    blocks.add({pfn, order});
    forget(blocks);
    stale_.free({pfn, order});
    caches_ = true;
  }

 private:
  void reset() noexcept override {
    count_ = 0;
    asking_.fill(false);
    freeing_.fill({});
    stale_.reset();
    bulks_ = caches_ = false;
  }
  [[nodiscard]] std::span<const Owned> owned() const noexcept { return {owned_.data(), count_}; }
  [[nodiscard]] const Owned* find(const Extent& block) const noexcept {
    for (const Owned& it : owned()) {
      if (it.block == block) return &it;
    }
    return nullptr;
  }
  void forget(const Extents& blocks) noexcept {
    for (const Extent& block : blocks.all()) {
      for (std::size_t i = 0; i < count_; ++i) {
        if (owned_[i].block == block) owned_[i--] = owned_[--count_];
      }
    }
  }
  void judge_free(std::uint8_t index, const Freeing& free) noexcept {
    const Status answer = status(index);
    if (free.must_succeed && answer != Status::kOk) {
      object({index, "the free of a live block was refused; answer", static_cast<std::int64_t>(answer),
              static_cast<std::int64_t>(Status::kOk)});
    }
    if (!free.may_succeed && answer != Status::kBadArgument) {
      object({index, "the free of what is no live block was not answered bad_argument; answer",
              static_cast<std::int64_t>(answer), static_cast<std::int64_t>(Status::kBadArgument)});
    }
  }

  bool of_frees_;
  std::array<Owned, 256> owned_{};
  std::size_t count_ = 0;
  std::array<bool, machine::kMaxContexts> asking_{};
  std::array<Freeing, machine::kMaxContexts> freeing_{};
  StaleFrees stale_;
  bool bulks_ = false;   ///< Single frames that are not in the list have owners.
  bool caches_ = false;  ///< What others freed may be anything.
};

}  // namespace

std::unique_ptr<Judge> judge_owners() { return std::make_unique<Owners>(false); }
std::unique_ptr<Judge> judge_frees() { return std::make_unique<Owners>(true); }

}  // namespace labyrinth::properties
