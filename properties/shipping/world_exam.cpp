// X4, with the world stopped: nothing is lost.
#include <array>

#include "complaints.hpp"
#include "labyrinth/snapshot.h"
#include "world.hpp"

namespace labyrinth::shipping {
namespace {

constexpr Gfp kEverything = kMemalloc | kMovable | kHighmem;

}  // namespace

std::string World::snapshot() const {
  std::array<char, 8192> text{};
  const std::size_t size = labyrinth_snapshot_text(pages_.handle(), text.data(), text.size());
  return {text.data(), std::min(size, text.size() - 1)};
}

std::uint64_t World::blocks_to_be_had(Order order) const {
  std::vector<Block> blocks;
  for (const Gfp gfp : {kEverything, kMemalloc | kExclusive}) {
    for (;;) {
      Block block = pages_.alloc_block(gfp, order);
      if (!block) break;
      blocks.push_back(std::move(block));
    }
  }
  const std::uint64_t count = blocks.size();
  blocks.clear();  // unmaps, where the void does: nothing stays in limbo
  return count;
}

void World::examine(std::uint64_t round) {
  reclaimer_.stop();  // It has done all that it was woken for.
  look_for_what_is_missing(round);
  start_reclaimer();
}

void World::look_for_what_is_missing(std::uint64_t round) {
  objects_.trim();
  std::uint64_t drained = 0;
  if (pages_.drain(UINT64_MAX, drained) != Status::kOk) complaints().add("X4", "a drain was refused");
  // Orders in turn: all of them at each stop would be most of the time.
  const std::uint64_t last = shape_.max_order;
  for (const std::uint64_t order : {last, std::uint64_t{0}, round % (last + 1)}) {
    const std::uint64_t count = blocks_to_be_had(Order{static_cast<std::uint32_t>(order)});
    if (count == blocks_at_start_[order]) continue;
    complaints().add(
        "X4", "with everything freed and drained there were {} blocks of order {}, and {} at the start",
        count, order, blocks_at_start_[order]);
  }
  const std::string now = snapshot();
  if (now == at_start_) return;
  const auto [old_at, new_at] = std::mismatch(at_start_.begin(), at_start_.end(), now.begin(), now.end());
  const auto line_of = [](const std::string& text, auto at) {
    const std::size_t where = static_cast<std::size_t>(at - text.begin());
    const std::size_t begin = where == 0 ? 0 : text.rfind('\n', where - 1) + 1;
    return text.substr(begin, text.find('\n', where) - begin);
  };
  complaints().add("X4",
                   "with everything freed and drained the snapshot says `{}`, and said `{}` at the start",
                   line_of(now, new_at), line_of(at_start_, old_at));
}

}  // namespace labyrinth::shipping
