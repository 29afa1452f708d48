// The declared step bounds: the most atomic accesses a call can make, as formulas of the geometry (N2, N3).
// They count the code branch by branch. An adversary can attain them, unless the zone's words are so small
// that losing a race leaves nothing to lose another one for.
//
//   L        levels of counters; fan(i): the most children of a node at level i
//   w, W     the most words in a chunk; the words of the zone
//   R, P, T  kRounds, kPatience, kPrepaidTries
//   g        2^(order-5), the words of a block
//   passes   2, a guided and a full one; without counters, only the full one
//   guided   the nodes of all levels, + 1 for each level above the chunks: the hint may split a node
//   C        collect: (4 + L) * the CPUs' lanes: a slot's load and exchange, a word's mark, its credits; and
//            where pageblocks may be set apart, for each of them its slot, its state twice, and the marks
//            and credits of its words. 0 where there is neither, and then all that is in [brackets] is 0 too
//   B        where content is grouped: 8 + 2 * the pageblocks looked at for a place to begin, and 0 elsewhere
//
// A zone is visited in two passes, down to the low mark and further. It is searched in one of them:
//
//   credits                 3 + [T2 * (C + 5)], T2 = kCollectTries: refused at the root, then moves seen, all
//                           collected, asked again, moves compared; 2 if they are granted where there is no C
//   visit to be refused     fast + credits
//   visit to be served      fast + credits + 1 + B + search + end
//
// where 3 and 2 are steps at the root, refused and granted, and 1 is the hint.
//
//   order 0    fast   = 1 + [1 + 2T]: slot and word; for each lost claim a look at the root
//              search = R*(sum fan(i) + L + w) + (R-1)*L + (P-R) + min(P-R, R*sum(fan(i)-1))
//              end    = max(L+1, 2 + [7 + 2L])
//     A round loads counters, takes a credit per level and loads words; if it fails it returns L credits.
//     Of P lost races, R are failed rounds. The others cost one step at a word, or two at a counter, whose
//     debit is undone; each child but the one that gives a credit can be lost once a round. At the end
//     everything is given back, or a frame is claimed, the hint moved, and a word prepaid.
//
//   order 1-4  search = guided + looks + min(P, looks)*2L + P, with looks = passes*W
//              end    = 1 + [1]
//     A word where races are lost costs a debit of the path and its return. At the end the root's credit
//     is given back; a success is dearer by the hint if it was in a prepaid word.
//
//   order 5-   search = guided + looks + min(P, blocks)*(2L + 2g-1)
//              end    = e + [1 + C + 3 + search + e + 1], e = 1, or 2 for order 5
//     blocks = passes * the whole blocks of the order, looks = blocks*g. A lost block costs debit and return,
//     g compare-exchanges, the last of them lost, and g-1 words undone; at the end the root's credit is given
//     back. A success, with g exchanges, the live bit and the hint, is dearer if g is 1.
//
// Where pageblocks may be set apart, a zone can be searched in each of two passes and again after the reserve
// was given back; a look at a prepaid word is another at its mark, and a success of order 1-4 sets a
// pageblock apart.
//
// A zone's release: 2 + L; for order 5 and above + g.
//
// The void adds its live bit, and a word per 64 frames for their poison; if it is unmapped, instead of the
// words a release for a block that cannot be mapped, or kLimboPutSteps for a free into limbo.
//
// A drain of at most n blocks: 2 + D + B + min(n, B) * (1 + release or kLimboPutSteps), where D are the words
// of limbo's set, and B the blocks that fit into the void, those of order 0 and those of 6: each is tried
// once.
//
// An allocation takes at most the sum
// of all zones; for order 0 also of a room, and of `fast` at its doorway, before its first zone. A free takes
// the most that any of them takes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "credits.hpp"
#include "layout.hpp"
#include "limbo.hpp"
#include "ownership.hpp"
#include "patience.hpp"
#include "prepaid.hpp"

