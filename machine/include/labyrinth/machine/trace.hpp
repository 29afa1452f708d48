// A trace: geometry + program + schedule, in fixed storage. Everything a run depends on besides the target's
// build.
//
// The text form is trace_text.hpp's, the binary form of the fuzzers trace_binary.hpp's; docs/trace-format.md
// has both grammars. A Trace is plain data of bounded size: decoding one costs no heap.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "labyrinth/model/memory.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::machine {

inline constexpr std::uint8_t kMaxCpus = 4;
inline constexpr std::uint8_t kMaxContexts = 16;     ///< Tasks and handlers together.
inline constexpr std::uint8_t kMaxCalls = 64;        ///< Over all contexts.
inline constexpr std::uint8_t kMaxDepartures = 128;  ///< Of one schedule.
inline constexpr std::uint32_t kMaxFrames = 65536;   ///< Of one machine; 256 MiB of 4 KiB frames.
inline constexpr std::uint8_t kMostOlder = 11;       ///< Messages that a decision may go back in an order.
inline constexpr std::uint16_t kMaxAccess = 4095;    ///< The largest access number a schedule may name.

/// A zone, or the void; without frames it does not exist, and all else is 0.
struct ZoneShape {
  std::uint32_t frames = 0;
  std::uint32_t min = 0;  ///< min <= low <= high <= frames
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  std::uint32_t ratio =
      0;  ///< Linux's lowmem_reserve_ratio, at most kMaxRatio; 0: no reserve. Not of the void.
  std::uint32_t highatomic =
      0;                ///< Pageblocks that may be set apart, at most kMaxHighatomic. Not of the void.
  bool unmaps = false;  ///< Of the void: its frames are unmapped while nobody owns them.
  friend constexpr bool operator==(const ZoneShape&, const ZoneShape&) = default;
};

/// The rooms of one context level, one for each CPU; or the room of a device.
struct RoomShape {
  std::uint8_t frames = 0;  ///< Of each; 0: there are none. At most kMaxRoomFrames.
  bool spills = false;      ///< What a room cannot serve goes on to the zones.
  friend constexpr bool operator==(const RoomShape&, const RoomShape&) = default;
};

/// Slots to map frames into; without any, calls that map are left out.
struct MapShape {
  std::uint8_t slots = 0;  ///< Global ones, at most kMaxMapSlots.
  std::uint8_t depth = 0;  ///< Of each context's stack of local mappings, at most kMaxMapDepth.
  std::uint8_t unmapped =
      0;  ///< Bit per zone, kVoid too, that has no direct map. Only of zones that have frames.
  [[nodiscard]] constexpr bool exists() const noexcept { return slots != 0 || depth != 0; }
  friend constexpr bool operator==(const MapShape&, const MapShape&) = default;
};
inline constexpr std::uint8_t kMaxMapSlots = 64;
inline constexpr std::uint8_t kMaxMapDepth = 16;

inline constexpr std::size_t kVoid = model::kZoneTypes;  ///< The void's place among the zones.
inline constexpr std::uint32_t kMaxRatio = 65535;
inline constexpr std::uint32_t kMaxHighatomic = 64;
inline constexpr std::uint8_t kMaxRoomFrames = 64;

/// Memory of its own for kmalloc's objects, behind all other: one zone, whose watermarks are all `min`.
struct ObjectShape {
  std::uint32_t frames = 0;  ///< 0: there is none. At most kMaxObjectFrames.
  std::uint32_t min = 0;     ///< At most `frames`, and kMaxObjectMin.
  friend constexpr bool operator==(const ObjectShape&, const ObjectShape&) = default;
};
inline constexpr std::uint32_t kMaxObjectFrames = 256;
inline constexpr std::uint32_t kMaxObjectMin = 255;

/// The machine of a trace: CPUs, and memory that falls into zones, the void, rooms of levels and rooms of
/// devices, in this order, one behind the other.
struct Geometry {
  std::uint8_t cpus = 1;                                 ///< 1..kMaxCpus
  std::uint8_t max_order = 10;                           ///< 0..model::kMaxOrder
  std::uint64_t first_pfn = 0;                           ///< at most 2^40
  std::array<ZoneShape, model::kZoneTypes + 1> zones{};  ///< By model::ZoneType, and kVoid.
  std::array<RoomShape, model::kLevels> rooms{};         ///< By model::Level.
  std::array<RoomShape, model::kMaxDevices> devices{};
  ObjectShape objects{};  ///< Counted apart.
  MapShape map{};

