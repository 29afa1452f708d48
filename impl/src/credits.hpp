// The credit tree: how many frames may still be taken, from the zone (the root) and below each node.
//
// Invariants, at every node and at every instant:
//
//   I1  counter = free frames below the node - frames that calls in progress hold at the node. So a
//       counter never overstates what is free.
//   I2  A call that holds frames at a node holds at least as many at every node above it: credits are
//       taken root first and returned chunk first. (A claim turns what is held along the whole path into
//       a block; a free holds its block's frames at each node until it has credited that node.)
//   I3  When a call's conditional take of one frame leaves a node's counter at 0 or more, then one of the
//       node's children, or one of a chunk's frames, is free for it. By I2 all calls together hold at the
//       children no more than at the node, less this call's own frame:
//       sum(children) = free - held at children >= free - (held at node - 1) = counter + 1 >= 1.
//
// By I3 a call that finds nothing below its credit met another context that moved after the take: that
// is a lost race, never exhaustion. Exclusion needs none of this: the ownership words alone decide it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <new>

#include "labyrinth/types.hpp"
#include "layout.hpp"
#include "patience.hpp"

namespace labyrinth {

struct alignas(kCacheLine) CreditNode {
  explicit CreditNode(Frames frames) noexcept : count(static_cast<std::int32_t>(frames.value)) {}

  std::atomic<std::int32_t> count;
};
static_assert(sizeof(CreditNode) == kCacheLine);

// On a line of its own: all CPUs write it, and read what lies beside it.
struct alignas(kCacheLine) Root {
  explicit Root(Frames frames) noexcept : count(frames.value) {}

  std::atomic<std::int64_t> count;
  std::atomic<std::uint32_t> moves{0};
};

class Credits {
 public:
  // Constructs the nodes in `memory`, which has room for all levels of the geometry; every frame is free.
  Credits(const Geometry& geometry, std::byte* memory) noexcept;

  Credits(const Credits&) = delete;
  Credits& operator=(const Credits&) = delete;

  // Takes `need` from the zone unless less than `floor` would be left. At most kRootTakeSteps, and one more
  // to be refused.
  [[nodiscard]] bool take_from_root(Frames need, Frames floor) noexcept;
  void return_to_root(Frames need) noexcept;
  // The zone's counter. Relaxed: orders nothing. Calls in progress may hold more than is free for an instant.
  [[nodiscard]] Frames root() const noexcept { return Frames{root_.count.load(std::memory_order_relaxed)}; }

  // How often credits have gone from the counters into a word where the counters do not show them. Whoever is
  // refused at the root, after having brought all such credits back, was refused for good reason if none went
  // there meanwhile. Told after the word can be found, and before the call that moved them answers.
  void tell_move() noexcept {
    // Release: pairs with moves().
    root_.moves.fetch_add(1, std::memory_order_release);
  }
  [[nodiscard]] std::uint32_t moves() const noexcept {
    // Acquire: pairs with tell_move(); who sees the move finds the word.
    return root_.moves.load(std::memory_order_acquire);
  }

  // Takes one credit per level on the way to a chunk with a free frame, starting at the hint's path; false,
  // with nothing held, if races were lost. The caller holds one credit at the root.
  [[nodiscard]] bool descend(ChunkIndex hint, Patience& patience, ChunkIndex& chunk) noexcept;

  // Takes from, or returns to, every node between the root and the chunk: one step per level. The debit is
  // unconditional: counters may go negative, but never overstate.
  void debit_path(ChunkIndex chunk, Frames need) noexcept;
  void credit_path(ChunkIndex chunk, Frames need) noexcept;

  // The first chunk of [chunk, end) that no counter above or at it rules out. `begin` is where the caller's
  // walk through this range began: higher nodes are looked at there and where their part of the tree begins.
  [[nodiscard]] ChunkIndex next_promising(ChunkIndex chunk, ChunkIndex begin, ChunkIndex end,
                                          Frames need) const noexcept;

  // The chunk's counter. Relaxed: a hint, or, where the zone is one chunk and has none, nothing.
  [[nodiscard]] Frames seen(ChunkIndex chunk) const noexcept {
    if (levels_ == 0) return Frames{};
    return Frames{nodes_[0][chunk].count.load(std::memory_order_relaxed)};
  }

  [[nodiscard]] Level levels() const noexcept { return levels_; }

 private:
  [[nodiscard]] CreditNode& node(Level level, ChunkIndex chunk) const noexcept {
    return nodes_[level][chunk >> (kFanOutBits * level)];
  }
  // The child of `parent` (a node of level + 1) that gave one credit, or kNone.
  [[nodiscard]] std::uint32_t take_from_child(Level level, std::uint32_t parent, std::uint32_t first_choice,
                                              Patience& patience) noexcept;
  void credit_from(Level level, ChunkIndex chunk, Frames need) noexcept;

  static constexpr std::uint32_t kNone = UINT32_MAX;

  Level levels_;
  std::array<CreditNode*, kMaxLevels> nodes_{};
  std::array<std::uint32_t, kMaxLevels> node_counts_{};
  Root root_;
};

inline constexpr std::uint64_t kRootTakeSteps = 2;

}  // namespace labyrinth
