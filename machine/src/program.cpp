// Calls of a program: who hands what to whom, and what is judged when.
#include "program.hpp"

#include <algorithm>
#include <cstring>

#include "access.hpp"
#include "coverage.hpp"
#include "labyrinth/machine/machine.h"

namespace labyrinth::machine {

constinit Program program{};

using model::Block;
using model::Clause;
using model::Gfp;
using model::Order;
using model::Pfn;
using model::Status;

namespace {

constexpr std::uint32_t kUndeclared = 0xffff'ffff;

[[nodiscard]] std::uint32_t clamp_steps(std::uint64_t steps) noexcept {
  return steps >= kMaxSteps ? 0 : static_cast<std::uint32_t>(steps);
}

[[nodiscard]] labyrinth_target_geometry asked_of(const Geometry& geometry) noexcept {
  labyrinth_target_geometry asked{};
  asked.first_pfn = geometry.first_pfn;
  asked.frames = geometry.frames();
  for (std::size_t i = 0; i < geometry.zones.size(); ++i) {
    const ZoneShape& zone = geometry.zones[i];
    asked.zones[i] = {zone.frames,          zone.min, zone.low, zone.high, zone.ratio, zone.highatomic,
                      zone.unmaps ? 1U : 0U};
  }
  for (std::size_t i = 0; i < geometry.rooms.size(); ++i) {
    asked.rooms[i] = {geometry.rooms[i].frames, geometry.rooms[i].spills ? 1U : 0U};
  }
  for (std::size_t i = 0; i < geometry.devices.size(); ++i) {
    asked.devices[i] = {geometry.devices[i].frames, geometry.devices[i].spills ? 1U : 0U};
  }
  asked.object_frames = geometry.objects.frames;
  asked.object_min = geometry.objects.min;
  asked.max_order = geometry.max_order;
  asked.pageblock_order = pageblock_order(geometry);
  asked.cpus = geometry.cpus;
  asked.map_slots = geometry.map.slots;
  asked.map_depth = geometry.map.depth;
  asked.unmapped = geometry.map.unmapped;
  return asked;
}

/// Any function of all fields will do.
[[nodiscard]] std::uint64_t hash_of(const Geometry& geometry) noexcept {
  constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15U;
  std::uint64_t hash = geometry.first_pfn * 31 + geometry.cpus + (std::uint64_t{geometry.max_order} << 8);
  for (const ZoneShape& zone : geometry.zones) {
    if (zone.frames == 0) continue;
    hash = (hash + zone.frames + (std::uint64_t{zone.min} << 16) + (std::uint64_t{zone.low} << 28) +
            (std::uint64_t{zone.high} << 40) + (std::uint64_t{zone.ratio} << 48) +
            (std::uint64_t{zone.highatomic} << 57) + (zone.unmaps ? 11U : 0U)) *
           kFactor;
  }
  for (const RoomShape& room : geometry.rooms) {
    hash = hash * 37 + std::uint64_t{room.frames} * 2 + (room.spills ? 1U : 0U);
  }
  for (const RoomShape& room : geometry.devices) {
    hash = hash * 37 + std::uint64_t{room.frames} * 2 + (room.spills ? 1U : 0U);
  }
  hash += (geometry.objects.frames + (std::uint64_t{geometry.objects.min} << 9)) * 0x1'0000'0001U;
  const MapShape& map = geometry.map;
  hash = hash * 37 + map.slots + (std::uint64_t{map.depth} << 8) + (std::uint64_t{map.unmapped} << 16);
  return (hash * kFactor) >> 32;
}

}  // namespace

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

void Program::use(const struct labyrinth_target& target) noexcept {
  target_ = &target;
  core.migrated = [](std::uint8_t context, std::uint8_t cpu) { program.checker_.moved(context, cpu); };
  for (Prepared& prepared : all_prepared_) prepared.self = nullptr;
}

/// A target for the geometry, as create() leaves it. Runs start from there, and rollback() returns to it.
bool Program::prepare(const Geometry& geometry) noexcept {
  geometry_ = geometry;
  if (target_->drain == nullptr) geometry_.zones[kVoid].unmaps = false;
  const std::size_t slot =
      geometry_.frames() <= kSmallFrames ? hash_of(geometry_) % (kPrepared - 1) : kPrepared - 1;
  prepared_ = &all_prepared_[slot];
  if (prepared_->self == nullptr || !(prepared_->geometry == geometry_)) create(slot);
  self_ = prepared_->self;
  heap_reset(prepared_->after_create);
  return self_ != nullptr;
}

void Program::create(std::size_t slot) noexcept {
  constexpr std::size_t kPart = std::size_t{64} << 10;
  const HeapMark empty{slot * kPart, slot == kPrepared - 1 ? kArenaBytes : (slot + 1) * kPart};
  if (prepared_->after_create.used > empty.used) {
    std::memset(core.shadow.arena() + empty.used, 0, prepared_->after_create.used - empty.used);
  }
  heap_reset(empty);
  prepared_->self = prepared_->mapper = nullptr;
  prepared_->geometry = geometry_;
  prepared_->alloc_steps.fill(kUndeclared);
  prepared_->free_steps.fill(kUndeclared);
  prepared_->memory = memory_of(geometry_);
  const labyrinth_target_geometry asked = asked_of(geometry_);
  const std::size_t bytes = target_->state_size(&asked);
  void* state = bytes == 0 ? nullptr : heap_take(bytes, 64);
  prepared_->state = empty.used;
  prepared_->heap = heap_mark().used;
  if (state != nullptr) prepared_->self = target_->create(&asked, state, frames.base());
  prepared_->objects = nullptr;
  if (prepared_->self != nullptr && geometry_.objects.frames != 0) create_objects(asked);
  prepared_->mapper_state = kArenaBytes;
  if (prepared_->self != nullptr && geometry_.map.exists() && target_->mapper != nullptr) {
    prepared_->mapper_state = (heap_mark().used + 63) / 64 * 64;
    prepared_->mapper = create_mapper(asked);
    if (prepared_->mapper == nullptr) prepared_->self = nullptr;
  }
  prepared_->after_create = heap_mark();
  for (std::uint8_t i = 0; prepared_->self != nullptr && i < prepared_->memory.pool_count; ++i) {
    model::Pool& pool = prepared_->memory.pools[i];
    if (target_->batch == nullptr || pool.kind == model::PoolKind::kRoom) continue;
    const auto zone =
        pool.kind == model::PoolKind::kVoid ? LABYRINTH_TARGET_ZONE_VOID : std::uint32_t(pool.zone);
    pool.batch = {static_cast<std::int64_t>(target_->batch(prepared_->self, zone))};
  }
  forget_coverage();
}

std::uint32_t Program::declared_steps(const Call& call, std::uint32_t order) noexcept {
  if (of_objects(call.op)) return declared_object_steps(call);
  Running* const now = core.now;  // Reading the declaration is no step of the call.
  std::uint64_t steps = 0;
  if (unmaps() && Gfp{call.gfp}.has(model::kExclusive | model::kDirectReclaim)) {
    Call without = call;
    without.gfp = 0;
    const std::uint64_t once = declared_steps(without, order);
    const std::uint64_t drain = declared_steps({.op = Op::kDrain}, 0);
    return once == 0 || drain == 0 ? 0 : clamp_steps(2 * once + drain);
  }
  if (call.op == Op::kBulk || call.op == Op::kExact || call.op == Op::kDrain) {
    core.now = nullptr;
    if (call.op == Op::kBulk && target_->bulk_steps != nullptr)
      steps = target_->bulk_steps(self_, static_cast<std::uint32_t>(call.pfn));
    if (call.op == Op::kExact && target_->exact_steps != nullptr)
      steps = target_->exact_steps(self_, call.pfn);
    // With nothing unmapped there is nothing to drain: at most a look.
    if (call.op == Op::kDrain && target_->drain_steps != nullptr && unmaps())
      steps = target_->drain_steps(self_, call.pfn == 0 ? UINT64_MAX : call.pfn);
    core.now = now;
    return clamp_steps(steps);
  }
  const bool allocation = call.op == Op::kAlloc;
  auto* const declare = allocation ? target_->alloc_steps : target_->free_steps;
  if (declare == nullptr) return 0;
  auto& known = allocation ? prepared_->alloc_steps : prepared_->free_steps;
  const bool cached = order <= model::kMaxOrder.value;
  if (cached && known[order] != kUndeclared) return known[order];
  core.now = nullptr;
  steps = clamp_steps(declare(self_, order));
  core.now = now;
  if (cached) known[order] = static_cast<std::uint32_t>(steps);
  return static_cast<std::uint32_t>(steps);
}

void Program::run(const Trace& trace, Strategy& strategy, bool drains, Outcome& outcome) noexcept {
  outcome.kind = Outcome::Kind::kClean;
  outcome.accesses = outcome.switches = 0;
  outcome.unmatched = outcome.departure_count = 0;
  outcome.violation = Violation{};
  std::fill_n(outcome.results.begin(), trace.call_count, CallResult{});
  outcome_ = &outcome;
  trace_ = &trace;
  if (!prepare(trace.geometry)) {
    outcome.kind = Outcome::Kind::kRefused;
    return;
  }
  checker_.begin_run(prepared_->memory);
  if (serves_objects()) {
    object_checker_.begin_run({{geometry_.objects.frames}, {geometry_.objects.min}, {geometry_.max_order}},
                              prepared_->objects_batch);
  }
  begin_mappings();
  frames.begin_run();
  cache_.begin_run();
  taken_away_ = 0;
  watches_content_ = false;
  for (const Call& call : trace.calls()) {
    watches_content_ = watches_content_ || (call.gfp & (model::kZero | model::kExclusive).bits) != 0;
  }
  forget_thread_locals();
  std::array<Body, kMaxContexts> bodies;
  for (std::uint8_t i = 0; i < trace.context_count; ++i) {
    const Context& context = trace.context_storage[i];
    bodies[i] = {context.level, context.cpu, nullptr, this, context.reclaimer};
    if (context.calls == 0) continue;
    bodies[i].run = [](void* self, std::uint8_t index) { static_cast<Program*>(self)->run_context(index); };
  }
  core.run({bodies.data(), trace.context_count}, geometry_.cpus, strategy, outcome);
  if (drains && outcome.kind == Outcome::Kind::kClean) {
    GoOn alone;
    Observer* const observer = core.observer;
    core.observer = nullptr;
    core.run_alone({model::Level::kTask, 0,
                    [](void* self, std::uint8_t) { static_cast<Program*>(self)->drain(); }, this},
                   alone);
    core.observer = observer;
  }
  core.shadow.rollback();
  frames.rollback();
  heap_reset(prepared_->after_create);
  trace_ = nullptr;
}

void Program::run_context(std::uint8_t index) noexcept {
  const Context& context = trace_->context_storage[index];
  for (std::uint8_t i = 0; i < context.calls; ++i) {
    const auto call_index = static_cast<std::uint8_t>(context.first_call + i);
    const Call& call = trace_->call_storage[call_index];
    switch (call.op) {
      case Op::kAlloc:
      case Op::kBulk:
      case Op::kExact:
        allocate(call_index, call);
        break;
      case Op::kFree:
        free(call_index, call);
        break;
      case Op::kDrain:
        drain_limbo(call_index, call);
        break;
      case Op::kCache:
        cache(call_index, call);
        break;
      case Op::kBalance:
        balance(call_index, context.reclaimer);
        break;
      case Op::kKmalloc:
        kmalloc(call_index, call);
        break;
      case Op::kKfree:
        kfree(call_index, call);
        break;
      case Op::kMap:
      case Op::kUnmap:
      case Op::kMapLocal:
      case Op::kUnmapLocal:
      case Op::kMapAtomic:
      case Op::kUnmapAtomic:
      case Op::kPageAddress:
        run_mapping(call_index, call);
        break;
      default:
        core.begin_call(call_index, 0, false);
        set_mask(call.op);
        answered(call_index, 0, 0, false);
        break;
    }
  }
  unwind(index);
}

void Program::answered(std::uint8_t index, std::uint8_t status, std::uint64_t pfn, bool wake) noexcept {
  core.end_call();
  CallResult& result = outcome_->results[index];
  result = {CallResult::State::kAnswered, status, wake, result.slept, core.now->access, pfn};
  if (core.observer != nullptr) core.observer->on_answer(index);
}

void Program::set_mask(Op op) noexcept {
  switch (op) {
    case Op::kIrqDisable:
      static_cast<void>(labyrinth_machine_irq_save());
      break;
    case Op::kIrqEnable:
      labyrinth_machine_irq_restore(true);
      break;
    case Op::kBhDisable:
      labyrinth_machine_bh_disable();
      break;
    case Op::kBhEnable:
      labyrinth_machine_bh_enable();
      break;
    case Op::kPreemptDisable:
      labyrinth_machine_preempt_disable();
      break;
    case Op::kPreemptEnable:
      labyrinth_machine_preempt_enable();
      break;
    default:
      break;
  }
}

/// Calls the target's free and returns its answer; begin_call() has been made, end_free() is the caller's.
Status Program::free_block(Block block, std::uint8_t slot) noexcept {
  const bool order_exists = block.order <= model::kMaxOrder;
  if (order_exists && checker_.state().is_block(block)) {
    // Whoever frees a block was handed it by its owner, and that ordered the two.
    core.now->clock.join(answered_at_[owner_[block.pfn.value - geometry_.first_pfn]]);
    use_content(block);
  }
  checker_.begin_free(slot, block.pfn, block.order, order_exists);
  labyrinth_target_answer answer{};
  target_->free(self_, block.pfn.value, block.order.value, &answer);
  return answer.status > LABYRINTH_TARGET_BAD_CONTEXT ? Status::kBadContext
                                                      : static_cast<Status>(answer.status);
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
      if (broken.clause != Clause::kNone) core.fail(broken);
    }
  }
  drain_last();
  if (serves_objects()) drain_objects();
  // Back in the very state that create() left, a target can do what it could at the start; nothing needs
  // trying.
  if (core.shadow.unchanged() && frames.unchanged()) return;
  for (std::uint8_t i = 0; i < prepared_->memory.pool_count; ++i) {
    if (!drain_pool(prepared_->memory.pools[i])) break;
  }
}

/// A request that the pool's frames, all free, are open to, and no pool that is tried before it has any left.
Gfp Program::drain_gfp(const model::Pool& pool) noexcept {
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
