// A cache's credits: how many of its objects may still be taken, in all (the root) and below each node of its
// tree of frame groups. The lowest counter, a slab's own, is in the frame's state (object_frames.hpp).
//
// The invariants are those of the page allocator's credits, at every node and at every instant:
//
//   I1  counter = free objects in the slabs below the node - objects that calls in progress hold at the node.
//       So a counter never overstates what is free.
//   I2  A call that holds objects at a node holds at least as many at every node above it: credits are taken
//       root first and returned slab first. An allocation holds one. A free holds its object at each node
//       until it has credited that node. A call that brings a slab in holds all of it but the object it
//       keeps, likewise; one that gives a slab back takes all of it, root first, before it claims it.
//   I3  When a call's conditional take of one object leaves a node's counter at 0 or more, then one of the
//       node's children, or of a group's slabs, has one free for it. By I2 all calls together hold at the
//       children no more than at the node, less this call's own object:
//       sum(children) = free - held at children >= free - (held at node - 1) = counter + 1 >= 1.
//
// By I3 a call that finds nothing below its credit met another context that moved after the take: that is a
// lost race, never exhaustion. Exclusion needs none of this: the live bits alone decide it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "object_layout.hpp"
#include "patience.hpp"

namespace labyrinth::objects {

inline constexpr GroupIndex kNoGroup = UINT32_MAX;
inline constexpr std::uint64_t kRootTakeSteps = 3;  // of which the last only if the take is refused

class Credits {
 public:
  // Constructs the nodes in `memory`, which has room for all levels of the geometry; no object is free yet.
  Credits(const Geometry& geometry, std::byte* memory) noexcept;

  Credits(const Credits&) = delete;
  Credits& operator=(const Credits&) = delete;

  // Takes `need` objects' credit from the root unless less than `floor` would be left.
  [[nodiscard]] bool take_from_root(std::int64_t need, std::int64_t floor) noexcept;
  void return_to_root(std::int64_t need) noexcept;

  // Takes one credit per level on the way to a group, starting at the path to `hint`; kNoGroup, with nothing
  // held, if races were lost. The caller holds one credit at the root.
  [[nodiscard]] GroupIndex descend(GroupIndex hint, Patience& patience) noexcept;

  // Takes from, or returns to, every node between the root and the group: one step per level. The debit is
  // unconditional: counters may go negative, but never overstate.
  void debit_path(GroupIndex group, std::int64_t need) noexcept;
  void credit_path(GroupIndex group, std::int64_t need) noexcept { credit_from(0, group, need); }

  // The first group from `group` on that no counter rules out for `need` objects; kNoGroup if none is left.
  // Going on behind each answer, beginning with group 0, reads each node at most once.
  [[nodiscard]] GroupIndex next_promising(GroupIndex group, std::int64_t need) const noexcept;

  // Whether the root has `need` objects' credit just now.
  [[nodiscard]] bool may_have(std::int64_t need) const noexcept;

 private:
  using Counter = std::atomic<std::int64_t>;

  [[nodiscard]] Counter& node(Level level, GroupIndex group) const noexcept {
    return nodes_[level][group >> (kFanOutBits * level)];
  }
  // The child of `parent` (a node of level + 1) that gave one credit, or kNoGroup.
  [[nodiscard]] std::uint32_t take_from_child(Level level, std::uint32_t parent, std::uint32_t first_choice,
                                              Patience& patience) noexcept;
  void credit_from(Level level, GroupIndex group, std::int64_t need) noexcept;

  const GroupIndex groups_;
  const Level levels_;
  std::array<Counter*, kMaxLevels> nodes_{};
  std::array<std::uint32_t, kMaxLevels> node_counts_{};
  // On a line of its own: all CPUs write it, and read what lies beside it.
  alignas(kLine) Counter root_{0};
};

}  // namespace labyrinth::objects
