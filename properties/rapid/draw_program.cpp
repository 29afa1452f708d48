// Programs and schedules: who calls what, and where it is interrupted. Valid by construction.
#include <algorithm>
#include <array>

#include "chance.hpp"
#include "generators.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "outline.hpp"

namespace labyrinth::properties {

using fuzz::Id;
using machine::Call;
using machine::Op;
using machine::Trace;

namespace {

/// What an earlier call of the program got, or mapped.
struct Got {
  Id id = 0;
  std::uint8_t context = 0;
  Op op = Op::kAlloc;
  bool gone = false;  ///< Freed, unmapped, or handed over, by some call behind it.
};

/// Without calls.
void draw_contexts(const Aim& aim, Chance& chance, Trace& out) noexcept {
  const std::uint32_t tasks = 1 + chance.below(aim.tasks);
  const std::uint32_t handlers = aim.handlers == 0 ? 0 : chance.below(aim.handlers + 1U);
  out.context_count = static_cast<std::uint8_t>(tasks + handlers);
  out.call_count = out.departure_count = 0;
  for (std::uint32_t i = 0; i < tasks + handlers; ++i) {
    machine::Context& context = out.context_storage[i];
    context = {};
    context.cpu = chance.byte_below(out.geometry.cpus);
    if (i >= tasks) context.level = static_cast<model::Level>(1 + chance.below(3));
  }
  if ((aim.parts & kReclaimers) != 0 && tasks > 1 && chance.once_in(2))
    out.context_storage[0].reclaimer = true;
}

/// Calls and departures of the contexts that are there.
class Drawing {
 public:
  Drawing(const Aim& aim, Chance& chance, Trace& out) noexcept
      : aim_(aim), chance_(chance), trace_(out), outline_(out) {}

  void draw(int size) noexcept {
    constexpr std::uint32_t kFullSize = 100;
    const std::uint32_t span = aim_.most_calls - aim_.least_calls;
    const std::uint32_t calls = aim_.least_calls + span * static_cast<std::uint32_t>(size) / kFullSize;
    for (const Weight& it : aim_.commands) weights_ += it.weight;
    while (outline_.items().size() < calls) command();
    schedule();
    outline_.apply(trace_);
  }

 private:
  void put(const Call& call, Id means = 0) noexcept {
    put(chance_.byte_below(trace_.context_count), call, means);
  }
  Id put(std::uint8_t context, const Call& call, Id means = 0) noexcept {
    return outline_.insert(outline_.items().size(), {0, means, context, call});
  }

  [[nodiscard]] std::uint32_t flags() noexcept {
    if (aim_.strange && chance_.once_in(6)) return chance_.below(1U << 15);
    return chance_.one_of(aim_.flags);
  }
  [[nodiscard]] std::uint8_t order() noexcept {
    if (aim_.strange && chance_.once_in(6)) return chance_.byte_below(machine::kMaxSaidOrder + 1U);
    constexpr std::uint32_t kLarge = 64;
    constexpr std::uint8_t kWholeWords = 8;  // Beyond this a block fills most machines of ours.
    if (aim_.most_order != 0 && trace_.geometry.normal().frames >= kLarge && chance_.once_in(6))
      return chance_.byte_below(kWholeWords);
    return chance_.once_in(2) ? std::uint8_t{0} : chance_.byte_below(aim_.most_order + 1U);
  }

  /// One of `list` of which `wanted` holds, from a random place on; null: none.
  template <std::size_t kMost, class Wanted>
  [[nodiscard]] Got* find(std::array<Got, kMost>& list, std::size_t count, Wanted wanted) noexcept {
    if (count == 0) return nullptr;
    const std::size_t from = chance_.below(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
      Got& it = list[(from + i) % count];
      if (wanted(it)) return &it;
    }
    return nullptr;
  }

  void allocate(Op op) noexcept {
    const std::uint8_t context = chance_.byte_below(trace_.context_count);
    Call call{.op = op, .gfp = flags()};
    if (op == Op::kAlloc) {
      call.order = order();
      constexpr std::uint32_t kOneFrame = (model::kRoom | model::kDeviceField).bits;
      if (!aim_.strange && (call.gfp & kOneFrame) != 0) call.order = 0;
    } else {
      call.pfn = 1 + chance_.below(7);
    }
    blocks_[block_count_++] = {put(context, call), context, op, false};
  }

  void free_of(Got* got, std::uint64_t offset, std::uint8_t order, bool by_its_owner) noexcept {
    if (got == nullptr) return allocate(Op::kAlloc);
    const std::uint8_t context = by_its_owner ? got->context : chance_.byte_below(trace_.context_count);
    put(context, {.op = Op::kFree, .order = order, .pfn = offset}, got->id);
    if (offset == 0 && order == machine::kOrderOfHandle) got->gone = true;
  }