namespace labyrinth {

// What of a zone the bounds depend on.
struct Shape {
  Geometry geometry;
  std::uint32_t cpus = 1;
  std::uint32_t lanes = 1;  // of each CPU: kinds of content kept apart
  std::uint32_t apart = 0;  // pageblocks that may be set apart
};

[[nodiscard]] constexpr bool has_slots(const Shape& zone) noexcept {
  return Prepaid::batch(zone.geometry, zone.cpus) != Frames{0};
}

// Whether there can be credits that the counters do not show.
[[nodiscard]] constexpr bool has_hidden(const Shape& zone) noexcept {
  return has_slots(zone) || zone.apart != 0;
}

[[nodiscard]] constexpr std::uint64_t give_back_steps(const Shape& zone) noexcept {
  const std::uint64_t words = words_of(zone.geometry.chunk_order);
  return zone.apart * (4 + words * (3 + std::uint64_t{zone.geometry.levels()}));
}

[[nodiscard]] constexpr std::uint64_t collect_steps(const Shape& zone) noexcept {
  const std::uint64_t slots = std::uint64_t{zone.cpus} * zone.lanes * (4 + zone.geometry.levels());
  return (has_slots(zone) ? slots : 0) + give_back_steps(zone);
}

[[nodiscard]] constexpr std::uint64_t at_hand_steps(const Shape& zone) noexcept {
  // Where nothing is ever prepaid, the slot is all that is looked at.
  return has_slots(zone) ? 2 + 2 * std::uint64_t{kPrepaidTries} : 1;
}

// To choose where to begin, and to claim a pageblock in the end.
[[nodiscard]] constexpr std::uint64_t placing_steps(const Shape& zone) noexcept {
  if (zone.lanes == 1) return 0;
  return 2 + 2 * std::uint64_t{std::min(zone.geometry.chunks(), kPlaces)} + 2 + 4;
}

[[nodiscard]] constexpr std::uint64_t set_apart_steps(const Shape& zone) noexcept {
  if (zone.apart == 0) return 0;
  const std::uint64_t words = words_of(zone.geometry.chunk_order);
  const std::uint64_t levels = zone.geometry.levels();
  const std::uint64_t undone = 1 + (kRootTakeSteps + 1) + levels + 1 + levels + 1 + 1;
  return 2 + 2 * std::uint64_t{zone.apart} + 1 + words * undone + 3 + levels;
}

[[nodiscard]] constexpr std::uint64_t frame_search_steps(const Shape& zone) noexcept {
  const Geometry& geometry = zone.geometry;
  const std::uint64_t levels = geometry.levels();
  std::uint64_t children = 0;
  for (Level level = 0; level < levels; ++level) children += std::min(kFanOut, geometry.nodes(level));
  // Chunk 1 stands for all chunks inside the zone; only the first and the last one may be smaller.
  std::uint64_t words = geometry.words_of_chunk(0).size();
  if (levels > 0) words = std::max<std::uint64_t>(words, geometry.words_of_chunk(1).size());

  const std::uint64_t races = kPatience - kRounds;
  const std::uint64_t counter_races = std::min(races, kRounds * (children - levels));
  const std::uint64_t prepay = has_slots(zone) ? 7 + 2 * levels : 0;
  return kRounds * (children + levels + words) + (kRounds - 1) * levels + races + counter_races +
         std::max<std::uint64_t>(levels + 1, 2 + prepay);
}

// Without the end.
[[nodiscard]] constexpr std::uint64_t block_search_steps(const Shape& zone, Order order) noexcept {
  const Geometry& geometry = zone.geometry;
  const std::uint64_t levels = geometry.levels();
  std::uint64_t guided = 0;
  for (Level level = 0; level < levels; ++level) guided += geometry.nodes(level) + (level > 0 ? 1 : 0);
  const std::uint64_t passes = levels > 0 ? 2 : 1;
  if (order <= kLargestInWord) {
    const std::uint64_t looks = passes * geometry.words().size();
    const std::uint64_t marks = zone.apart != 0 ? looks : 0;
    return guided + looks + marks + std::min<std::uint64_t>(kPatience, looks) * 2 * levels + kPatience;
  }
  // A block of a word or more is lost at most once per look: what took it left none in the word.
  const std::uint64_t blocks = passes * geometry.blocks_inside(order).size();
  const std::uint64_t words = words_of(order);
  return guided + blocks * words + std::min<std::uint64_t>(kPatience, blocks) * (2 * levels + 2 * words - 1);
}

// Taking credits at the root, or being refused there.
[[nodiscard]] constexpr std::uint64_t credit_steps(const Shape& zone) noexcept {
  const std::uint64_t refused = kRootTakeSteps + 1;
  if (!has_hidden(zone)) return refused;
  return refused + kCollectTries * (1 + collect_steps(zone) + refused + 1);
}

// All visits of a call to the zone, what is given back at a station of its own aside.
[[nodiscard]] constexpr std::uint64_t take_steps(const Shape& zone, Order order) noexcept {
  const std::uint64_t fast = order == Order{0} ? at_hand_steps(zone) : 0;
  const std::uint64_t refused = fast + credit_steps(zone);
  const std::uint64_t hint = 1;
  const std::uint64_t granted = has_hidden(zone) ? credit_steps(zone) : kRootTakeSteps;
  std::uint64_t served = fast + granted + hint + placing_steps(zone);
  if (order == Order{0}) {
    served += frame_search_steps(zone);
  } else {
    const std::uint64_t search = block_search_steps(zone, order);
    const std::uint64_t end = order == kWordOrder ? 2 : 1;
    served += search + end;
    if (order <= kLargestInWord && has_slots(zone)) ++served;
    if ((order > kLargestInWord && has_slots(zone)) || zone.apart != 0) {
      served += 1 + collect_steps(zone) + kRootTakeSteps + 1 + search + end + 1;
    }
  }
  if (zone.apart == 0) return refused + served;
  return 3 * served + refused + set_apart_steps(zone);
}

// `count` searches without an end of their own, after each a lost race for the rest of its word, the hint,
// and all but one undone by releases.
[[nodiscard]] constexpr std::uint64_t bulk_steps(const Shape& zone, std::uint32_t count) noexcept {
  const std::uint64_t levels = zone.geometry.levels();
  const std::uint64_t release = 1 + levels + 1;
  const std::uint64_t hint = 2;
  const std::uint64_t more = 2 * levels + 1;
  const std::uint64_t search =
      hint + placing_steps(zone) + count * (frame_search_steps(zone) + more) + 1 + (count - 1) * release;
  if (zone.apart == 0) return 2 * credit_steps(zone) + search;
  return 3 * (credit_steps(zone) + search);
}

// Cutting off the tail of a block takes no more: the live bit, the words behind the cut, the credits.
[[nodiscard]] constexpr std::uint64_t release_steps(const Geometry& geometry, Order order) noexcept {
  const std::uint64_t words = order.value > kLargestInWord.value ? words_of(order) : 0;
  return 1 + words + geometry.levels() + 1;
}

[[nodiscard]] constexpr std::uint64_t drain_steps(const Geometry& geometry, std::uint64_t most) noexcept {
  const std::uint64_t frames = geometry.frames.size();
  const std::uint64_t blocks =
      frames + (geometry.max_order > kWordOrder ? frames >> (kWordOrder.value + 1) : 0);
  const std::uint64_t settle = 1 + std::max(release_steps(geometry, geometry.max_order), kLimboPutSteps);
  return 2 + Limbo::Places(geometry).count() + blocks + std::min(most, blocks) * settle;
}

}  // namespace labyrinth
