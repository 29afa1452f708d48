// Whether a call can have found no free block of its order (`fragmented`), by precedence alone.
//
// Looking for a block takes time: it was taken when it was looked at, and need not have been when others
// were. So each block is an object of its own, and no instant is sought at which none was free.
#include "linearize_search.hpp"

namespace labyrinth::machine {

using model::Block;
using model::PoolSet;
using model::Status;

namespace {

[[nodiscard]] bool meet(const Block& left, const Block& right) noexcept {
  const auto end = [](const Block& block) {
    return block.pfn.value + static_cast<std::uint64_t>(block.order.frames().count);
  };
  return left.pfn.value < end(right) && right.pfn.value < end(left);
}

}  // namespace

/// Whether nobody can have owned a frame of it at any instant of the call: whatever was taken without the
/// call coming first had been given back before the call.
bool CountSearch::was_free_throughout(std::uint8_t operation, const Block& block) const noexcept {
  const auto operations = history_->operations();
  int owners = 0;
  for (const Block& live : history_->live()) owners += meet(live, block) ? 1 : 0;
  for (std::uint8_t i = 0; i < lineup_->count; ++i) {
    const Operation& other = operations[i];
    if (i == operation || !answered(i) || other.answer.status != Status::kOk) continue;
    if (other.is_free) {
      const bool ended_before = (operations[operation].before >> i & 1U) != 0;
      if (ended_before && other.order_exists && meet(other.block, block)) --owners;
    } else if ((other.before >> operation & 1U) == 0) {
      for (const Block& given : history_->given(other)) owners += meet(given, block) ? 1 : 0;
    }
  }
  return owners <= 0;
}

/// E2: no more blocks stayed free than the calls that overlapped it could hold.
bool CountSearch::can_be_fragmented(std::uint8_t operation, std::uint8_t pool) const noexcept {
  const auto operations = history_->operations();
  const Operation& asked = operations[operation];
  const model::Order order = asked.request.order;
  std::int64_t holdable = 0;
  for (std::uint8_t i = 0; i < lineup_->count; ++i) {
    const Operation& other = operations[i];
    const bool ordered = (asked.before >> i & 1U) != 0 || (other.before >> operation & 1U) != 0;
    if (i == operation || ordered || other.is_free || fixed_[i].need.count == 0) continue;
    if ((other.open >> pool & 1U) == 0) continue;
    const int larger = other.request.order.value - order.value;
    holdable += (larger > 0 ? std::int64_t{1} << larger : 1) * other.request.count;
    // Of the drift, what a single frame leaves (as Checker::hold()).
    const model::Frames rest = history_->memory().pools[pool].batch - model::Frames{1};
    if (other.request.order == model::Order{0} && rest.count > 0 && order.frames() >= rest) ++holdable;
  }
  const model::Span& span = history_->memory().pools[pool].span;
  const auto size = static_cast<std::uint64_t>(order.frames().count);
  const std::uint64_t end = span.first.value + static_cast<std::uint64_t>(span.frames.count);
  std::int64_t free = 0;
  for (std::uint64_t pfn = (span.first.value + size - 1) & ~(size - 1); pfn + size <= end; pfn += size) {
    if (was_free_throughout(operation, {{pfn}, order}) && ++free > holdable) return false;
  }
  return true;
}

PoolSet CountSearch::find_fragmented(std::uint8_t operation) const noexcept {
  if (fixed_[operation].need.count == 0) return 0;
  PoolSet result = 0;
  for (std::uint8_t pool = 0; pool < history_->memory().pool_count; ++pool) {
    const bool open = (history_->operations()[operation].open >> pool & 1U) != 0;
    if (open && can_be_fragmented(operation, pool)) result |= PoolSet{1} << pool;
  }
  return result;
}

}  // namespace labyrinth::machine