  void command() noexcept {
    std::uint32_t drawn = chance_.below(weights_);
    const Weight* chosen = aim_.commands.data();
    for (; drawn >= chosen->weight; ++chosen) drawn -= chosen->weight;
    const auto live = [](const Got& it) { return !it.gone; };
    const auto gone = [](const Got& it) { return it.gone; };
    const auto any = [](const Got&) { return true; };
    constexpr std::uint8_t kSame = machine::kOrderOfHandle;
    switch (chosen->command) {
      case Command::kAlloc:
        return allocate(Op::kAlloc);
      case Command::kBulk:
        return allocate(Op::kBulk);
      case Command::kExact:
        return allocate(Op::kExact);
      case Command::kFree:
        return free_of(find(blocks_, block_count_, live), 0, kSame, true);
      case Command::kHandedFree:
        return free_of(find(blocks_, block_count_, live), 0, kSame, false);
      case Command::kDoubleFree:
        return free_of(find(blocks_, block_count_, gone), 0, kSame, false);
      case Command::kWrongOrder:
        return free_of(find(blocks_, block_count_, any), 0, chance_.byte_below(aim_.most_order + 2U), false);
      case Command::kNeighbour:
        return free_of(find(blocks_, block_count_, any), static_cast<std::uint64_t>(chance_.below(9)) - 4,
                       chance_.once_in(2) ? std::uint8_t{0} : kSame, false);
      case Command::kForeignFree: {
        const auto frames = static_cast<std::uint32_t>(trace_.geometry.frames());
        return put({.op = Op::kFree,
                    .order = chance_.byte_below(aim_.most_order + 1U),
                    .pfn = trace_.geometry.first_pfn + chance_.below(frames + 2) - chance_.below(2)});
      }
      case Command::kMask:
        return mask();
      case Command::kMap:
      case Command::kPageAddress:
        return map(chosen->command);
      case Command::kUnmap:
        return unmap(true);
      case Command::kWrongUnmap:
        return unmap(false);
      case Command::kDrain:
        return put({.op = Op::kDrain});
      case Command::kCache:
        if (Got* const got = find(blocks_, block_count_, live); got != nullptr) {
          put(got->context, {.op = Op::kCache}, got->id);
          got->gone = true;
          return;
        }
        return put({.op = Op::kBalance});
      case Command::kBalance:
        return put({.op = Op::kBalance});
      case Command::kKmalloc: {
        const std::uint8_t context = chance_.byte_below(trace_.context_count);
        constexpr std::array<std::uint16_t, 6> kSizes{1, 16, 32, 100, 2048, 4096};
        const Call call{.op = Op::kKmalloc,
                        .gfp = flags(),
                        .pfn = chance_.one_of(std::span<const std::uint16_t>(kSizes))};
        objects_[object_count_++] = {put(context, call), context, Op::kKmalloc, false};
        return;
      }
      case Command::kKfree:
        return kfree(find(objects_, object_count_, live), 0);
      case Command::kWrongKfree:
        return kfree(find(objects_, object_count_, any), static_cast<std::uint64_t>(chance_.below(3)) * 16);
    }
  }

  void kfree(Got* got, std::uint64_t offset) noexcept {
    if (got == nullptr) return put({.op = Op::kKfree, .pfn = 16 * std::uint64_t{chance_.below(64)}});
    put({.op = Op::kKfree, .pfn = offset}, got->id);
    if (offset == 0) got->gone = true;
  }

  /// What interrupts do is balanced: a handler leaves the masks of what it interrupted alone.
  void mask() noexcept {
    const std::uint8_t context = chance_.byte_below(trace_.context_count);
    if (trace_.context_storage[context].level != model::Level::kTask) return allocate(Op::kAlloc);
    constexpr std::array<Op, 6> kMasks{Op::kIrqDisable, Op::kIrqEnable,      Op::kBhDisable,
                                       Op::kBhEnable,   Op::kPreemptDisable, Op::kPreemptEnable};
    put(context, {.op = chance_.one_of(std::span<const Op>(kMasks))});
  }

  void map(Command command) noexcept {
    // Half of them of the frame that was mapped last: what several have mapped is shared.
    Got* got = find(blocks_, block_count_, [](const Got& it) { return !it.gone; });
    if (got == nullptr) return allocate(Op::kAlloc);
    if (last_mapped_ != nullptr && !last_mapped_->gone && chance_.once_in(2)) got = last_mapped_;
    last_mapped_ = got;
    if (command == Command::kPageAddress) return put({.op = Op::kPageAddress}, got->id);
    constexpr std::array<Op, 3> kWays{Op::kMap, Op::kMapLocal, Op::kMapAtomic};
    const Op op = kWays[chance_.once_in(3) ? 0 : 1 + chance_.below(2)];
    const std::uint8_t context = chance_.once_in(2) ? got->context : chance_.byte_below(trace_.context_count);
    maps_[map_count_++] = {put(context, {.op = op}, got->id), context, op, false};
  }

