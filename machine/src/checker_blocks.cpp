// What the checker knows of blocks and pageblocks: which blocks stayed free throughout a call, and how many
// free frames can have been set apart for others.
//
// Only the target knows which pageblocks it has set apart. The model permits it those in which a request that
// may do so was served, as many as the zone may have: a refusal is right if it is right for some choice of
// them.
#include <algorithm>
#include <bit>

#include "checker.hpp"

namespace labyrinth::machine {

using model::Frames;
using model::Pool;

namespace {

struct Blocks {
  std::uint64_t first;  ///< Number of the first block of this order that touches the span.
  std::uint64_t end;
};

[[nodiscard]] Blocks pageblocks_of(const Pool& pool, model::Order order) noexcept {
  const std::uint64_t end = pool.span.first.value + static_cast<std::uint64_t>(pool.span.frames.count);
  return {pool.span.first.value >> order.value, ((end - 1) >> order.value) + 1};
}

}  // namespace

void Checker::hit(model::Pfn pfn) noexcept {
  const std::uint64_t block =
      (pfn.value >> memory_->pageblock.value) - (memory_->span().first.value >> memory_->pageblock.value);
  hit_[block / 64] |= std::uint64_t{1} << (block % 64);
  any_hit_ = true;
}

bool Checker::may_have_set_apart(std::uint64_t pageblock) const noexcept {
  if (setting_apart_ != 0) return true;
  const std::uint64_t block = pageblock - (memory_->span().first.value >> memory_->pageblock.value);
  return (hit_[block / 64] >> (block % 64) & 1U) != 0;
}

/// Frames in [first, end) of blocks whose free is in progress: it may have taken effect, and they may have
/// been set apart with what else was free there. As what such a free holds is so many frames and not these
/// (E2), it goes on holding as many others: least_unheld stays without them, as it does where they are given
/// out (owe()).
std::int64_t Checker::being_freed(std::uint64_t first, std::uint64_t end) const noexcept {
  std::int64_t sum = 0;
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    const Open& open = open_[static_cast<std::size_t>(std::countr_zero(left))];
    if (!open.is_free || !open.order_exists || open.owed || !state_.is_block(open.block)) continue;
    if (open.block.pfn.value < first || open.block.pfn.value >= end) continue;
    bool counted = false;  // Of several frees of one block, which is somebody's error, one takes effect.
    for (unsigned before = in_progress_ & ~left; before != 0 && !counted; before &= before - 1) {
      const Open& other = open_[static_cast<std::size_t>(std::countr_zero(before))];
      counted = other.is_free && other.order_exists && !other.owed && other.block == open.block;
    }
    if (!counted) sum += open.block.order.frames().count;
  }
  return sum;
}

/// The frames that are free, or may be, of the pageblocks that hold the most, as many as may be set apart.
Frames Checker::most_apart(std::uint8_t index) const noexcept {
  const Pool& pool = memory_->pools[index];
  if (pool.highatomic == 0 || (!any_hit_ && setting_apart_ == 0)) return {};
  std::array<std::int64_t, 65> most{};  // falling
  const std::size_t count = std::min<std::size_t>(pool.highatomic, most.size() - 1);
  const Blocks blocks = pageblocks_of(pool, memory_->pageblock);
  const std::uint64_t begin = pool.span.first.value;
  const std::uint64_t end = begin + static_cast<std::uint64_t>(pool.span.frames.count);
  for (std::uint64_t block = blocks.first; block < blocks.end; ++block) {
    if (!may_have_set_apart(block)) continue;
    const std::uint64_t first = std::max(begin, block << memory_->pageblock.value);
    const std::uint64_t last = std::min(end, (block + 1) << memory_->pageblock.value);
    most[count] = state_.free_within({first}, last - first).count + being_freed(first, last);
    for (std::size_t i = count; i > 0 && most[i] > most[i - 1]; --i) std::swap(most[i], most[i - 1]);
  }
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += most[i];
  return {sum};
}

/// To be called whenever it may have become more.
void Checker::note_apart() noexcept {
  for (std::uint8_t pool = 0; pool < memory_->pool_count; ++pool) {
    if (memory_->pools[pool].highatomic == 0) continue;
    const auto asks = [pool](const Open& open) {
      return !open.is_free && (open.seen.open >> pool & 1U) != 0;
    };
    bool asked = false;
    each_open([&](const Open& open) { asked = asked || asks(open); });
    if (!asked) continue;
    const Frames apart = most_apart(pool);
    each_open([&](Open& open) {
      Frames& most = open.seen.pools[pool].most_apart;
      if (asks(open)) most = std::max(most, apart);
    });
  }
}

/// Whether a free in progress, part of whose block was given out again, may still own the rest: who frees a
/// block of several words does so word by word.
bool Checker::may_be_owned_yet(const model::Block& block) const noexcept {
  for (unsigned left = in_progress_; left != 0; left &= left - 1) {
    const Open& open = open_[static_cast<std::size_t>(std::countr_zero(left))];
    if (open.is_free && open.owed && meet(open.block, block)) return true;
  }
  return false;
}

/// E2: blocks of the call's order that stayed free from its beginning on: free now, and not made free since.
Checker::FreeBlocks Checker::free_throughout(const Open& open, const Pool& pool) const noexcept {
  const model::Order order = open.request.order;
  const auto size = static_cast<std::uint64_t>(order.frames().count);
  const std::uint64_t end = pool.span.first.value + static_cast<std::uint64_t>(pool.span.frames.count);
  FreeBlocks result{};
  std::int64_t within = 0;    // of all, in pageblocks that may have been set apart
  std::int64_t in_block = 0;  // of those, in the present pageblock
  std::int64_t most = 0;      // that one pageblock has
  std::uint64_t last_block = ~std::uint64_t{0};
  for (std::uint64_t pfn = (pool.span.first.value + size - 1) & ~(size - 1); pfn + size <= end; pfn += size) {
    bool free = state_.free({{pfn}, order});
    for (std::uint16_t i = open.freed_before; free && i < freed_count_; ++i) {
      const std::uint64_t start = freed_[i].pfn.value;
      const auto frames = static_cast<std::uint64_t>(freed_[i].order.frames().count);
      free = start + frames <= pfn || pfn + size <= start;
    }
    for (const Limbo::Entry& entry : limbo_.entries()) {
      if (!free || (open.counts_limbo && entry.born <= open.limbo_before)) continue;
      free = !meet(entry.block, {{pfn}, order});
    }
    free = free && !may_be_owned_yet({{pfn}, order});
    if (!free) continue;
    ++result.all;
    const std::uint64_t block = pfn >> memory_->pageblock.value;
    if (pool.highatomic == 0 || !may_have_set_apart(block)) continue;
    ++within;
    in_block = block == last_block ? in_block + 1 : 1;
    last_block = block;
    most = std::max(most, in_block);
  }
  result.outside = result.all - std::min(within, most * pool.highatomic);
  return result;
}

}  // namespace labyrinth::machine
