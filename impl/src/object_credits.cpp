// The operations on a cache's credits; the invariants they keep are in object_credits.hpp.
//
// Memory orders: every change of a counter is acq_rel, so that the changes of one counter happen one before
// the other. A free clears its bit and credits the slab and the lower nodes before it credits a node; whoever
// takes that credit there has these steps behind it, so that I3 holds for what it reads below. Loads are
// relaxed: they only choose where to try, and a refusal that rests on one needs no more than coherence.
#include "object_credits.hpp"

#include <algorithm>
#include <new>

namespace labyrinth::objects {

Credits::Credits(const Geometry& geometry, std::byte* memory) noexcept
    : groups_(geometry.groups()), levels_(geometry.levels()) {
  for (Level level = 0; level < levels_; ++level) {
    node_counts_[level] = geometry.nodes(level);
    for (std::uint32_t i = 0; i < node_counts_[level]; ++i) {
      Counter* const created = ::new (memory) Counter(0);
      if (i == 0) nodes_[level] = created;
      memory += sizeof(Counter);
    }
  }
}

bool Credits::take_from_root(std::int64_t need, std::int64_t floor) noexcept {
  if (!may_have(need + floor)) return false;
  // acq_rel: pairs with return_to_root; what the frees behind this credit cleared is visible from here on.
  if (root_.fetch_sub(need, std::memory_order_acq_rel) - need >= floor) return true;
  return_to_root(need);
  return false;
}

void Credits::return_to_root(std::int64_t need) noexcept {
  root_.fetch_add(need, std::memory_order_acq_rel);  // acq_rel: pairs with take_from_root.
}

bool Credits::may_have(std::int64_t need) const noexcept {
  // Relaxed: a refusal needs only coherence.
  return root_.load(std::memory_order_relaxed) >= need;
}

std::uint32_t Credits::take_from_child(Level level, std::uint32_t parent, std::uint32_t first_choice,
                                       Patience& patience) noexcept {
  const std::uint32_t first = parent << kFanOutBits;
  const std::uint32_t count = std::min(kFanOut, node_counts_[level] - first);
  std::uint32_t child = first_choice < count ? first_choice : 0;
  for (std::uint32_t tried = 0; tried < count; ++tried) {
    Counter& credits = nodes_[level][first + child];
    if (credits.load(std::memory_order_relaxed) >= 1) {  // relaxed: a hint; the next step decides
      // acq_rel: pairs with credit_from and the fetch_add below.
      if (credits.fetch_sub(1, std::memory_order_acq_rel) >= 1) return first + child;
      credits.fetch_add(1, std::memory_order_acq_rel);  // pairs with the fetch_sub above
      patience.lose_race();
      if (patience.is_gone()) return kNoGroup;
    }
    child = child + 1 == count ? 0 : child + 1;
  }
  return kNoGroup;
}

GroupIndex Credits::descend(GroupIndex hint, Patience& patience) noexcept {
  std::uint32_t parent = 0;
  for (Level level = levels_; level-- > 0;) {
    const std::uint32_t first_choice = (hint >> (kFanOutBits * level)) % kFanOut;
    const std::uint32_t child = take_from_child(level, parent, first_choice, patience);
    if (child == kNoGroup) {
      if (level + 1 < levels_) credit_from(level + 1, parent << (kFanOutBits * (level + 1)), 1);
      return kNoGroup;
    }
    parent = child;
  }
  return parent;
}

void Credits::debit_path(GroupIndex group, std::int64_t need) noexcept {
  for (Level level = levels_; level-- > 0;) {
    node(level, group).fetch_sub(need, std::memory_order_acq_rel);  // pairs with credit_from
  }
}

void Credits::credit_from(Level level, GroupIndex group, std::int64_t need) noexcept {
  for (; level < levels_; ++level) {
    // acq_rel: pairs with take_from_child and debit_path.
    node(level, group).fetch_add(need, std::memory_order_acq_rel);
  }
}

GroupIndex Credits::next_promising(GroupIndex group, std::int64_t need) const noexcept {
  while (group < groups_) {
    bool promising = true;
    for (Level level = levels_; level-- > 0 && promising;) {
      const GroupIndex size = GroupIndex{1} << (kFanOutBits * level);
      if (group % size != 0) continue;
      // Relaxed: it chooses where to try.
      if (node(level, group).load(std::memory_order_relaxed) < need) {
        group += size;
        promising = false;
      }
    }
    if (promising) return group;
  }
  return kNoGroup;
}

}  // namespace labyrinth::objects
