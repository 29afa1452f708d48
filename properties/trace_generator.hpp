// Seeded valid traces of every shape, up to all limits, for the tests of both forms.
#pragma once

#include <cstdint>

#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace.hpp"
#include "labyrinth/machine/trace_validate.hpp"

namespace labyrinth::properties {

class TraceGenerator {
 public:
  /// `live`: traces that begin with live blocks, too, which only the text form has.
  explicit TraceGenerator(std::uint64_t seed, bool live = false) : state_(seed), live_(live) {}

  [[nodiscard]] machine::Trace next() {
    machine::Trace trace;
    geometry(trace.geometry);
    if (live_) live_blocks(trace);
    const std::uint8_t first = trace.call_count;
    trace.context_count = byte_below(machine::kMaxContexts + 1U);
    const std::uint8_t calls =
        trace.context_count == 0 ? std::uint8_t{0} : byte_below(machine::kMaxCalls - first + 1U);
    for (std::uint8_t i = 0; i < calls; ++i) ++trace.context_storage[below(trace.context_count)].calls;
    for (std::uint8_t i = 0; i < trace.context_count; ++i) {
      machine::Context& context = trace.context_storage[i];
      context.level = static_cast<model::Level>(below(4));
      context.cpu = byte_below(trace.geometry.cpus);
      context.reclaimer = context.level == model::Level::kTask && once_in(4);
      context.first_call = trace.call_count;
      trace.call_count = static_cast<std::uint8_t>(trace.call_count + context.calls);
    }
    for (std::uint8_t i = first; i < trace.call_count; ++i) {
      const std::uint32_t op = below(22);
      trace.call_storage[i].op =
          static_cast<machine::Op>(op < static_cast<std::uint32_t>(machine::Op::kLive) ? op : op + 1);
    }
    for (const bool unmaps : {false, true}) {
      for (std::uint8_t i = first; i < trace.call_count; ++i) {
        machine::Call& call = trace.call_storage[i];
        if (call.op >= machine::Op::kMap && machine::unmaps(call.op) == unmaps) mapping(trace, call);
      }
    }
    for (std::uint8_t i = first; i < trace.call_count; ++i) arguments(trace, trace.call_storage[i]);
    departures(trace);
    return trace;
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return machine::random_below(state_, bound); }
  std::uint8_t byte_below(std::uint32_t bound) { return static_cast<std::uint8_t>(below(bound)); }
  bool once_in(std::uint32_t n) { return below(n) == 0; }
  /// Mostly small, sometimes of any size up to `most`.
  std::uint64_t number(std::uint64_t most) {
    const std::uint64_t value = machine::next_random(state_) >> below(64);
    return value <= most ? value : once_in(4) ? most : value % (most + 1);
  }

  void live_blocks(machine::Trace& trace) {
    const machine::Geometry& g = trace.geometry;
    for (std::uint32_t tries = once_in(8) ? machine::kMaxCalls : below(8); tries != 0; --tries) {
      machine::Call& block = trace.call_storage[trace.call_count];
      block = {.op = machine::Op::kLive, .order = byte_below(g.max_order + 1U)};
      block.pfn = g.first_pfn + number(g.frames());
      block.pfn &= ~((std::uint64_t{1} << block.order) - 1);
      if (machine::misplaced(trace, trace.call_count) == nullptr) {
        if (++trace.call_count == machine::kMaxCalls) return;
      } else {
        block = {};
      }
    }
  }

  void geometry(machine::Geometry& g) {
    g.cpus = static_cast<std::uint8_t>(1 + below(machine::kMaxCpus));
    g.max_order = once_in(2) ? std::uint8_t{10} : byte_below(11);
    g.first_pfn = once_in(2) ? 0 : number(machine::kMaxFirstPfn);
    g.zones = {};
    g.rooms = {};
    g.devices = {};
    zone(g.normal(), 32768);
    for (std::size_t i = 0; i < g.zones.size(); ++i) {
      if (&g.zones[i] != &g.normal() && once_in(4)) zone(g.zones[i], 4096);
      if (i != machine::kVoid && g.zones[i].frames != 0 && once_in(4)) {
        g.zones[i].ratio = static_cast<std::uint32_t>(number(machine::kMaxRatio));
        if (once_in(2))
          g.zones[i].highatomic = below(std::min(g.zones[i].frames, machine::kMaxHighatomic) + 1);
      }
    }
    g.zones[machine::kVoid].unmaps = g.zones[machine::kVoid].frames != 0 && once_in(2);
    for (machine::RoomShape& room : g.rooms) {
      if (once_in(4)) room = {byte_below(machine::kMaxRoomFrames + 1), false};
      room.spills = room.frames != 0 && once_in(2);
    }
    for (machine::RoomShape& room : g.devices) {
      if (once_in(8)) room = {byte_below(machine::kMaxRoomFrames + 1), false};
      room.spills = room.frames != 0 && once_in(2);
    }
    if (once_in(2)) g.objects.frames = below(machine::kMaxObjectFrames + 1);
    if (once_in(2)) g.objects.min = below(std::min(g.objects.frames, machine::kMaxObjectMin) + 1);
    if (once_in(2)) g.map = {byte_below(machine::kMaxMapSlots + 1), byte_below(machine::kMaxMapDepth + 1), 0};
    if (once_in(8)) g.normal() = {};
    if (g.frames() == 0) g.normal().frames = 1;
    for (std::size_t i = 0; i < g.zones.size(); ++i) {
      if (g.zones[i].frames != 0 && once_in(4)) g.map.unmapped |= static_cast<std::uint8_t>(1U << i);
    }
  }

