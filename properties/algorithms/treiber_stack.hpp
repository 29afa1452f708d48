// Treiber's stack (IBM RJ 5118, 1986) of numbered nodes that are pushed again after they were popped. Without
// a tag beside the head, a pop does not notice that the head went and came back (ABA).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "../machine_fixture.hpp"

namespace labyrinth::machine::testing {

/// `kHead`: the order in which a pop reads the head.
template <bool kTagged, int kHead = kAcquire>
class TreiberStack {
 public:
  static constexpr std::uint32_t kNone = 0;

  void push(std::uint32_t node) {
    for (;;) {
      const std::uint32_t head = head_.load(kRelaxed);
      next_[node].store(head % kNodes, kRelaxed);
      if (head_.compare_exchange(head, changed(head, node), false)) return;
    }
  }
  std::uint32_t pop() {
    for (;;) {
      const std::uint32_t head = head_.load(kHead);
      const std::uint32_t node = head % kNodes;
      if (node == kNone) return kNone;
      const std::uint32_t next = next_[node].load(kRelaxed);
      if (head_.compare_exchange(head, changed(head, next), false)) return node;
    }
  }
  /// From the top, while nobody else uses the stack.
  [[nodiscard]] std::string content() const {
    std::string nodes;
    for (std::uint32_t node = head_.peek() % kNodes; node != kNone && nodes.size() < kNodes;
         node = next_[node].peek())
      nodes += std::to_string(node);
    return nodes;
  }

 private:
  static constexpr std::uint32_t kNodes = 8;
  static constexpr std::uint32_t changed(std::uint32_t head, std::uint32_t node) {
    return kTagged ? (head / kNodes + 1) * kNodes + node : node;
  }
  Location head_;
  std::array<Location, kNodes> next_;
};

}  // namespace labyrinth::machine::testing
