// Local mappings: push and pop on the stack of the context that runs.
//
// A context is never concurrent with itself, and a handler has another stack than what it interrupts, so
// nothing here is contended, and slot n of a stack is its n-th entry's, whatever happens in between. `depth`
// is atomic for two reasons: handlers of one CPU and level have one stack, one after another; and a debugger
// may look at any instruction. Signal fences order the entries for both.
#pragma once

#include <atomic>
#include <cstdint>

#include "labyrinth/mapping.h"
#include "labyrinth/types.hpp"

namespace labyrinth::mapping {

class LocalStack {
 public:
  static constexpr std::uint64_t kSteps = 2;  // of a push, or of a pop

  explicit LocalStack(labyrinth_map_stack& stack) noexcept : stack_(stack), depth_(stack.depth) {}

  [[nodiscard]] std::uint32_t depth() const noexcept {
    const std::uint32_t depth = depth_.load(std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_acquire);  // with those of push and pop
    return depth;
  }
  [[nodiscard]] std::uint32_t slot(std::uint32_t entry) const noexcept { return stack_.first_slot + entry; }
  [[nodiscard]] const labyrinth_map_entry& entry(std::uint32_t index) const noexcept {
    return stack_.entries[index];
  }

  void push(std::uint32_t depth, const labyrinth_map_entry& entry) noexcept {
    stack_.entries[depth] = entry;
    std::atomic_signal_fence(std::memory_order_release);  // with depth()
    depth_.store(depth + 1, std::memory_order_relaxed);
  }
  // The entry is gone before its slot reaches nothing: who looks in between finds no entry that lies.
  void pop(std::uint32_t depth) noexcept {
    std::atomic_signal_fence(std::memory_order_release);  // with depth()
    depth_.store(depth - 1, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_release);
  }

 private:
  labyrinth_map_stack& stack_;
  std::atomic_ref<std::uint32_t> depth_;
};

}  // namespace labyrinth::mapping
