// The states from which a search has found no way on: a set of fixed capacity that is emptied at no cost.
#pragma once

#include <cstdint>
#include <memory>

namespace labyrinth::machine {

/// `State` has `hash()` and `==`.
template <class State, std::uint32_t kCapacity>
class DeadStates {
  static_assert((kCapacity & (kCapacity - 1)) == 0);

 public:
  DeadStates() : slots_(std::make_unique<Slot[]>(kCapacity)) {}

  void clear() noexcept {
    ++round_;
    count_ = 0;
  }
  /// No more can be remembered; a search goes no further, or it could take for ever.
  [[nodiscard]] bool full() const noexcept { return count_ >= kCapacity / 2; }
  [[nodiscard]] bool contains(const State& state) const noexcept {
    if (count_ == 0) return false;
    return slots_[find(state)].round == round_;
  }
  void add(const State& state) noexcept {
    Slot& slot = slots_[find(state)];
    if (slot.round == round_) return;
    slot.round = round_;
    slot.state = state;
    ++count_;
  }

 private:
  struct Slot {
    std::uint64_t round = 0;
    State state{};
  };
  /// Where the state is, or may be put.
  [[nodiscard]] std::uint32_t find(const State& state) const noexcept {
    auto at = static_cast<std::uint32_t>(state.hash()) & (kCapacity - 1);
    while (slots_[at].round == round_ && !(slots_[at].state == state)) at = (at + 1) & (kCapacity - 1);
    return at;
  }

  std::unique_ptr<Slot[]> slots_;
  std::uint64_t round_ = 0;
  std::uint32_t count_ = 0;
};

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) noexcept {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15U;  // Fibonacci hashing (Knuth, TAOCP 3, 6.4)
  return hash ^ (hash >> 32);
}

}  // namespace labyrinth::machine
