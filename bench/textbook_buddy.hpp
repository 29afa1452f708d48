// The buddy allocator of the textbooks (Knuth, TAOCP 2.5): a list of free blocks for each order, splitting
// and merging one order at a time, one mutex around all of it. A yardstick: it may sleep.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

namespace labyrinth::bench {

class TextbookBuddy {
 public:
  static constexpr std::uint32_t kMaxOrder = 10;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // `frames` is a multiple of the largest block.
  explicit TextbookBuddy(std::uint32_t frames) : nodes_(frames) {
    lists_.fill(kNone);
    for (std::uint32_t first = 0; first < frames; first += 1u << kMaxOrder) push(first, kMaxOrder);
  }

  // The first frame, or kNone.
  [[nodiscard]] std::uint32_t alloc(std::uint32_t order) {
    const std::scoped_lock guard(mutex_);
    std::uint32_t from = order;
    while (from <= kMaxOrder && lists_[from] == kNone) ++from;
    if (from > kMaxOrder) return kNone;
    const std::uint32_t first = lists_[from];
    remove(first);
    while (from > order) {
      --from;
      push(first + (1u << from), from);
    }
    return first;
  }

  void free(std::uint32_t first, std::uint32_t order) {
    const std::scoped_lock guard(mutex_);
    for (; order < kMaxOrder; ++order) {
      const std::uint32_t buddy = first ^ 1u << order;
      if (nodes_[buddy].free_order != order) break;
      remove(buddy);
      first &= ~(1u << order);
    }
    push(first, order);
  }

 private:
  struct Node {
    std::uint32_t next = kNone;
    std::uint32_t previous = kNone;
    std::uint32_t free_order = kNone;  // of the free block that begins here
  };

  void push(std::uint32_t first, std::uint32_t order) {
    nodes_[first] = {lists_[order], kNone, order};
    if (lists_[order] != kNone) nodes_[lists_[order]].previous = first;
    lists_[order] = first;
  }

  void remove(std::uint32_t first) {
    Node& node = nodes_[first];
    if (node.previous == kNone) {
      lists_[node.free_order] = node.next;
    } else {
      nodes_[node.previous].next = node.next;
    }
    if (node.next != kNone) nodes_[node.next].previous = node.previous;
    node.free_order = kNone;
  }

  std::mutex mutex_;
  std::vector<Node> nodes_;
  std::array<std::uint32_t, kMaxOrder + 1> lists_{};
};

}  // namespace labyrinth::bench
