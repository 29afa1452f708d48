// Blocks that live from the start: how a target is brought there, and what the run knows of them.
//
// A target chooses its frames itself, so those wanted are waited for: all blocks of the order are taken, one
// after another, until the wanted ones have been among them, and the others are given back; the largest
// orders first, while there are whole blocks of them. Then largest blocks are asked for until one is refused:
// before that a target gives up what it keeps in caches, so that runs begin without. That is part of creating
// the target, as what create() does: no strategy is asked, no access is counted, and every run starts from
// there.
#include <algorithm>
#include <bit>
#include <bitset>
#include <cstring>

#include "access.hpp"
#include "program.hpp"

namespace labyrinth::machine {

using model::Block;
using model::Order;
using model::Status;

bool Program::bring_about(std::span<const Block> wanted) noexcept {
  const model::Memory& memory = prepared_->memory;
  std::array<std::uint16_t, model::kMaxPools> orders{};  // bit per order that is wanted there
  for (const Block& block : wanted) {
    const auto pool = memory.pool_of(block.pfn, block.order);
    if (!pool) return false;
    orders[*pool] = static_cast<std::uint16_t>(orders[*pool] | 1U << block.order.value);
  }
  for (std::uint8_t pool = 0; pool < memory.pool_count; ++pool) {
    for (std::uint8_t order = model::kMaxOrder.value + 1; order-- > 0;) {
      if ((orders[pool] >> order & 1U) == 0) continue;
      if (!bring_about(wanted, memory.pools[pool], {order})) return false;
    }
    if (orders[pool] != 0 && !empty_caches(memory.pools[pool])) return false;
  }
  return true;
}

/// False: the target gives more than there is, or does not take it back.
bool Program::empty_caches(const model::Pool& pool) noexcept {
  const auto fits =
      static_cast<std::uint8_t>(std::bit_width(static_cast<std::uint64_t>(pool.span.frames.count)) - 1);
  const std::uint8_t order = std::min(fits, geometry_.max_order);
  std::bitset<kMaxFrames> taken;
  const auto taken_until_refused = [&] {
    for (std::uint64_t tries = (geometry_.frames() >> order) + 1; tries != 0; --tries) {
      labyrinth_target_answer answer{};
      target_->alloc(prepared_->self, drain_gfp(pool).bits, order, &answer);
      if (answer.status != LABYRINTH_TARGET_OK) return true;
      const std::uint64_t offset = answer.pfn - geometry_.first_pfn;
      if (offset >= geometry_.frames() || taken.test(offset)) return false;
      taken.set(offset);
    }
    return false;
  };
  return taken_until_refused() && give_back(taken, {order});
}

bool Program::give_back(const std::bitset<kMaxFrames>& first_frames, Order order) noexcept {
  for (std::uint64_t offset = 0; offset < geometry_.frames(); ++offset) {
    if (!first_frames.test(offset)) continue;
    labyrinth_target_answer answer{};
    target_->free(prepared_->self, geometry_.first_pfn + offset, order.value, &answer);
    if (answer.status != LABYRINTH_TARGET_OK) return false;
  }
  return true;
}

/// Those of one order in one pool. False: the target does not give them, or gives what it has given already.
bool Program::bring_about(std::span<const Block> wanted, const model::Pool& pool, Order order) noexcept {
  const auto is_here = [&](const Block& block) {
    return block.order == order &&
           prepared_->memory.pool_of(block.pfn, order) == prepared_->memory.pool_of(pool.span.first, {0});
  };
  const auto is_wanted = [&](const Block& block) { return std::ranges::find(wanted, block) != wanted.end(); };
  auto missing = std::ranges::count_if(wanted, is_here);
  std::bitset<kMaxFrames> taken;  // first frames of what was answered
  bool good = true;
  // Every block there is, of this order, is answered at most once.
  for (std::uint64_t tries = (geometry_.frames() >> order.value) + 1; missing != 0 && tries != 0; --tries) {
    labyrinth_target_answer answer{};
    target_->alloc(prepared_->self, drain_gfp(pool).bits, order.value, &answer);
    if (answer.status != LABYRINTH_TARGET_OK) break;
    const std::uint64_t offset = answer.pfn - geometry_.first_pfn;
    const Block block{{answer.pfn}, order};
    good =
        offset < geometry_.frames() && !taken.test(offset) &&
        std::ranges::none_of(
            wanted,
            [&](const Block& it) {
              return order < it.order && block.pfn.value >> it.order.value == it.pfn.value >> it.order.value;
            });
    if (!good) break;
    taken.set(offset);
    if (is_wanted(block)) --missing;
  }
  for (const Block& block : wanted) {
    if (is_here(block)) taken.reset(block.pfn.value - geometry_.first_pfn);
  }
  return good && missing == 0 && give_back(taken, order);
}

/// As if allocations had been answered, long before all contexts.
void Program::begin_live() noexcept {
  const auto live = prepared_->live();
  for (std::uint8_t i = 0; i < prepared_->live_count; ++i) {
    const Block& block = live[i];
    outcome_->results[i] = {.state = CallResult::State::kAnswered, .pfn = block.pfn.value};
    given_[i].blocks[0] = block;
    given_[i].count = 1;
    answered_at_[i] = Clock{};
    owner_[block.pfn.value - geometry_.first_pfn] = i;
    if (watches_content_) leave_content(block);
  }
}

}  // namespace labyrinth::machine