  [[nodiscard]] constexpr ZoneShape& normal() noexcept {
    return zones[static_cast<std::size_t>(model::ZoneType::kNormal)];
  }
  [[nodiscard]] constexpr const ZoneShape& normal() const noexcept {
    return zones[static_cast<std::size_t>(model::ZoneType::kNormal)];
  }
  /// All frames, 1..kMaxFrames of a valid geometry.
  [[nodiscard]] constexpr std::uint64_t frames() const noexcept {
    std::uint64_t sum = 0;
    for (const ZoneShape& zone : zones) sum += zone.frames;
    for (const RoomShape& room : rooms) sum += std::uint64_t{room.frames} * cpus;
    for (const RoomShape& room : devices) sum += room.frames;
    return sum;
  }
  friend constexpr bool operator==(const Geometry&, const Geometry&) = default;
};

/// A pageblock is a largest block, of at least 32 frames.
[[nodiscard]] constexpr std::uint8_t pageblock_order(const Geometry& geometry) noexcept {
  constexpr std::uint8_t kLeast = 5;
  return geometry.max_order < kLeast ? kLeast : geometry.max_order;
}

/// The machine that has zone NORMAL and nothing else.
[[nodiscard]] constexpr Geometry one_zone(std::uint8_t cpus, std::uint32_t frames, std::uint32_t min = 0,
                                          std::uint32_t low = 0, std::uint32_t high = 0) noexcept {
  Geometry result{.cpus = cpus};
  result.normal() = {frames, min, low, high, 0, 0};
  return result;
}

/// The pools that the model judges by.
[[nodiscard]] model::Memory memory_of(const Geometry& geometry) noexcept;

enum class Op : std::uint8_t {
  kAlloc,
  kFree,
  kIrqDisable,
  kIrqEnable,
  kBhDisable,
  kBhEnable,
  kPreemptDisable,
  kPreemptEnable,
  kBulk,     ///< Several single frames at once, all or none.
  kExact,    ///< A number of frames that need not be a power of two, as blocks of falling orders.
  kDrain,    ///< Unmap and free what was freed in the void where sleeping is not permitted.
  kCache,    ///< Hands the blocks of a call over to the machine's shrinker.
  kBalance,  ///< Background reclaim; a reclaimer sleeps first until it is woken.
  kKmalloc,  ///< A small object.
  kKfree,
  kLive,  ///< No call: a block that has an owner when the run begins.
  kMap,   ///< In a global slot.
  kUnmap,
  kMapLocal,  ///< On the context's own stack.
  kUnmapLocal,
  kMapAtomic,  ///< The same, with preemption off as long.
  kUnmapAtomic,
  kPageAddress,  ///< Where a frame is directly mapped.
};

/// Whether other calls can mean what this one got, or stands for.
[[nodiscard]] constexpr bool allocates(Op op) noexcept {
  return op == Op::kAlloc || op == Op::kBulk || op == Op::kExact || op == Op::kLive;
}
/// Whether other calls can take back what this one mapped.
[[nodiscard]] constexpr bool maps(Op op) noexcept {
  return op == Op::kMap || op == Op::kMapLocal || op == Op::kMapAtomic;
}
[[nodiscard]] constexpr bool unmaps(Op op) noexcept {
  return op == Op::kUnmap || op == Op::kUnmapLocal || op == Op::kUnmapAtomic;
}
/// Whether it is about a frame of an allocation: one that maps, or page_address.
[[nodiscard]] constexpr bool addresses(Op op) noexcept { return maps(op) || op == Op::kPageAddress; }
/// Whether it is about objects, and not about blocks.
[[nodiscard]] constexpr bool of_objects(Op op) noexcept { return op == Op::kKmalloc || op == Op::kKfree; }
inline constexpr std::uint64_t kMaxSaidCount = 255;         ///< That a bulk may ask for.
inline constexpr std::uint64_t kMaxSaidFrames = 65535;      ///< That an exact allocation may ask for.
inline constexpr std::uint64_t kMaxSaidBlocks = 64;         ///< That a drain may be limited to.
inline constexpr std::uint64_t kMaxSaidBytes = UINT32_MAX;  ///< That a kmalloc may ask for.

inline constexpr std::uint8_t kNoHandle = 0xff;
inline constexpr std::uint8_t kOrderOfHandle = 0xff;

