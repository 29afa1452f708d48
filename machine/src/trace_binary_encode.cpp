// Encodes a trace in the binary form: for each value the first byte that means it, and wide records where
// none does.
#include <algorithm>
#include <array>
#include <optional>

#include "labyrinth/machine/trace_binary.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "trace_binary_layout.hpp"

namespace labyrinth::machine {
namespace {

using namespace binary;

template <typename T>
std::optional<std::uint8_t> byte_for(const std::array<T, 256>& table, std::uint64_t value) noexcept {
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (static_cast<std::uint64_t>(table[byte]) == value) return static_cast<std::uint8_t>(byte);
  }
  return std::nullopt;
}

constexpr std::uint8_t low_byte(std::uint64_t value) noexcept {
  return static_cast<std::uint8_t>(value & 0xff);
}

class Encoder {
 public:
  Encoder(const Trace& trace, std::span<std::uint8_t> out) noexcept : trace_(trace), out_(out) {}

  [[nodiscard]] std::size_t run() noexcept {
    header();
    geometry();
    contexts();
    std::size_t departure = 0;
    for (std::size_t i = 0; i < trace_.context_count; ++i) {
      const Context& context = trace_.context_storage[i];
      for (std::size_t c = context.first_call; c < std::size_t{context.first_call} + context.calls; ++c) {
        call(trace_.call_storage[c], c, static_cast<std::uint8_t>(i));
        // Right behind their call, so that their distances are zero wherever a mutation moves the two.
        for (; departure < trace_.departure_count && trace_.departure_storage[departure].call == c;
             ++departure) {
          depart(trace_.departure_storage[departure]);
        }
      }
    }
    return fits_ ? size_ : 0;
  }

 private:
  void put(std::uint8_t byte) noexcept {
    fits_ = fits_ && size_ < out_.size();
    if (fits_) out_[size_++] = byte;
  }

  void record(unsigned kind, unsigned variant, unsigned a, unsigned b, unsigned c) noexcept {
    put(low_byte(kind << 4 | variant));
    put(low_byte(a));
    put(low_byte(b));
    put(low_byte(c));
  }

  void wide(unsigned variant, std::uint64_t value, unsigned last) noexcept {
    record(kWide, variant, low_byte(value), low_byte(value >> 8), last);
  }

  void header() noexcept {
    const Geometry& g = trace_.geometry;
    put(kVersion);
    const ZoneShape& zone = g.normal();
    put(byte_for(kFrames, zone.frames).value_or(0));
    const unsigned order_bits = g.max_order == 10 ? 0 : 63U - g.max_order;
    put(low_byte(order_bits << 2 | byte_for(kCpus, g.cpus).value_or(0)));
    put(byte_for(kMin, zone.min).value_or(0));
    put(byte_for(kStep, zone.low - zone.min).value_or(0));
    put(byte_for(kStep, zone.high - zone.low).value_or(0));
    put(byte_for(kContextCount, trace_.context_count).value_or(0));
    put(handlers_byte_ = best_handlers());
  }

  void geometry() noexcept {
    const Geometry& g = trace_.geometry;
    const auto exact = [&](Wide variant, const auto& table, std::uint32_t value) {
      if (!byte_for(table, value)) wide(variant, value, kSeal | value >> 16);
    };
    const ZoneShape& normal = g.normal();
    exact(kWideFrames, kFrames, normal.frames);
    exact(kWideMin, kMin, normal.min);
    exact(kWideLowStep, kStep, normal.low - normal.min);
    exact(kWideHighStep, kStep, normal.high - normal.low);
    ratio(normal.ratio);
    highatomic(normal.highatomic);
    for (std::size_t i = 0; i < g.zones.size(); ++i) {
      if (&g.zones[i] != &normal && g.zones[i].frames != 0) zone(static_cast<unsigned>(i), g.zones[i]);
    }
    for (unsigned level = 0; level < g.rooms.size(); ++level) room(level, g.rooms[level]);
    for (unsigned device = 0; device < g.devices.size(); ++device) {
      const unsigned upper = device >= model::kLevels ? kUpperDevice : 0U;
      room(device % model::kLevels | kOfDevice | upper, g.devices[device]);
    }
    if (g.objects.frames != 0) {
      const auto frames = byte_for(kObjectFrames, g.objects.frames);
      const auto min = byte_for(kObjectMin, g.objects.min);
      if (frames && min) {
        record(kWide, kRoomRecord, kObjects, *frames, *min);
      } else {
        record(kWide, kRoomRecord, kObjects | kObjectsExactly, low_byte(g.objects.frames - 1),
               low_byte(g.objects.min));
      }
    }
    const bool maps =
        std::ranges::any_of(trace_.calls(), [](const Call& call) { return call.op >= Op::kMap; });
    if (maps || g.map != MapShape{}) {
      record(kWide, kRoomRecord, kMapOfMachine | unsigned{g.map.unmapped} << 3,
             byte_for(kMapSlots, g.map.slots).value_or(0), byte_for(kMapDepth, g.map.depth).value_or(0));
    }
    for (unsigned part = 0; part < 3; ++part) {
      const std::uint64_t bits = g.first_pfn >> (16 * part) & 0xffff;
      if (bits != 0) wide(kWideFirst + part, bits, kSeal);
    }
  }

