// The declared step bounds of small objects: the most atomic accesses, to this metadata or the page
// allocator's, that a call can make, as formulas of the geometry and of the page allocator's own bounds (N2,
// N3). They count the code branch by branch.
//
//   L        levels of counters; fan(i): the most children of a node at level i
//   F        the most frames in a group
//   R, P     kRounds, kPatience
//   page, unpage   the page allocator's bounds for one frame, without reclaim
//
// retire: max(3, 2 + L + 1 + max(unpage, L + 1)): refused at the root; or taken there and along the path,
//         closed and given back, or lost and returned.
// return: 1 + L + 1 + retire: the slab, the path, the root.
//
// alloc:  max(3 + page + max(unpage, 3 + L + 1 + 1), 2 + 1 + search + end)
//   The root's refusal; the page, and either it has to go back, or the slab is opened, credited, and the hint
//   moved. Or the root's credit, the hint, and then
//     search = R*(sum fan(i) + 2L + F) + 1 + R*words + 1 + 2P
//     end    = max(1, return)
//   A round of the descent loads counters, takes a credit per level and looks at states; if it fails it
//   returns L credits. One state's credit is taken. A round over a frame's words loads them; one bit is
//   claimed. A lost race costs one step at a state or a word, two at a counter, whose debit is undone. At the
//   end the hint is moved, the root's credit is given back, or the slab's and all above it.
//
// free:   1 + 1 + 1 + max(return, 1 + the page allocator's dearest free): a cache's check, the bit, the
// state;
//         a slab's object, or a block's state and its frames.
// trim:   for each cache 1 + all nodes + frames*(1 + retire).
#pragma once

#include <algorithm>
#include <cstdint>

#include "object_credits.hpp"
#include "object_layout.hpp"
#include "patience.hpp"

namespace labyrinth::objects {

// The page allocator's bounds that these rest on.
struct PageSteps {
  std::uint64_t alloc = 0;       // of one frame
  std::uint64_t free = 0;        // of one frame
  std::uint64_t free_block = 0;  // of the dearest order
};

[[nodiscard]] constexpr std::uint64_t retire_steps(const Geometry& geometry,
                                                   const PageSteps& pages) noexcept {
  const std::uint64_t levels = geometry.levels();
  return std::max<std::uint64_t>(kRootTakeSteps, 2 + levels + 1 + std::max(pages.free, levels + 1));
}

[[nodiscard]] constexpr std::uint64_t return_steps(const Geometry& geometry,
                                                   const PageSteps& pages) noexcept {
  return 1 + geometry.levels() + 1 + retire_steps(geometry, pages);
}

[[nodiscard]] constexpr std::uint64_t search_steps(const Geometry& geometry) noexcept {
  const std::uint64_t levels = geometry.levels();
  std::uint64_t round = 2 * levels + std::min(kFanOut, geometry.frames);
  for (Level level = 0; level < levels; ++level) round += std::min(kFanOut, geometry.nodes(level));
  const std::uint64_t words = kWordsPerFrame;
  return kRounds * round + 1 + kRounds * words + 1 + std::uint64_t{2} * kPatience;
}

[[nodiscard]] constexpr std::uint64_t alloc_steps(const Geometry& geometry, const PageSteps& pages) noexcept {
  const std::uint64_t open = 3 + geometry.levels() + 1 + 1;
  const std::uint64_t grow = kRootTakeSteps + pages.alloc + std::max(pages.free, open);
  return std::max(grow, 2 + 1 + search_steps(geometry) + return_steps(geometry, pages));
}

// `alloc` and `free` are the page allocator's bounds for the block's order.
[[nodiscard]] constexpr std::uint64_t alloc_block_steps(std::uint64_t alloc, std::uint64_t free) noexcept {
  return alloc + std::max<std::uint64_t>(2, free);  // made live, or given back
}

[[nodiscard]] constexpr std::uint64_t free_steps(const Geometry& geometry, const PageSteps& pages) noexcept {
  return 3 + std::max(return_steps(geometry, pages), 1 + pages.free_block);
}

[[nodiscard]] constexpr std::uint64_t trim_steps(const Geometry& geometry, const PageSteps& pages,
                                                 CacheIndex caches) noexcept {
  return caches * (1 + geometry.all_nodes() + geometry.frames * (1 + retire_steps(geometry, pages)));
}

}  // namespace labyrinth::objects