  /// What maps needs an alloc, what unmaps something that maps: without one the call is a mask.
  void mapping(const machine::Trace& trace, machine::Call& call) {
    const bool unmaps = machine::unmaps(call.op);
    const auto calls = trace.calls();
    for (int tries = 0; tries < 8; ++tries) {
      const std::uint8_t handle = byte_below(trace.call_count);
      if (unmaps ? !machine::maps(calls[handle].op) : !machine::allocates(calls[handle].op)) continue;
      call.handle = handle;
      if (!unmaps) call.pfn = once_in(2) ? 0 : once_in(2) ? 0 - number(UINT64_MAX) : number(UINT64_MAX);
      return;
    }
    call.op = machine::Op::kIrqDisable;
  }

  void zone(machine::ZoneShape& g, std::uint64_t most) {
    g.frames = static_cast<std::uint32_t>(1 + number(most - 1));
    g.min = static_cast<std::uint32_t>(number(g.frames));
    g.low = g.min + static_cast<std::uint32_t>(number(g.frames - g.min));
    g.high = g.low + static_cast<std::uint32_t>(number(g.frames - g.low));
  }

  void arguments(const machine::Trace& trace, machine::Call& call) {
    if (call.op == machine::Op::kAlloc) {
      call.gfp = static_cast<std::uint32_t>(once_in(4) ? number(UINT32_MAX) : below(32));
      if (once_in(8)) call.gfp = (call.gfp & 31U) | below(16) << 20;  // a device's, or one that there is not
      call.order = static_cast<std::uint8_t>(number(machine::kMaxSaidOrder));
    } else if (machine::allocates(call.op)) {
      call.gfp = static_cast<std::uint32_t>(number(UINT32_MAX));
      call.pfn = number(call.op == machine::Op::kBulk ? machine::kMaxSaidCount : machine::kMaxSaidFrames);
    } else if (call.op == machine::Op::kDrain) {
      call.pfn = once_in(2) ? 0 : number(machine::kMaxSaidBlocks);
    } else if (call.op == machine::Op::kCache) {
      const std::uint8_t handle = byte_below(trace.call_count);
      if (machine::allocates(trace.call_storage[handle].op)) {
        call.handle = handle;
      } else {
        call.op = machine::Op::kBalance;
      }
    } else if (call.op == machine::Op::kKmalloc) {
      call.gfp = static_cast<std::uint32_t>(number(UINT32_MAX));
      call.pfn = number(machine::kMaxSaidBytes);
    } else if (call.op == machine::Op::kKfree) {
      const std::uint8_t handle = byte_below(trace.call_count);
      if (trace.call_storage[handle].op == machine::Op::kKmalloc) call.handle = handle;
      call.pfn = once_in(2) ? 0 : once_in(2) ? 0 - number(UINT64_MAX) : number(UINT64_MAX);
    } else if (call.op == machine::Op::kFree) {
      const std::uint8_t handle = byte_below(trace.call_count);
      if (machine::allocates(trace.call_storage[handle].op)) {
        call.handle = handle;
        call.order =
            once_in(2) ? machine::kOrderOfHandle : static_cast<std::uint8_t>(number(machine::kMaxSaidOrder));
        call.pfn = once_in(2) ? 0 : once_in(2) ? 0 - number(UINT64_MAX) : number(UINT64_MAX);
      } else {
        call.order = static_cast<std::uint8_t>(number(machine::kMaxSaidOrder));
        call.pfn = once_in(2) ? trace.geometry.first_pfn + number(trace.geometry.frames()) - below(2)
                              : number(UINT64_MAX);
      }
    }
  }

  void departures(machine::Trace& trace) {
    if (trace.call_count == trace.live_count()) return;
    const std::uint32_t count = once_in(8) ? machine::kMaxDepartures : below(12);
    for (std::uint32_t call = trace.live_count(), access = 0; trace.departure_count < count;
         access += below(6)) {
      if (const auto step = below(once_in(2) ? 2 : 5); call + step < trace.call_count && step > 0) {
        call += step;
        access = static_cast<std::uint32_t>(number(machine::kMaxAccess));
      }
      if (access > machine::kMaxAccess) access = machine::kMaxAccess;
      trace.departure_storage[trace.departure_count++] = {
          static_cast<std::uint8_t>(call), static_cast<std::uint16_t>(access), decision(trace)};
    }
  }

  machine::Decision decision(const machine::Trace& trace) {
    using Kind = machine::Decision::Kind;
    const std::uint8_t context = byte_below(trace.context_count);
    switch (below(5)) {
      case 0:
        return {Kind::kCpu, byte_below(trace.geometry.cpus)};
      case 1:
        return {Kind::kMigrate, byte_below(trace.geometry.cpus)};
      case 2:
        return {Kind::kSpurious, 0};
      case 3:
        if (trace.context_storage[context].level == model::Level::kTask) return {Kind::kTask, context};
        break;
      default:
        break;
    }
    return {Kind::kInterrupt, static_cast<std::uint8_t>(1 + below(3))};
  }

  std::uint64_t state_;
  bool live_;
};

}  // namespace labyrinth::properties
