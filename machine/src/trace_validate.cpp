// The rules of a valid trace, one after another: geometry, contexts, calls, departures.
#include "labyrinth/machine/trace_validate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace labyrinth::machine {
namespace {

const char* room_flaw(const RoomShape& room) noexcept {
  if (room.frames > kMaxRoomFrames) return "a room has at most 64 frames";
  return room.frames == 0 && room.spills ? "rooms without frames do not spill" : nullptr;
}

const char* geometry_flaw(const Geometry& g) noexcept {
  if (g.cpus < 1 || g.cpus > kMaxCpus) return "cpus must be 1..4";
  if (g.max_order > model::kMaxOrder.value) return "max_order must be at most 10";
  if (g.first_pfn > kMaxFirstPfn) return "first_pfn must be at most 2^40";
  for (const ZoneShape& zone : g.zones) {
    if (zone.frames > kMaxFrames) return "a zone has at most 65536 frames";
    if (zone.min > zone.low || zone.low > zone.high || zone.high > zone.frames) {
      return "min <= low <= high <= frames must hold";
    }
    if (zone.ratio > kMaxRatio) return "a ratio is at most 65535";
    if (zone.highatomic > kMaxHighatomic) return "a highatomic reserve is at most 64 pageblocks";
    if (zone.frames < zone.highatomic) return "a zone has not so many pageblocks for its highatomic reserve";
    if (zone.frames == 0 && zone.ratio != 0) return "a zone without frames has no ratio";
  }
  if (g.zones[kVoid].ratio != 0) return "the void has no ratio";
  for (std::size_t i = 0; i < g.zones.size(); ++i) {
    if (g.zones[i].unmaps && (i != kVoid || g.zones[i].frames == 0))
      return "only a void that exists is unmapped";
  }
  if (g.zones[kVoid].highatomic != 0) return "the void has no highatomic reserve";
  for (const RoomShape& room : g.rooms) {
    if (const char* what = room_flaw(room)) return what;
  }
  for (const RoomShape& room : g.devices) {
    if (const char* what = room_flaw(room)) return what;
  }
  if (g.objects.frames > kMaxObjectFrames) return "objects have at most 256 frames";
  if (g.objects.min > g.objects.frames || g.objects.min > kMaxObjectMin) {
    return "objects' min must be at most their frames, and 255";
  }
  if (g.frames() < 1 || g.frames() + g.objects.frames > kMaxFrames) return "frames must be 1..65536";
  return nullptr;
}

const char* context_flaw(const Trace& trace, const Context& context, unsigned calls_before) noexcept {
  if (context.level > model::Level::kNmi) return "its level must be task, softirq, hardirq or nmi";
  if (context.cpu >= trace.geometry.cpus) return "its cpu must be below the machine's cpus";
  if (context.first_call != calls_before) return "its calls must follow those of the context before it";
  if (context.reclaimer && context.level != model::Level::kTask) return "a reclaimer must be a task";
  if (calls_before + context.calls > trace.call_count) return "its calls must be among the trace's calls";
  return nullptr;
}

const char* object_call_flaw(const Trace& trace, const Call& call) noexcept {
  if (call.order != 0) return "only an alloc or a free has an order";
  if (call.op == Op::kKmalloc) {
    if (call.handle != kNoHandle) return "only a free has a handle";
    return call.pfn > kMaxSaidBytes ? "a kmalloc's size must be below 2^32" : nullptr;
  }
  if (call.gfp != 0) return "a free has no gfp";
  if (call.handle == kNoHandle) return nullptr;
  const bool is_object = call.handle < trace.call_count && trace.call_storage[call.handle].op == Op::kKmalloc;
  return is_object ? nullptr : "its handle is not a kmalloc";
}

const char* map_flaw(const Geometry& g) noexcept {
  if (g.map.slots > kMaxMapSlots) return "there are at most 64 slots for mappings";
  if (g.map.depth > kMaxMapDepth) return "local mappings are at most 16 deep";
  for (std::size_t i = 0; i < 8; ++i) {
    if ((g.map.unmapped >> i & 1U) == 0) continue;
    if (i >= g.zones.size() || g.zones[i].frames == 0) return "only a zone that has frames can be unmapped";
  }
  return nullptr;
}

const char* mapping_flaw(const Trace& trace, const Call& call) noexcept {
  if (call.order != 0 || call.gfp != 0) return "a mapping has no order and no gfp";
  if (unmaps(call.op) && call.pfn != 0) return "an unmapping has no offset";
  if (call.handle >= trace.call_count) return "a mapping needs a handle";
  const Op meant = trace.call_storage[call.handle].op;
  if (unmaps(call.op)) return maps(meant) ? nullptr : "its handle is not a mapping";
  return allocates(meant) ? nullptr : "its handle is not an alloc";
}

/// Of a block that lives from the start, after `before` others.
const char* live_flaw(const Trace& trace, std::uint8_t before) noexcept {
  const Call& call = trace.call_storage[before];
  if (call.handle != kNoHandle || call.gfp != 0)
    return "a block that lives from the start has a frame and an order";
  return misplaced(trace, before);
}

const char* call_flaw(const Trace& trace, const Call& call) noexcept {
  if (call.op == Op::kLive) return "blocks that live from the start come before all contexts";
  if (call.op > Op::kPageAddress) return "its op is unknown";
  if (call.op >= Op::kMap) return mapping_flaw(trace, call);
  if (of_objects(call.op)) return object_call_flaw(trace, call);
  if (call.op == Op::kCache) {
    if (call.order != 0 || call.gfp != 0 || call.pfn != 0) return "a cache has nothing but a handle";
    const bool alloc = call.handle < trace.call_count && allocates(trace.call_storage[call.handle].op);
    return alloc ? nullptr : "its handle is not an alloc";
  }
  if (call.op == Op::kFree) {
    if (call.gfp != 0) return "a free has no gfp";
    if (call.handle == kNoHandle) {
      return call.order == kOrderOfHandle ? "a free by pfn must say its order" : nullptr;
    }
    if (call.handle >= trace.call_count || !allocates(trace.call_storage[call.handle].op)) {
      return "its handle is not an alloc";
    }
    return nullptr;
  }
  if (call.handle != kNoHandle) return "only a free or a cache has a handle";
  if (call.op == Op::kBulk || call.op == Op::kExact) {
    if (call.order != 0) return "only an alloc or a free has an order";
    const bool bulk = call.op == Op::kBulk;
    if (call.pfn <= (bulk ? kMaxSaidCount : kMaxSaidFrames)) return nullptr;
    return bulk ? "a bulk's count must be at most 255" : "an exact allocation's frames must be at most 65535";
  }
  if (call.op == Op::kDrain) {
    if (call.order != 0 || call.gfp != 0) return "a drain has no order and no gfp";
    return call.pfn <= kMaxSaidBlocks ? nullptr : "a drain's blocks must be at most 64";
  }
  if (call.pfn != 0) return "only a free has a pfn";
  if (call.op == Op::kAlloc) {
    return call.order > kMaxSaidOrder ? "an alloc's order must be at most 254" : nullptr;
  }
  if (call.order != 0 || call.gfp != 0) return "a mask or a balance has no order and no gfp";
  return nullptr;
}

const char* departure_flaw(const Trace& trace, const Departure& departure) noexcept {
  if (departure.call >= trace.call_count) return "its call is not among the trace's calls";
  if (trace.call_storage[departure.call].op == Op::kLive)
    return "nothing happens at a block that lives from the start";
  if (departure.access > kMaxAccess) return "its access must be at most 4095";
  const std::uint8_t argument = departure.decision.argument;
  switch (departure.decision.kind) {
    case Decision::Kind::kGoOn:
      return "a departure must depart from `go on`";
    case Decision::Kind::kCpu:
    case Decision::Kind::kMigrate:
      return argument < trace.geometry.cpus ? nullptr : "its cpu must be below the machine's cpus";
    case Decision::Kind::kTask:
      return argument < trace.context_count && trace.context_storage[argument].level == model::Level::kTask
                 ? nullptr
                 : "its task is not the index of a task";
    case Decision::Kind::kInterrupt:
      return argument >= 1 && argument <= 3 ? nullptr : "its interrupt level must be 1..3";
    case Decision::Kind::kSpurious:
      return argument == 0 ? nullptr : "a spurious failure has no argument";
    case Decision::Kind::kOlder:
      if (trace.memory != MemoryModel::kRc11) return "only under rc11 is there anything older to see";
      return argument >= 1 && argument <= kMostOlder ? nullptr : "it must be 1..11 messages older";
  }
  return "its decision is unknown";
}

bool ordered(const Departure& left, const Departure& right) noexcept {
  return left.call != right.call ? left.call < right.call : left.access <= right.access;
}

}  // namespace

