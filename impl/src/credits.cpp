// The credit tree's operations; the invariants they keep are in credits.hpp.
//
// Memory orders: every change of a counter is acq_rel, so that the changes of one counter happen one before
// the other. A free clears its bit and credits the lower nodes before it credits a node; whoever takes that
// credit there has these steps behind it, so that I3 holds for what it reads below. Loads of the nodes are
// relaxed: they only choose where to try. That of the root is an acquire, since refusals rest on it.
#include "credits.hpp"

namespace labyrinth {

Credits::Credits(const Geometry& geometry, std::byte* memory) noexcept
    : levels_(geometry.levels()), root_(Frames{geometry.frames.size()}) {
  for (Level level = 0; level < levels_; ++level) {
    node_counts_[level] = geometry.nodes(level);
    for (std::uint32_t i = 0; i < node_counts_[level]; ++i) {
      const std::uint32_t shift = geometry.chunk_order.value + kFanOutBits * level;
      // 64 bits: the last node of the highest level may end beyond the largest offset.
      const std::uint64_t end = std::min<std::uint64_t>((std::uint64_t{i} + 1) << shift, geometry.frames.end);
      const Range frames = Range{i << shift, static_cast<Offset>(end)}.intersect(geometry.frames);
      CreditNode* const created = ::new (memory) CreditNode(Frames{frames.size()});
      if (i == 0) nodes_[level] = created;
      memory += sizeof(CreditNode);
    }
  }
}

bool Credits::take_from_root(Frames need, Frames floor) noexcept {
  // Acquire: pairs with every change of the counter. Whoever is refused asks moves() next, and must find
  // there all moves but the last of those that made the counter what it is.
  const Frames seen{root_.count.load(std::memory_order_acquire)};
  if (seen - need < floor) return false;
  // acq_rel: pairs with return_to_root; what the frees behind this credit cleared is visible from here on.
  const Frames old{root_.count.fetch_sub(need.value, std::memory_order_acq_rel)};
  if (old - need >= floor) return true;
  return_to_root(need);
  return false;
}

void Credits::return_to_root(Frames need) noexcept {
  // acq_rel: pairs with take_from_root.
  root_.count.fetch_add(need.value, std::memory_order_acq_rel);
}

std::uint32_t Credits::take_from_child(Level level, std::uint32_t parent, std::uint32_t first_choice,
                                       Patience& patience) noexcept {
  const std::uint32_t first = parent << kFanOutBits;
  const std::uint32_t count = std::min(kFanOut, node_counts_[level] - first);
  std::uint32_t child = first_choice < count ? first_choice : 0;
  for (std::uint32_t tried = 0; tried < count; ++tried) {
    std::atomic<std::int32_t>& credits = nodes_[level][first + child].count;
    if (credits.load(std::memory_order_relaxed) >= 1) {  // a hint; the next step decides
      // acq_rel: pairs with credit_from and the fetch_add below.
      if (credits.fetch_sub(1, std::memory_order_acq_rel) >= 1) return first + child;
      credits.fetch_add(1, std::memory_order_acq_rel);  // pairs with the fetch_sub above
      patience.lose_race();
      if (patience.is_gone()) return kNone;
    }
    child = child + 1 == count ? 0 : child + 1;
  }
  return kNone;
}

bool Credits::descend(ChunkIndex hint, Patience& patience, ChunkIndex& chunk) noexcept {
  std::uint32_t parent = 0;
  for (Level level = levels_; level-- > 0;) {
    const std::uint32_t first_choice = (hint >> (kFanOutBits * level)) % kFanOut;
    const std::uint32_t child = take_from_child(level, parent, first_choice, patience);
    if (child == kNone) {
      if (level + 1 < levels_) credit_from(level + 1, parent << (kFanOutBits * (level + 1)), Frames{1});
      return false;
    }
    parent = child;
  }
  chunk = parent;
  return true;
}

void Credits::debit_path(ChunkIndex chunk, Frames need) noexcept {
  for (Level level = levels_; level-- > 0;) {
    // acq_rel: pairs with credit_from.
    node(level, chunk).count.fetch_sub(static_cast<std::int32_t>(need.value), std::memory_order_acq_rel);
  }
}

void Credits::credit_path(ChunkIndex chunk, Frames need) noexcept { credit_from(0, chunk, need); }

void Credits::credit_from(Level level, ChunkIndex chunk, Frames need) noexcept {
  for (; level < levels_; ++level) {
    // acq_rel: pairs with take_from_child and debit_path.
    node(level, chunk).count.fetch_add(static_cast<std::int32_t>(need.value), std::memory_order_acq_rel);
  }
}

ChunkIndex Credits::next_promising(ChunkIndex chunk, ChunkIndex begin, ChunkIndex end,
                                   Frames need) const noexcept {
  while (chunk < end) {
    bool promising = true;
    for (Level level = levels_; level-- > 0 && promising;) {
      const ChunkIndex size = ChunkIndex{1} << (kFanOutBits * level);
      if (chunk != begin && chunk % size != 0) continue;
      if (node(level, chunk).count.load(std::memory_order_relaxed) <
          need.value) {  // a hint, re-checked by a full look
        chunk = chunk - chunk % size + size;
        promising = false;
      }
    }
    if (promising) return chunk;
  }
  return end;
}

}  // namespace labyrinth
