// The declared step bounds: the most atomic accesses a call can make, as formulas of the geometry (N2, N3).
// They count the code branch by branch. An adversary can attain them, unless the zone's words are so small
// that losing a race leaves nothing to lose another one for.
//
//   L        levels of counters; fan(i): the most children of a node at level i
//   w, W     the most words in a chunk; the words of the zone
//   R, P     kRounds, kPatience
//   g        2^(order-5), the words of a block
//   passes   2, a guided and a full one; without counters, only the full one
//   guided   the nodes of all levels, + 1 for each level above the chunks: the hint may split a node
//
// A zone's take: 3 + search + end, where the 3 are the hint and the two steps at the root; and before it, in
// the pass down to the low mark, 3 at the root to be refused. A zone is searched in one of the two passes
// only.
//
//   order 0    search = R*(sum fan(i) + L + w) + (R-1)*L + (P-R) + min(P-R, R*sum(fan(i)-1))
//              end    = max(L+1, 2)
//     A round loads counters, takes a credit per level and loads words; if it fails it returns L credits.
//     Of P lost races, R are failed rounds. The others cost one step at a word, or two at a counter, whose
//     debit is undone; each child but the one that gives a credit can be lost once a round. At the end
//     everything is given back, or a frame is claimed and the hint moved.
//
//   order 1-4  search = guided + looks + min(P, looks)*2L + P, with looks = passes*W
//              end    = 1
//     A word where races are lost costs a debit of the path and its return. At the end the root's credit
//     is given back; a success is never dearer.
//
//   order 5-   search = guided + looks + min(P, blocks)*(2L + 2g-1)
//              end    = 1
//     blocks = passes * the whole blocks of the order, looks = blocks*g (for order 5: passes*W). A lost
//     block costs debit and return, g compare-exchanges, the last of them lost, and g-1 words undone.
//
// A zone's release: 2 + L; for order 6 and above + g.
//
// The void adds its live bit, and a word per 64 frames for their poison. An allocation takes at most the sum
// of all zones, and of a room for order 0; a free the most that any of them takes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "credits.hpp"
#include "layout.hpp"
#include "ownership.hpp"
#include "patience.hpp"

namespace labyrinth {

[[nodiscard]] constexpr std::uint64_t frame_search_steps(const Geometry& geometry) noexcept {
  const std::uint64_t levels = geometry.levels();
  std::uint64_t children = 0;
  for (Level level = 0; level < levels; ++level) children += std::min(kFanOut, geometry.nodes(level));
  // Chunk 1 stands for all chunks inside the zone; only the first and the last one may be smaller.
  std::uint64_t words = geometry.words_of_chunk(0).size();
  if (levels > 0) words = std::max<std::uint64_t>(words, geometry.words_of_chunk(1).size());

  const std::uint64_t races = kPatience - kRounds;
  const std::uint64_t counter_races = std::min(races, kRounds * (children - levels));
  return kRounds * (children + levels + words) + (kRounds - 1) * levels + races + counter_races +
         std::max<std::uint64_t>(levels + 1, 2);
}

[[nodiscard]] constexpr std::uint64_t block_search_steps(const Geometry& geometry, Order order) noexcept {
  const std::uint64_t levels = geometry.levels();
  std::uint64_t guided = 0;
  for (Level level = 0; level < levels; ++level) guided += geometry.nodes(level) + (level > 0 ? 1 : 0);
  const std::uint64_t passes = levels > 0 ? 2 : 1;
  const std::uint64_t root_return = 1;
  const std::uint64_t word_looks = passes * geometry.words().size();
  if (order < kWordOrder) {
    return guided + word_looks + std::min<std::uint64_t>(kPatience, word_looks) * 2 * levels + kPatience +
           root_return;
  }
  // A block of a word or more is lost at most once per look: what took it left none in the word.
  const std::uint64_t blocks = passes * geometry.blocks_inside(order).size();
  const std::uint64_t words = words_of(order);
  const std::uint64_t looks = order == kWordOrder ? word_looks : blocks * words;
  return guided + looks + std::min<std::uint64_t>(kPatience, blocks) * (2 * levels + 2 * words - 1) +
         root_return;
}

[[nodiscard]] constexpr std::uint64_t take_steps(const Geometry& geometry, Order order) noexcept {
  const std::uint64_t hint_load = 1;
  return kRootTakeSteps + 1 + hint_load + kRootTakeSteps +
         (order == Order{0} ? frame_search_steps(geometry) : block_search_steps(geometry, order));
}

[[nodiscard]] constexpr std::uint64_t release_steps(const Geometry& geometry, Order order) noexcept {
  const std::uint64_t words = order > kWordOrder ? words_of(order) : 0;
  return 1 + words + geometry.levels() + 1;
}

}  // namespace labyrinth
