// Targets for the machines that programs ask for, and the step bounds that they declare.
#include <algorithm>

#include "access.hpp"
#include "coverage.hpp"
#include "labyrinth/machine/capabilities.hpp"
#include "labyrinth/machine/machine.h"
#include "loaded_object.hpp"
#include "program.hpp"
#include "raw_bytes.hpp"
#include "refused_call.hpp"

namespace labyrinth::machine {

using model::Gfp;

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
[[nodiscard]] std::uint64_t hash_of(const Geometry& geometry, std::span<const model::Block> live) noexcept {
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
  for (const model::Block& block : live) hash = (hash + block.pfn.value * 11 + block.order.value) * kFactor;
  return hash * kFactor;
}

}  // namespace

void Program::use(const struct labyrinth_target& target) noexcept {
  core.migrated = [](std::uint8_t context, std::uint8_t cpu) { program.checker_.moved(context, cpu); };
  for (Prepared& prepared : all_prepared_) prepared.self = nullptr;
  prepared_for_ = nullptr;
  known_[0].target = known_[1].target = nullptr;
  present_ = 0;
  ++uses_;
  turn_to(target);
}

void Program::turn_to(const struct labyrinth_target& target) noexcept {
  target_ = &target;
  if (known_[present_].target == &target) return;
  if (known_[present_].target != nullptr) present_ = 1 - present_;
  Known& known = known_[present_];
  if (known.target != &target) {
    known.target = &target;
    known.is_plain = labyrinth::machine::is_plain(target);
    if (known.is_plain) known.plain.use(target);
    known.constants = loaded_object(&target).constants();
  }
  core.constants = known.constants;
  core.plain = known.is_plain;
}

/// A target for the trace's machine and the blocks that live from its start, as create() leaves it. Runs
/// start from there, and rollback() returns to it.
bool Program::prepare(const Trace& trace) noexcept {
  const bool wants_live = trace.call_count != 0 && trace.call_storage[0].op == Op::kLive;
  if (prepared_for_ == target_ && self_ != nullptr && !wants_live && asked_geometry_ == trace.geometry) {
    heap_reset(prepared_->after_create);
    return true;
  }
  geometry_ = narrow(trace.geometry, target_->can);
  static std::array<model::Block, kMaxCalls> blocks;  // Programs of fuzzers have none.
  std::uint8_t count = 0;
  for (; count < trace.call_count && trace.call_storage[count].op == Op::kLive; ++count)
    blocks[count] = {{trace.call_storage[count].pfn}, {trace.call_storage[count].order}};
  const std::span<const model::Block> live(blocks.data(), count);
  if (target_->drain == nullptr) geometry_.zones[kVoid].unmaps = false;
  // The same machine of another target has another place.
  constexpr std::size_t kSmall = kPrepared - 1;
  const std::uint64_t hash = hash_of(geometry_, live);
  const std::size_t slot =
      geometry_.frames() <= kSmallFrames ? ((hash >> 32) + present_ * (kSmall / 2)) % kSmall : kSmall;
  prepared_ = &all_prepared_[slot];
  if (prepared_->self == nullptr || prepared_->target != target_ || !(prepared_->geometry == geometry_) ||
      !std::ranges::equal(prepared_->live(), live)) {
    create(slot, live);
    prepared_->number = hash + present_ + 2 * uses_;
  }
  self_ = prepared_->self;
  asked_geometry_ = trace.geometry;
  prepared_for_ = count == 0 ? target_ : nullptr;
  heap_reset(prepared_->after_create);
  return self_ != nullptr && !prepared_->live_failed;
}

void Program::create(std::size_t slot, std::span<const model::Block> live) noexcept {
  constexpr std::size_t kPart = std::size_t{64} << 10;
  const HeapMark empty{slot * kPart, slot == kPrepared - 1 ? kArenaBytes : (slot + 1) * kPart};
  if (prepared_->after_create.used > empty.used) {
    zero_raw(core.shadow.arena() + empty.used, prepared_->after_create.used - empty.used);
  }
  heap_reset(empty);
  static_cast<void>(take_refused_call());
  prepared_->self = prepared_->mapper = nullptr;
  prepared_->target = target_;
  prepared_->geometry = geometry_;
  std::ranges::copy(live, prepared_->live_storage.begin());
  prepared_->live_count = static_cast<std::uint8_t>(live.size());
  prepared_->alloc_steps.fill(kUndeclared);
  prepared_->free_steps.fill(kUndeclared);
  prepared_->memory = memory_of(geometry_);
  prepared_->created = ++created_;
  const labyrinth_target_geometry asked = asked_of(geometry_);
  const std::size_t bytes = target_->state_size(&asked);
  void* state = bytes == 0 ? nullptr : heap_take(bytes, 64);
  prepared_->begin = prepared_->state = empty.used;
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
  for (std::uint8_t i = 0; prepared_->self != nullptr && i < prepared_->memory.pool_count; ++i) {
    model::Pool& pool = prepared_->memory.pools[i];
    if (target_->batch == nullptr || pool.kind == model::PoolKind::kRoom) continue;
    const auto zone =
        pool.kind == model::PoolKind::kVoid ? LABYRINTH_TARGET_ZONE_VOID : std::uint32_t(pool.zone);
    pool.batch = {static_cast<std::int64_t>(target_->batch(prepared_->self, zone))};
  }
  // What a target did for blocks that are not all there is of no use, and is gone with the next create().
  prepared_->live_failed = prepared_->self != nullptr && !bring_about(live);
  prepared_->after_create = heap_mark();
  if (prepared_->self != nullptr) learn_steps();
  prepared_->refused = take_refused_call();
  if (is_plain()) Plain::keep(empty.used, prepared_->after_create.used);
  forget_coverage();
}

/// All at once: what a declaration covers is part of creating the target, and of no run.
void Program::learn_steps() noexcept {
  self_ = prepared_->self;
  for (std::uint32_t order = 0; order <= model::kMaxOrder.value; ++order) {
    prepared_->alloc_steps[order] = find_declared_steps({.op = Op::kAlloc}, order);
    prepared_->free_steps[order] = find_declared_steps({.op = Op::kFree}, order);
  }
}

std::uint32_t Program::find_declared_steps(const Call& call, std::uint32_t order) noexcept {
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

}  // namespace labyrinth::machine