const char* misplaced(const Trace& trace, std::uint8_t live) noexcept {
  const Call& call = trace.call_storage[live];
  const Geometry& g = trace.geometry;
  if (call.order > g.max_order) return "its order is larger than the machine's largest";
  const std::uint64_t size = std::uint64_t{1} << call.order;
  if (call.pfn % size != 0) return "its frame is not aligned to its order";
  bool inside = false;
  std::uint64_t first = g.first_pfn;
  for (std::size_t i = 0; i < model::kZoneTypes; ++i) {
    const std::uint64_t end = first + g.zones[i].frames;
    inside = inside || (first <= call.pfn && call.pfn < end && size <= end - call.pfn);
    first = end;
  }
  if (!inside) return "it does not lie in one of the machine's zones";
  for (std::uint8_t i = 0; i < live; ++i) {
    const Call& other = trace.call_storage[i];
    const std::uint64_t other_end = other.pfn + (std::uint64_t{1} << other.order);
    if (call.pfn < other_end && other.pfn < call.pfn + size) return "it overlaps another one";
  }
  return nullptr;
}

std::optional<Flaw> find_flaw(const Trace& trace) noexcept {
  using Part = Flaw::Part;
  if (const char* what = geometry_flaw(trace.geometry)) return Flaw{Part::kGeometry, 0, what};
  if (const char* what = map_flaw(trace.geometry)) return Flaw{Part::kGeometry, 0, what};
  if (trace.context_count > kMaxContexts)
    return Flaw{Part::kContext, kMaxContexts, "there are more than 16 contexts"};
  if (trace.call_count > kMaxCalls) return Flaw{Part::kCall, kMaxCalls, "there are more than 64 calls"};
  if (trace.departure_count > kMaxDepartures) {
    return Flaw{Part::kDeparture, kMaxDepartures, "there are more than 128 departures"};
  }
  const std::uint8_t live = trace.live_count();
  unsigned calls = live;
  for (std::uint8_t i = 0; i < live; ++i) {
    if (const char* what = live_flaw(trace, i)) return Flaw{Part::kCall, i, what};
  }
  for (std::uint8_t i = 0; i < trace.context_count; ++i) {
    if (const char* what = context_flaw(trace, trace.context_storage[i], calls))
      return Flaw{Part::kContext, i, what};
    calls += trace.context_storage[i].calls;
  }
  if (calls != trace.call_count) {
    return Flaw{Part::kCall, static_cast<std::uint8_t>(calls), "it belongs to no context"};
  }
  for (std::uint8_t i = live; i < trace.call_count; ++i) {
    if (const char* what = call_flaw(trace, trace.call_storage[i])) return Flaw{Part::kCall, i, what};
  }
  for (std::uint8_t i = 0; i < trace.departure_count; ++i) {
    const Departure& departure = trace.departure_storage[i];
    if (const char* what = departure_flaw(trace, departure)) return Flaw{Part::kDeparture, i, what};
    if (i > 0 && !ordered(trace.departure_storage[i - 1U], departure)) {
      return Flaw{Part::kDeparture, i, "departures must be sorted by (call, access)"};
    }
  }
  return std::nullopt;
}

std::optional<std::string> validate(const Trace& trace) {
  const auto flaw = find_flaw(trace);
  if (!flaw) return std::nullopt;
  switch (flaw->part) {
    case Flaw::Part::kGeometry:
      return fmt::format("machine: {}", flaw->what);
    case Flaw::Part::kContext:
      return fmt::format("context {}: {}", flaw->index, flaw->what);
    case Flaw::Part::kCall:
      return fmt::format("call {}: {}", flaw->index, flaw->what);
    case Flaw::Part::kDeparture:
      break;
  }
  return fmt::format("departure {}: {}", flaw->index, flaw->what);
}

bool same(const Trace& left, const Trace& right) noexcept {
  return left.geometry == right.geometry && left.memory == right.memory &&
         std::ranges::equal(left.contexts(), right.contexts()) &&
         std::ranges::equal(left.calls(), right.calls()) &&
         std::ranges::equal(left.departures(), right.departures());
}

}  // namespace labyrinth::machine
