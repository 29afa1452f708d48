// The queue of Michael and Scott (PODC 1996, figure 1) with counted pointers, so that nodes can be used
// again.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "../machine_fixture.hpp"

namespace labyrinth::machine::testing {

enum class Queue : std::uint8_t {
  kCorrect,
  kStoresLink,     ///< Links the new node by a store: someone else's node may stand there by now.
  kPassesTheTail,  ///< A dequeue does not look whether the tail is behind: it points to a node given back.
};

template <Queue kVariant>
class MichaelScottQueue {
 public:
  struct Taken {
    std::uint32_t value;
    std::uint32_t node;  ///< Free for another use.
  };

  /// Node 1 is the dummy.
  MichaelScottQueue() {
    head_.store(1, kRelaxed);
    tail_.store(1, kRelaxed);
  }

  void enqueue(std::uint32_t node, std::uint32_t value) {
    value_[node].store(value, kRelaxed);
    next_[node].store(changed(next_[node].load(kRelaxed), 0), kRelaxed);
    for (;;) {
      const std::uint32_t tail = tail_.load(kAcquire);
      Location& link = next_[tail % kNodes];
      const std::uint32_t next = link.load(kAcquire);
      if (tail != tail_.load(kAcquire)) continue;
      if (next % kNodes != 0) {
        tail_.compare_exchange(tail, changed(tail, next), false);
        continue;
      }
      if (kVariant == Queue::kStoresLink) {
        link.store(changed(next, node), kRelease);
      } else if (!link.compare_exchange(next, changed(next, node), false)) {
        continue;
      }
      tail_.compare_exchange(tail, changed(tail, node), false);
      return;
    }
  }

  std::optional<Taken> dequeue() {
    for (;;) {
      const std::uint32_t head = head_.load(kAcquire);
      const std::uint32_t tail = tail_.load(kAcquire);
      const std::uint32_t next = next_[head % kNodes].load(kAcquire);
      if (head != head_.load(kAcquire)) continue;
      if (next % kNodes == 0) return std::nullopt;
      if (kVariant != Queue::kPassesTheTail && head % kNodes == tail % kNodes) {
        tail_.compare_exchange(tail, changed(tail, next), false);
        continue;
      }
      const std::uint32_t value = value_[next % kNodes].load(kRelaxed);
      if (head_.compare_exchange(head, changed(head, next), false)) return Taken{value, head % kNodes};
    }
  }

  /// From the oldest, while nobody else uses the queue.
  [[nodiscard]] std::string content() const {
    std::string values;
    for (std::uint32_t node = next_[head_.peek() % kNodes].peek() % kNodes;
         node != 0 && values.size() < kNodes; node = next_[node].peek() % kNodes)
      values += std::to_string(value_[node].peek());
    return values;
  }

 private:
  static constexpr std::uint32_t kNodes = 4;  ///< 0 is none.
  /// The pointer to the node that follows upon that one: its count tells them apart.
  static constexpr std::uint32_t changed(std::uint32_t pointer, std::uint32_t node) {
    return (pointer / kNodes + 1) * kNodes + node % kNodes;
  }
  Location head_, tail_;
  std::array<Location, kNodes> next_, value_;
};

}  // namespace labyrinth::machine::testing
