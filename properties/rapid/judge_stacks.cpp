// C2: local mappings as a stack for each context, and nothing more.
#include "judge.hpp"

namespace labyrinth::properties {
namespace {

using machine::Op;
using model::Status;

class Stacks final : public Judge {
 public:
  void on_answer(std::uint8_t index) override {
    const machine::Call& made = call(index);
    Stack& stack = stacks_[machine::where().context];
    if (made.op == Op::kMapLocal || made.op == Op::kMapAtomic) {
      const bool full = stack.depth == trace().geometry.map.depth;
      const Status answer = status(index);
      if (answer == Status::kBadArgument) return;  // A frame that there is not.
      if (answer != (full ? Status::kExhausted : Status::kOk))
        return object({index, "a local mapping is refused exactly if the stack is full; answer, depth",
                       static_cast<std::int64_t>(answer), stack.depth});
      if (result(index).slept) object({index, "a local mapping slept", 1, 0});
      if (!full) stack.held[stack.depth++] = {result(index).address, made.op};
    } else if (made.op == Op::kUnmapLocal || made.op == Op::kUnmapAtomic) {
      const Op way = made.op == Op::kUnmapLocal ? Op::kMapLocal : Op::kMapAtomic;
      const std::uint64_t address = result(made.handle).address;
      const bool newest = stack.depth != 0 && stack.held[stack.depth - 1U].address == address &&
                          stack.held[stack.depth - 1U].op == way;
      const Status answer = status(index);
      if (answer != (newest ? Status::kOk : Status::kBadArgument))
        return object({index,
                       "an unmapping succeeds exactly if it is of the newest mapping; answer, expected",
                       static_cast<std::int64_t>(answer),
                       static_cast<std::int64_t>(newest ? Status::kOk : Status::kBadArgument)});
      if (newest) --stack.depth;
    }
  }

 private:
  struct Held {
    std::uint64_t address = 0;
    Op op = Op::kMapLocal;
  };
  struct Stack {
    std::array<Held, machine::kMaxMapDepth> held{};
    std::uint8_t depth = 0;
  };
  void reset() noexcept override { stacks_.fill({}); }
  std::array<Stack, machine::kMaxContexts> stacks_{};
};

}  // namespace

std::unique_ptr<Judge> judge_stacks() { return std::make_unique<Stacks>(); }

}  // namespace labyrinth::properties