  void unmap(bool rightly) noexcept {
    constexpr std::array<Op, 3> kUnways{Op::kUnmap, Op::kUnmapLocal, Op::kUnmapAtomic};
    const auto undo = [&](Op op) {
      return op == Op::kMap ? kUnways[0] : op == Op::kMapLocal ? kUnways[1] : kUnways[2];
    };
    Got* it = nullptr;
    if (rightly) {  // The newest one of a context.
      const std::uint8_t context = chance_.byte_below(trace_.context_count);
      for (std::size_t i = 0; i < map_count_; ++i) {
        if (!maps_[i].gone && maps_[i].context == context) it = &maps_[i];
      }
    } else {
      it = find(maps_, map_count_, [](const Got&) { return true; });
    }
    if (it == nullptr) return map(Command::kMap);
    const Op op = rightly || chance_.once_in(2) ? undo(it->op) : chance_.one_of(std::span<const Op>(kUnways));
    put(rightly || chance_.once_in(2) ? it->context : chance_.byte_below(trace_.context_count), {.op = op},
        it->id);
    it->gone = true;
  }

  /// Before an access that most calls reach; most decisions matter early in one.
  [[nodiscard]] std::uint16_t access() noexcept {
    return static_cast<std::uint16_t>(chance_.once_in(4) ? 0
                                                         : 1 + chance_.below(chance_.once_in(4) ? 24 : 7));
  }

  void schedule() noexcept {
    using Kind = machine::Decision::Kind;
    const auto items = outline_.items();
    const auto size = static_cast<std::uint32_t>(items.size());
    // Each handler hits something that it can hit, if it is drawn at first.
    for (std::uint8_t h = 0; h < trace_.context_count; ++h) {
      const machine::Context& handler = trace_.context_storage[h];
      if (handler.level == model::Level::kTask) continue;
      const std::uint32_t from = chance_.below(size);
      for (std::uint32_t i = 0; i < size; ++i) {
        const fuzz::Item& item = items[(from + i) % size];
        const machine::Context& hit = trace_.context_storage[item.context];
        if (hit.cpu != handler.cpu || hit.level >= handler.level) continue;
        outline_.add({item.id, access(), {Kind::kInterrupt, static_cast<std::uint8_t>(handler.level)}});
        break;
      }
    }
    if (aim_.departures == 0) return;
    for (std::uint32_t left = chance_.below(aim_.departures + 1U); left != 0; --left) {
      const fuzz::Item& item = items[chance_.below(size)];
      machine::Decision decision{Kind::kCpu, chance_.byte_below(trace_.geometry.cpus)};
      const std::uint8_t other = chance_.byte_below(trace_.context_count);
      if (chance_.once_in(3) && trace_.context_storage[other].level == model::Level::kTask)
        decision = {Kind::kTask, other};
      if (chance_.once_in(8)) decision = {Kind::kSpurious, 0};
      if (chance_.once_in(16)) decision = {Kind::kMigrate, chance_.byte_below(trace_.geometry.cpus)};
      if (aim_.memory == machine::MemoryModel::kRc11 && chance_.once_in(2))
        decision = {Kind::kOlder, static_cast<std::uint8_t>(1 + chance_.below(2))};
      outline_.add({item.id, access(), decision});
    }
  }

  const Aim& aim_;
  Chance& chance_;
  Trace& trace_;
  fuzz::Outline outline_;
  std::uint32_t weights_ = 0;
  std::array<Got, machine::kMaxCalls> blocks_, maps_, objects_;
  Got* last_mapped_ = nullptr;
  std::size_t block_count_ = 0, map_count_ = 0, object_count_ = 0;
};

}  // namespace

void draw_trace(const Aim& aim, std::uint64_t seed, int size, Trace& out) noexcept {
  Chance chance(seed);
  out.memory = aim.memory;
  draw_geometry(aim, seed ^ 0x9e0'37e7, out);
  draw_contexts(aim, chance, out);
  Drawing(aim, chance, out).draw(std::clamp(size, 0, 100));
}

rc::Gen<Trace> traces(const Aim& aim) {
  return rc::Gen<Trace>([&aim](const rc::Random& random, int size) {
    rc::Random stream = random;
    Trace trace;
    draw_trace(aim, stream.next(), size, trace);
    return rc::shrinkable::just(trace);
  });
}

}  // namespace labyrinth::properties
