// X4 at the end of a run: nothing is lost. What is live is freed, and then everything can be taken.
#include <algorithm>

#include "coverage.hpp"
#include "frames.hpp"
#include "labyrinth/machine/capabilities.hpp"
#include "program.hpp"

namespace labyrinth::machine {

using model::Block;
using model::Clause;
using model::Gfp;
using model::Order;
using model::Pfn;
using model::Status;

std::uint32_t maximal_blocks(const model::Span& span, model::Order max_order,
                             std::span<std::uint32_t> blocks) noexcept {
  std::uint32_t sum = 0;
  const std::uint64_t end = span.first.value + static_cast<std::uint64_t>(span.frames.count);
  for (std::uint64_t pfn = span.first.value; pfn < end && sum <= kMaxDrainBlocks; ++sum) {
    std::uint8_t order = 0;
    while (order < max_order.value && pfn % (std::uint64_t{2} << order) == 0 &&
           end - pfn >= (std::uint64_t{2} << order)) {
      ++order;
    }
    ++blocks[order];
    pfn += std::uint64_t{1} << order;
  }
  return sum;
}

/// X4: take back what is mapped, free what is live, then take everything, the largest blocks first: since all
/// is free, the zone's maximal aligned blocks must come out whatever the placement, and then nothing more.
void Program::drain() noexcept {
  if (prepared_->mapper != nullptr) drain_mappings();
  for (std::uint8_t i = 0; i < trace_->call_count; ++i) {
    const CallResult& result = outcome_->results[i];
    if (!allocates(trace_->call_storage[i].op) || result.state != CallResult::State::kAnswered) continue;
    if (result.status != LABYRINTH_TARGET_OK) continue;
    for (const Block& block : given_[i].span()) {
      if (!checker_.state().is_block(block)) continue;
      core.begin_call(kNoCall, declared_steps({.op = Op::kFree}, block.order.value), !unmaps());
      const Status status = free_block(block, core.now->index);
      core.end_call();
      const Violation broken = checker_.end_free(core.now->index, status);
      if (broken.clause != Clause::kNone) object(broken);
    }
  }
  if (checker_.history() != nullptr) checker_.history()->close();
  drain_last();
  if (serves_objects()) drain_objects();
  // Back in the very state that create() left, a target can do what it could at the start; nothing needs
  // trying, unless that state was one with blocks that are free now. And what it could do in a state it can
  // do there again: a run is a pure function. What whole frames hold is part of the state in the void alone,
  // where it must be gone; a target that keeps lists in free frames is seen to write to them word by word.
  const bool tells = prepared_->live_count == 0;
  std::uint64_t changes = changes_of_state();
  const std::uint32_t in_void = geometry_.zones[kVoid].frames;
  if (in_void != 0) {
    std::uint64_t first = 0;
    for (std::size_t zone = 0; zone < kVoid; ++zone) first += geometry_.zones[zone].frames;
    changes += frames.changes(first, in_void);
  }
  if (tells && changes == 0) return;
  std::uint64_t& known = drained_[(changes ^ prepared_->number) % drained_.size()];
  const std::uint64_t state = changes + prepared_->number * 0x9e3779b97f4a7c15U;
  if (tells && known == state) return;
  // What is left out the next time must not look like something new the first time.
  keep_coverage();
  for (std::uint8_t i = 0; i < prepared_->memory.pool_count; ++i) {
    if (!drain_pool(prepared_->memory.pools[i])) break;
  }
  return_to_coverage();
  if (tells) known = state;
}

std::uint64_t Program::changes_of_state() const noexcept {
  return is_plain() ? Plain::changes(prepared_->begin, prepared_->after_create.used) : core.shadow.changes();
}

namespace {

[[nodiscard]] Gfp gfp_for_all_of(const model::Pool& pool) noexcept {
  switch (pool.kind) {
    case model::PoolKind::kVoid:
      return model::kMemalloc | model::kExclusive;
    case model::PoolKind::kRoom:
      return model::kMemalloc |
             (pool.device == model::kNoDevice ? model::kRoom : model::for_device(pool.device));
    case model::PoolKind::kZone:
      break;
  }
  switch (pool.zone) {
    case model::ZoneType::kDma:
      return model::kMemalloc | model::kDma;
    case model::ZoneType::kDma32:
      return model::kMemalloc | model::kDma32;
    case model::ZoneType::kNormal:
      return model::kMemalloc;
    case model::ZoneType::kMovable:
      break;
  }
  return model::kMemalloc | model::kHighmem | model::kMovable;
}

}  // namespace

/// A request that the pool's frames, all free, are open to, and no pool that is tried before it has any left.
Gfp Program::drain_gfp(const model::Pool& pool) const noexcept {
  return narrow(gfp_for_all_of(pool), target_->can);
}

/// Pools are drained in the order of their addresses, so that whatever a request could fall back to is empty.
/// False if the pool is too large for that.
bool Program::drain_pool(const model::Pool& pool) noexcept {
  std::array<std::uint32_t, model::kMaxOrder.value + 1> blocks{};
  if (pool.span.frames.count > kMaxDrainFrames) return false;
  const Order most = pool.kind == model::PoolKind::kRoom ? Order{0} : Order{geometry_.max_order};
  if (maximal_blocks(pool.span, most, blocks) > kMaxDrainBlocks) return false;
  const Gfp gfp = drain_gfp(pool);
  if (pool.kind == model::PoolKind::kRoom) core.stand_in(pool.level, pool.cpu);
  for (std::uint8_t order = most.value + 1; order-- > 0;) {
    for (std::uint32_t i = 0; i < blocks[order]; ++i) drain_allocate(gfp, {order}, Status::kOk);
  }
  drain_allocate(gfp, {0}, Status::kExhausted);
  core.stand_in(model::Level::kTask, 0);
  return true;
}

void Program::drain_allocate(Gfp gfp, Order order, Status expected) noexcept {
  core.begin_call(kNoCall, declared_steps({.op = Op::kAlloc}, order.value), true);
  checker_.begin_allocation(core.now->index, {gfp, order, core.situation()}, 1U << core.now->cpu);
  labyrinth_target_answer answer{};
  target_->alloc(self_, gfp.bits, order.value, &answer);
  core.end_call();
  if (answer.status != static_cast<std::uint32_t>(expected)) {
    core.fail(
        {.clause = Clause::X4,
         .reason =
             expected == Status::kOk
                 ? "everything is free, but not everything can be allocated again; free frames, and order"
                 : "more could be allocated than there is; free frames, and order",
         .seen = checker_.free_frames().count,
         .permitted = order.value});
  }
  const auto status = static_cast<Status>(answer.status);
  const Violation broken =
      checker_.end_allocation(core.now->index, {status, answer.wake != 0, {answer.pfn}}, core.now->conflict);
  if (broken.clause != Clause::kNone) core.fail(broken);
}

}  // namespace labyrinth::machine