  void room(unsigned owner, const RoomShape& room) noexcept {
    if (room.frames == 0) return;
    record(kWide, kRoomRecord, owner, byte_for(kRoomFrames, room.frames).value_or(0), room.spills ? 1 : 0);
  }

  void ratio(std::uint32_t value) noexcept {
    if (value != 0) record(kWide, kRoomRecord, kRatioOfZone, low_byte(value), low_byte(value >> 8));
  }

  void highatomic(std::uint32_t value) noexcept {
    if (value != 0)
      record(kWide, kRoomRecord, kHighatomicOfZone, byte_for(kHighatomic, value).value_or(0), 0);
  }

  void zone(unsigned which, const ZoneShape& zone) noexcept {
    const auto frames = byte_for(kZoneFrames, zone.frames);
    const std::uint32_t low_step = zone.low - zone.min;
    const std::uint32_t high_step = zone.high - zone.low;
    record(kWide, kZoneRecord, which | (zone.unmaps ? 1U << kUnmapsBit : 0U), frames.value_or(0),
           (zone.min & 7U) | (low_step & 3U) << 3 | (high_step & 3U) << 5);
    if (!frames) wide(kWideFrames, zone.frames, kSeal | zone.frames >> 16);
    if (zone.min > 7) wide(kWideMin, zone.min, kSeal | zone.min >> 16);
    if (low_step > 3) wide(kWideLowStep, low_step, kSeal | low_step >> 16);
    if (high_step > 3) wide(kWideHighStep, high_step, kSeal | high_step >> 16);
    ratio(zone.ratio);
    highatomic(zone.highatomic);
  }

  [[nodiscard]] bool matches(std::size_t index, const Context& context) const noexcept {
    const Context& wanted = trace_.context_storage[index];
    return index >= trace_.context_count ||
           (wanted.level == context.level && wanted.reclaimer == context.reclaimer &&
            wanted.cpu == kFold[trace_.geometry.cpus][context.cpu]);
  }

  [[nodiscard]] std::uint8_t best_handlers() const noexcept {
    for (unsigned byte = 0; byte < 256; ++byte) {
      const auto [second, third] = handlers(low_byte(byte));
      if (matches(2, second) && matches(3, third)) return low_byte(byte);
    }
    return 0;
  }

  void contexts() noexcept {
    std::array<Context, kMaxContexts> standard = kDefaultContexts;
    const auto [second, third] = handlers(handlers_byte_);
    standard[2] = second;
    standard[3] = third;
    for (unsigned i = 0; i < trace_.context_count; ++i) {
      const Context& context = trace_.context_storage[i];
      if (matches(i, standard[i])) continue;
      record(kContext, i, static_cast<unsigned>(context.level), context.cpu,
             context.reclaimer ? kReclaimerFrom : 0);
    }
  }

  void call(const Call& call, std::size_t index, std::uint8_t context) noexcept {
    if (call.op == Op::kAlloc) {
      const auto gfp = byte_for(kGfp, call.gfp);
      const auto order = byte_for(kOrder, call.order);
      record(kAlloc, context, gfp.value_or(0), order.value_or(0), 0);
      if (!gfp) wide(kWideGfp, call.gfp & 0xffff, 0);
      if (!gfp) wide(kWideGfp + 1, call.gfp >> 16, 0);
      if (!order) wide(kWideOrder, call.order, 0);
    } else if (call.op == Op::kBulk || call.op == Op::kExact) {
      const auto gfp = byte_for(kGfp, call.gfp);
      const unsigned first = call.op == Op::kBulk ? kBulkFrom : kExactFrom;
      unsigned last = first;
      while (last < first + 24 && kExtent[last] != call.pfn) ++last;
      const bool exact = last == first + 24;
      record(kAlloc, context, gfp.value_or(0), 0, exact ? first : last);
      if (!gfp) wide(kWideGfp, call.gfp & 0xffff, 0);
      if (!gfp) wide(kWideGfp + 1, call.gfp >> 16, 0);
      if (exact) wide(kWidePfn, call.pfn, 0);
    } else if (call.op == Op::kDrain) {
      record(kMask, context, kDrainFrom, byte_for(kDrainBlocks, call.pfn).value_or(0), 0);
    } else if (call.op == Op::kCache) {
      const auto distance = static_cast<int>(index) - 1 - static_cast<int>(call.handle);
      record(kMask, context, kCacheFrom, static_cast<unsigned>(distance) & 0xffU, 0);
    } else if (call.op == Op::kBalance) {
      record(kMask, context, kBalanceFrom, 0, 0);
    } else if (of_objects(call.op)) {
      object_call(call, index, context);
    } else if (call.op >= Op::kMap) {
      mapping(call, index, context);
    } else if (call.op != Op::kFree) {
      record(kMask, context, static_cast<unsigned>(call.op) - 2U, 0, 0);
    } else if (call.handle != kNoHandle) {
      const auto distance = static_cast<int>(index) - 1 - static_cast<int>(call.handle);
      const auto order = byte_for(kOrderSaid, call.order);
      const auto offset = byte_for(kOffset, call.pfn);
      record(kFree, context, static_cast<unsigned>(distance) & 0xffU, order.value_or(0), offset.value_or(0));
      if (!order) wide(kWideOrder, call.order, 0);
      if (!offset) wide_pfn(call.pfn);
    } else {
      const std::uint64_t place = call.pfn - trace_.geometry.first_pfn + 1;
      const bool near = place < trace_.geometry.frames() + 2 && place <= 0xffff;
      const auto order = byte_for(kOrder, call.order);
      record(kFreePfn, context, near ? low_byte(place) : 0, order.value_or(0),
             near ? low_byte(place >> 8) : 0);
      if (!order) wide(kWideOrder, call.order, 0);
      if (!near) wide_pfn(call.pfn);
    }
  }

