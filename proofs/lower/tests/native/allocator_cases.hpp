// The cases of the native test that are the allocator's own: its pure functions, and two of its classes over
// a small storage. Part of cases.cpp.
#pragma once

#include <cstdint>

#include "credits.cpp"  // NOLINT(bugprone-suspicious-include): lowered in one unit
#include "entitlement.hpp"
#include "labyrinth/model/context.hpp"
#include "labyrinth/model/entitlement.hpp"
#include "ownership.cpp"  // NOLINT(bugprone-suspicious-include): as above
#include "ownership_word.hpp"

namespace {

using Inputs = const std::uint64_t*;
using labyrinth::Frames;
using labyrinth::Gfp;
using labyrinth::Order;

template <typename T>
T cut(std::uint64_t value) {
  return static_cast<T>(value);
}

template <typename T>
std::uint64_t wide(T value) {
  return static_cast<std::uint64_t>(value);
}

std::uint64_t words(Inputs in, unsigned char* /*memory*/) {
  using namespace labyrinth;
  const Order order{cut<std::uint32_t>(in[1] % 5)};
  const std::uint32_t start = cut<std::uint32_t>(in[2] % 32) >> order.value << order.value;
  std::uint64_t all = used_frames(in[0]) * 3 + free_count(in[0]) + free_blocks(in[0], order);
  const FreeFrames lowest = lowest_free(in[0], cut<std::uint32_t>(in[3] % 40));
  all = all * 31 + lowest.bits + lowest.count + node_bit(order, start);
  all = all * 31 + node_start(order, node_bit(order, start)) + node_order(node_bit(order, start)).value;
  const auto begin = cut<std::uint32_t>(in[4] % 33);
  const auto end = begin + cut<std::uint32_t>(in[5] % (33 - begin));
  return all * 31 + fenced_word(begin, end) + pieces(0, cut<std::uint32_t>(in[3] % 32) + 1);
}

std::uint64_t entitlements(Inputs in, unsigned char* /*memory*/) {
  using namespace labyrinth;
  const Gfp gfp{cut<std::uint32_t>(in[0])};
  const Watermarks marks{{cut<std::int32_t>(in[1])}, {cut<std::int32_t>(in[2])}, {0}};
  const Pass pass = (in[3] & 1) != 0 ? Pass::kLow : Pass::kMin;
  std::uint64_t all = (is_known(gfp) ? 1u : 0u) + (sets_apart(gfp) ? 2u : 0u) +
                      (draws_on_highatomic(gfp) ? 4u : 0u) + (names_room(gfp) ? 8u : 0u) +
                      16u * highest_zone(gfp);
  all = all * 31 + wide(floor_of(gfp, pass, marks, Frames{cut<std::int32_t>(in[4])}).value);
  const auto zone = model::highest_zone(model::Gfp{gfp.bits});
  return all * 31 + (zone ? wide(*zone) + 1 : 0) + (model::sets_apart(model::Gfp{gfp.bits}) ? 1 : 0);
}

std::uint64_t credits(Inputs in, unsigned char* memory) {
  using namespace labyrinth;
  const Geometry geometry(in[0] % 100, in[1] % 2000 + 1, Order{cut<std::uint32_t>(in[2] % 6)});
  Credits tree(geometry, reinterpret_cast<std::byte*>(memory));
  std::uint64_t all = 0;
  for (std::uint32_t i = 0; i < 4; ++i) {
    Patience patience;
    ChunkIndex chunk = 0;
    all = all * 31 + (tree.take_from_root(Frames{1}, Frames{cut<std::int64_t>(in[3] % 8)}) ? 1 : 0);
    const auto hint = cut<ChunkIndex>(in[4 + i % 2] % geometry.chunks());
    if (tree.descend(hint, patience, chunk)) all = all * 31 + chunk;
    if ((in[5] >> i & 1) != 0) tree.credit_path(chunk, Frames{1});
    all = all * 31 + patience.left() + tree.next_promising(hint, 0, geometry.chunks(), Frames{32});
  }
  return all + wide(tree.root().value);
}

std::uint64_t ownership(Inputs in, unsigned char* memory) {
  using namespace labyrinth;
  const Geometry geometry(in[0] % 40, 512 + in[1] % 512, Order{7});
  auto* const storage = reinterpret_cast<std::byte*>(memory);
  Ownership owned(geometry, storage, storage + 1024);
  std::uint64_t all = 0;
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto word = cut<WordIndex>((in[2] >> (4 * i)) % 16);
    const Order order{cut<std::uint32_t>((in[3] >> (3 * i)) % 5)};
    Patience patience;
    Word seen = owned.look(word);
    const Offset frame = owned.claim_in_word(word, seen, order, 1u << order.value, patience);
    all = all * 31 + frame + seen;
    if (frame != kNoFrame && (in[4] >> i & 1) != 0) all = all * 31 + wide(owned.release(frame, order));
    const auto any = cut<Offset>((in[5] >> (5 * i)) % 512) >> order.value << order.value;
    all = all * 31 + wide(owned.release(any, order));
  }
  Patience patience;
  all = all * 31 + (owned.claim_words(1, Order{6}, 64, patience) ? 1 : 0) +
        (owned.are_words_free(2, Order{6}) ? 2 : 0);
  return all;
}

}  // namespace