/// One step of a program. A call's identity is its index in Trace::calls.
struct Call {
  Op op = Op::kAlloc;
  /// kAlloc: the order asked for (any value: absurd ones must be refused). kLive: the block's. kFree: the
  /// order said, or kOrderOfHandle.
  std::uint8_t order = 0;
  /// kFree: index of the call whose block, or blocks, are meant, or kNoHandle: then `pfn` is absolute.
  /// kCache, of what maps, and kPageAddress: that of the allocation; of what unmaps: that of the call that
  /// mapped. kKfree: as kFree, of a kmalloc's object.
  std::uint8_t handle = kNoHandle;
  std::uint32_t gfp = 0;  ///< Of what allocates: raw request bits (unknown bits must be refused).
  /// kBulk, kExact: how many frames. kDrain: how many blocks at most, 0: all. kKmalloc: how many bytes.
  /// kLive: its first frame.
  /// kFree: with a handle, added to its first frame (two's complement; 0: the block itself); else the frame
  /// itself. kKfree: the same in bytes, from the start of the objects' memory. Of what maps, and
  /// kPageAddress: added to the allocation's first frame.
  std::uint64_t pfn = 0;
  friend constexpr bool operator==(const Call&, const Call&) = default;
};

/// A task, or an interrupt handler that arrives on one CPU once.
struct Context {
  model::Level level = model::Level::kTask;
  std::uint8_t cpu = 0;         ///< Where it starts (a task may migrate).
  std::uint8_t first_call = 0;  ///< Its calls are calls[first_call, first_call + calls).
  std::uint8_t calls = 0;
  bool reclaimer = false;  ///< A task that does not begin, nor any of its kBalance, before it has been woken.
  friend constexpr bool operator==(const Context&, const Context&) = default;
};

/// What a schedule can say at one access, instead of "go on".
struct Decision {
  enum class Kind : std::uint8_t {
    kGoOn,       ///< Nothing special.
    kCpu,        ///< Let CPU `argument` run next.
    kTask,       ///< Let the task with context index `argument` run next, preempting what its CPU runs.
    kInterrupt,  ///< Deliver the first pending handler of level `argument` (model::Level) of this CPU here.
    kMigrate,    ///< Move the running task to CPU `argument` and go on there.
    kSpurious,   ///< The weak compare-exchange that comes now fails although it could succeed.
    kOlder,  ///< Under rc11: the read that comes sees the message with `argument` others behind it; the store
             ///< that comes is put before the last `argument`.
  };
  Kind kind = Kind::kGoOn;
  std::uint8_t argument = 0;
  friend constexpr bool operator==(const Decision&, const Decision&) = default;
};

/// A departure from "go on": before the `access`-th atomic access (from 1) of `call`, or, with access 0,
/// before the call begins.
struct Departure {
  std::uint8_t call = 0;
  std::uint16_t access = 0;  ///< 0..kMaxAccess
  Decision decision{};
  friend constexpr bool operator==(const Departure&, const Departure&) = default;
};

/// What an atomic read may see.
enum class MemoryModel : std::uint8_t {
  kSc,    ///< The last value written: sequential consistency.
  kRc11,  ///< What RC11 permits, by the orders that the code names.
};

/// Geometry + program + schedule. Blocks that live from the start come first among the calls, and belong to
/// no context. Contexts are in program order, each one's calls contiguous and in that same order; departures
/// are sorted by (call, access), those of one point in the order they are carried out.
struct Trace {
  Geometry geometry = one_zone(1, 64);
  MemoryModel memory = MemoryModel::kSc;
  std::uint8_t context_count = 0;
  std::uint8_t call_count = 0;
  std::uint8_t departure_count = 0;
  std::array<Context, kMaxContexts> context_storage;
  std::array<Call, kMaxCalls> call_storage;
  std::array<Departure, kMaxDepartures> departure_storage;

  [[nodiscard]] std::span<const Context> contexts() const noexcept {
    return {context_storage.data(), context_count};
  }
  [[nodiscard]] std::span<const Call> calls() const noexcept { return {call_storage.data(), call_count}; }
  /// How many blocks live from the start.
  [[nodiscard]] std::uint8_t live_count() const noexcept {
    std::uint8_t count = 0;
    while (count < call_count && call_storage[count].op == Op::kLive) ++count;
    return count;
  }
  [[nodiscard]] std::span<const Departure> departures() const noexcept {
    return {departure_storage.data(), departure_count};
  }
};

}  // namespace labyrinth::machine
