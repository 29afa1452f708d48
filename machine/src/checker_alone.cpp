// Calls that overlap no other one, which most are: what the relation asks of their answers, without the
// evidence that only others could have changed.
//
// What is accepted here the full rules accept: each condition below is the one that model/relation.hpp comes
// down to when all evidence of a pool is the frames that are free now. What is not accepted is not yet
// wrong: the call is begun again as one of several, from the same state, and judged by the full rules.
#include <bit>

#include "checker.hpp"

namespace labyrinth::machine {

using model::Block;
using model::Pass;
using model::Status;

/// Nothing that the checker keeps has changed since it began.
void Checker::begin_among_others() noexcept {
  const std::uint8_t context = alone_;
  const Open& mine = open_[context];
  alone_ = kNoCall;
  in_progress_ = 0;
  // Copies: what these stand in is cleared.
  const Block block = mine.block;
  const model::Request request = mine.request;
  if (mine.is_free) {
    begin_free_among_others(context, block.pfn, block.order, mine.order_exists);
  } else {
    begin_allocation_among_others(context, request, alone_on_);
  }
}

/// The same questions come again and again, in this run and in others on this machine. Of where a request is
/// made, most of it makes no difference to most requests.
const Checker::Entitled& Checker::entitled(const model::Request& request, std::uint32_t cpus) noexcept {
  const model::Situation& where = request.situation;
  const bool here = !request.gfp.has(model::kDirectReclaim) || model::may_sleep(where);
  const unsigned owner =
      model::names_room(request.gfp)
          ? static_cast<unsigned>(where.level) << 1 | static_cast<unsigned>(std::countr_zero(cpus)) << 3
          : 0;
  const std::uint64_t key = request.gfp.bits | std::uint64_t{request.order.value} << 32 |
                            std::uint64_t{owner | (here ? 1U : 0U)} << 40;
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  Entitled& known = entitled_[((key ^ machine_) * kOdd) >> 56];
  if (known.key == key && known.machine == machine_) [[likely]]
    return known;
  known = {.machine = machine_, .key = key};
  const model::Memory& memory = *memory_;
  known.open = model::open_pools(memory, request.gfp, cpus, where.level);
  known.understood = model::sensible(memory, request, known.open);
  known.here = here;
  known.wakes = request.gfp.has(model::kKswapdReclaim);
  known.may_fail = !request.gfp.has(model::kNofail);
  if (!known.understood || !std::has_single_bit(known.open)) return known;
  known.pool = static_cast<std::uint8_t>(std::countr_zero(known.open));
  const model::Pool& pool = memory.pools[known.pool];
  known.one_pool = pool.kind != model::PoolKind::kRoom;
  known.low = static_cast<std::int32_t>(model::floor_of(request.gfp, Pass::kLow, pool).count);
  known.min = static_cast<std::int32_t>(model::floor_of(request.gfp, Pass::kMin, pool).count);
  return known;
}

/// Of an allocation: it is answered, and what it was given is taken.
bool Checker::allocates_rightly(std::uint8_t context, const model::Answer& answer,
                                std::span<const Block> blocks) noexcept {
  Open& mine = open_[context];
  if (mine.request.count != 1 || mine.request.gives_back || !std::has_single_bit(alone_on_)) return false;
  const Entitled& may = entitled(mine.request, alone_on_);
  const auto settled = [&] {
    mine.seen.open = may.open;
    alone_ = kNoCall;
    in_progress_ = 0;
    return true;
  };
  placed_ = 0;
  if (answer.status == Status::kBadArgument) return !may.understood && !answer.wake && settled();
  if (answer.status == Status::kBadContext) return !may.here && !answer.wake && settled();
  if (!may.one_pool || !may.here) return false;
  Count& count = counts_[may.pool];
  const std::int64_t left = count.free.count - mine.request.order.frames().count;
  if (answer.status == Status::kExhausted)
    return left < may.min && may.may_fail && answer.wake == may.wakes && settled();
  if (answer.status != Status::kOk || blocks.size() != 1) return false;
  const Block& block = blocks[0];
  if (block != Block{answer.pfn, mine.request.order}) return false;
  if (!memory_->pools[may.pool].span.contains(block.pfn, block.order)) return false;
  if (!model::aligned(block.pfn, block.order)) return false;
  // The first pass serves as long as it can; the second one, which is tried only then, wakes.
  const bool in_second = left < may.low;
  if (left < may.min || answer.wake != (in_second && may.wakes) || !state_.free(block)) return false;
  state_.take(block);
  count.free -= block.order.frames();
  placed_ = 1;
  return settled();
}

/// Of a free: it is answered, and its block is nobody's.
bool Checker::frees_rightly(std::uint8_t context, Status status) noexcept {
  const Open& mine = open_[context];
  if (status != (mine.lived ? Status::kOk : Status::kBadArgument)) return false;
  if (mine.lived) {
    state_.release(mine.block);
    counts_[pool_of(mine.block)].free += mine.block.order.frames();
  }
  alone_ = kNoCall;
  in_progress_ = 0;
  return true;
}

}  // namespace labyrinth::machine