  void object_call(const Call& call, std::size_t index, std::uint8_t context) noexcept {
    if (call.op == Op::kKmalloc) {
      const auto* const gfp = std::ranges::find(kObjectGfp, call.gfp);
      const bool usual = gfp != kObjectGfp.end();
      const auto bytes = byte_for(kObjectBytes, call.pfn);
      record(kMask, context, kKmallocFrom + static_cast<unsigned>(usual ? gfp - kObjectGfp.begin() : 0),
             bytes.value_or(0), 0);
      if (!usual) wide(kWideGfp, call.gfp & 0xffff, 0);
      if (!usual) wide(kWideGfp + 1, call.gfp >> 16, 0);
      for (unsigned part = 0; part < 2 && !bytes; ++part)
        wide(kWidePfn + part, call.pfn >> (16 * part) & 0xffff, 0);
    } else if (call.handle != kNoHandle) {
      const auto distance = static_cast<int>(index) - 1 - static_cast<int>(call.handle);
      const auto offset = byte_for(kObjectOffset, call.pfn);
      record(kMask, context, kKfreeFrom, static_cast<unsigned>(distance) & 0xffU, offset.value_or(0));
      if (!offset) wide_pfn(call.pfn);
    } else {
      const bool near = call.pfn % 64 == 0 && call.pfn / 64 <= 0xffff;
      record(kMask, context, 0xff, near ? low_byte(call.pfn / 64) : 0,
             near ? low_byte(call.pfn / 64 >> 8) : 0);
      if (!near) wide_pfn(call.pfn);
    }
  }

  void mapping(const Call& call, std::size_t index, std::uint8_t context) noexcept {
    const auto distance = static_cast<int>(index) - 1 - static_cast<int>(call.handle);
    const auto offset = byte_for(kOffset, call.pfn);
    record(kMask, context, kMappingFrom + static_cast<unsigned>(call.op) - static_cast<unsigned>(Op::kMap),
           static_cast<unsigned>(distance) & 0xffU, offset.value_or(0));
    if (!offset) wide_pfn(call.pfn);
  }

  void wide_pfn(std::uint64_t pfn) noexcept {
    for (unsigned part = 0; part < 4; ++part) {
      const std::uint64_t bits = pfn >> (16 * part) & 0xffff;
      // The first part is written even if zero: that there is one at all makes the number exact.
      if (part == 0 || bits != 0) wide(kWidePfn + part, bits, 0);
    }
  }

  void depart(const Departure& departure) noexcept {
    const unsigned low = departure.access & 0xffU;
    const unsigned scale = departure.access < 16 ? 0 : 0xf0U | departure.access >> 8;
    const unsigned argument = departure.decision.argument;
    switch (departure.decision.kind) {
      case Decision::Kind::kCpu:
        return record(kCpu, argument, 0, low, scale);
      case Decision::Kind::kTask:
        return record(kTask, task_number(argument), 0, low, scale);
      case Decision::Kind::kInterrupt:
        return record(kInterrupt, argument - 1, 0, low, scale);
      case Decision::Kind::kMigrate:
        return record(kOther, kMigrateVariant + argument, 0, low, scale);
      case Decision::Kind::kSpurious:
        return record(kOther, kSpuriousVariant, 0, low, scale);
      case Decision::Kind::kOlder:
      case Decision::Kind::kGoOn:
        break;  // No valid trace has one.
    }
  }

  [[nodiscard]] unsigned task_number(std::size_t context) const noexcept {
    return static_cast<unsigned>(
        std::ranges::count(trace_.contexts().first(context), model::Level::kTask, &Context::level));
  }

  const Trace& trace_;
  std::span<std::uint8_t> out_;
  std::size_t size_ = 0;
  bool fits_ = true;
  std::uint8_t handlers_byte_ = 0;
};

}  // namespace

std::size_t encode_trace(const Trace& trace, std::span<std::uint8_t> out) noexcept {
  const bool beyond = trace.memory != MemoryModel::kSc || trace.live_count() != 0;
  return find_flaw(trace) || beyond ? 0 : Encoder(trace, out).run();
}

}  // namespace labyrinth::machine
