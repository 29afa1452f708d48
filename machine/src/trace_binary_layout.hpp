// The tables and codes of the binary form, shared by its decoder and its encoder. Changing one changes what
// every stored fuzz input means: a new layout needs a new version byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::machine::binary {

inline constexpr std::uint8_t kVersion = 2;

/// The header's bytes.
enum HeaderByte : std::uint8_t {
  kAtVersion,
  kAtFrames,
  kAtCpus,
  kAtMin,
  kAtLow,
  kAtHigh,
  kAtCount,
  kAtHandlers
};

/// The upper half of a record's first byte; the lower half is a context, an argument or a variant. Sixteen
/// values for ten kinds: what a trace is made of is likelier than what it merely needs.
enum Class : std::uint8_t {
  kAlloc = 0,  // 0..4
  kFree = 5,   // 5..7
  kFreePfn = 8,
  kMask = 9,
  kInterrupt = 10,
  kOther = 11,
  kCpu = 12,
  kTask = 13,
  kContext = 14,
  kWide = 15
};

/// kOther's variants: interrupts again below the first, then migrations, then spurious failures.
inline constexpr std::uint8_t kMigrateVariant = 9;
inline constexpr std::uint8_t kSpuriousVariant = 13;

/// The forms a call record has: each reads bytes 1..3 in its own way.
enum class Form : std::uint8_t { kAlloc, kFree, kFreePfn, kMask };

/// kWide's variants: 16 bits (watermarks: 17) for the call before, or for the geometry. Those of a zone are
/// of the last one that a zone record named, NORMAL before the first.
enum Wide : std::uint8_t {
  kWideGfp = 0,  // 0, 1: bits 0-15, 16-31
  kWidePfn = 2,  // 2..5: bits 0-15 up to 48-63
  kWideOrder = 6,
  kWideFrames = 7,
  kWideMin = 8,
  kWideLowStep = 9,
  kWideHighStep = 10,
  kWideFirst = 11,  // 11..13: bits 0-15 up to 32-47
  kZoneRecord = 14,
  kRoomRecord = 15
};

/// A room record's low three bits: a level, or that the current zone's ratio follows. With both of these bits
/// and a level it is a device's room: the level and the bit above them are its number.
inline constexpr std::uint8_t kOfDevice = 0x18;
inline constexpr std::uint8_t kUpperDevice = 0x20;
inline constexpr std::uint8_t kRatioOfZone = 4;
inline constexpr std::uint8_t kHighatomicOfZone = 5;  ///< And that its highatomic reserve does.
/// Or the slots for mappings: byte 1's bits 3-7 are the zones without a direct map.
inline constexpr std::uint8_t kMapOfMachine = 6;
/// The objects' memory: frames, min; with this bit as numbers: frames - 1, min.
inline constexpr std::uint8_t kObjects = 7;
inline constexpr std::uint8_t kObjectsExactly = 8;

/// The last byte of a wide record of the geometry, bit 0 aside: chance alone must not make most machines
/// huge.
inline constexpr std::uint8_t kSeal = 0x5a;

template <typename T, typename Function>
constexpr std::array<T, 256> table(Function value_of) {
  std::array<T, 256> result{};
  for (unsigned byte = 0; byte < 256; ++byte) result[byte] = static_cast<T>(value_of(byte));
  return result;
}

/// kFold[n][i] is i modulo n, and 0 for n = 0: division is the decoder's slowest instruction.
inline constexpr auto kFold = [] {
  std::array<std::array<std::uint8_t, 16>, 17> result{};
  for (unsigned n = 1; n <= 16; ++n) {
    for (unsigned i = 0; i < 16; ++i) result[n][i] = static_cast<std::uint8_t>(i % n);
  }
  return result;
}();

/// Every size up to 128, zero meaning 64; then 1..32 again, for bugs show near exhaustion; then sizes at word
/// borders.
inline constexpr auto kFrames = table<std::uint16_t>([](unsigned byte) {
  // The costliest not last: fuzzers are fond of 255.
  constexpr std::array kLarge = {1000, 4096, 1024, 2048, 1023, 1025, 768, 640, 576, 514, 513,
                                 512,  511,  448,  385,  384,  383,  320, 300, 258, 257, 256,
                                 255,  240,  224,  200,  193,  192,  191, 160, 130, 129};
  if (byte < 128) return ((byte + 63) & 127) + 1;
  return byte < 224 ? (byte - 128) % 32 + 1 : static_cast<unsigned>(kLarge[byte - 224]);
});

inline constexpr auto kMin =
    table<std::uint8_t>([](unsigned byte) { return byte < 192 ? (byte + 4) % 12 : byte - 180; });
/// From min to low, and from low to high.
inline constexpr auto kStep =
    table<std::uint8_t>([](unsigned byte) { return byte < 192 ? (byte + 2) % 8 : byte - 184; });

/// A zone record's bytes. Small zones: a request that is to fall back must find the first one short.
inline constexpr std::array<std::uint8_t, 8> kZoneOf = {0, 1, 2, 3, kVoid, 0, 3, kVoid};
inline constexpr auto kZoneFrames = table<std::uint16_t>(
    [](unsigned byte) { return byte < 192 ? byte % 24 : (byte < 248 ? byte - 160 : (byte - 247) * 128); });
inline constexpr auto kRatio = table<std::uint16_t>([](unsigned byte) {
  constexpr std::array kUsual = {0U, 1U, 2U, 4U, 8U, 32U, 3U, 256U};
  return kUsual[byte >> 3 & 7U];
});
inline constexpr std::uint8_t kUnmapsBit = 6;  ///< Of a zone record's byte 1; it counts for the void alone.
inline constexpr auto kHighatomic = table<std::uint8_t>(
    [](unsigned byte) { return byte < 188 ? byte % 4 : (byte - 188) % (kMaxHighatomic + 1); });
inline constexpr auto kRoomFrames = table<std::uint8_t>(
    [](unsigned byte) { return byte < 184 ? byte % 7 : (byte - 184) % (kMaxRoomFrames + 1U); });

inline constexpr auto kMapSlots = table<std::uint8_t>(
    [](unsigned byte) { return byte < 184 ? byte % 5 : (byte - 184) % (kMaxMapSlots + 1U); });
inline constexpr auto kMapDepth = table<std::uint8_t>(
    [](unsigned byte) { return byte < 192 ? byte % 5 : (byte - 192) % (kMaxMapDepth + 1U); });

inline constexpr auto kMaximalOrder =
    table<std::uint8_t>([](unsigned byte) { return byte / 4 >= 54 ? 63 - byte / 4 : 10; });
inline constexpr auto kCpus = table<std::uint8_t>([](unsigned byte) {
  constexpr std::array kCounts = {2U, 1U, 3U, 4U};
  return kCounts[byte & 3];
});

inline constexpr auto kContextCount = table<std::uint8_t>([](unsigned byte) {
  constexpr std::array kUsual = {4U, 3U, 4U, 5U, 3U, 2U, 4U, 6U};
  return byte < 192 ? kUsual[byte & 7] : (byte - 192) % 17;
});

inline constexpr auto kGfp = table<std::uint32_t>([](unsigned byte) {
  using namespace model;
  constexpr std::array kUsual = {kAtomic, kKernel, kNowait, kAtomic | kMemalloc,
                                 kAtomic, kKernel, kHigh,   kAtomic | kNomemalloc};
  constexpr Gfp kUser = kHighmem | kMovable;
  constexpr std::array kElsewhere = {
      kAtomic | kDma,       kKernel | kDma32,     kAtomic | kUser,         kKernel | kUser,
      kAtomic | kExclusive, kKernel | kExclusive, kAtomic | kRoom,         kAtomic | kRoom,
      kNowait | kRoom,      kAtomic | kRoom,      kAtomic | kZero,         kKernel | kZero,
      kAtomic | kDma32,     kNowait | kDma,       kAtomic | kMovable,      kMemalloc | kDma32,
      kAtomic | kUser,      kNowait | kUser,      kNowait | kExclusive,    kExclusive | kZero,
      kAtomic | kRoom,      kKernel | kRoom,      kHigh | kRoom,           kAtomic | kRoom | kZero,
      kMemalloc | kUser,    kNomemalloc | kUser,  kNowait | kReclaimable,  kMemalloc | kExclusive,
      kDma | kDma32,        kExclusive | kRoom,   kMovable | kReclaimable, kKernel | kReclaimable};
  constexpr Gfp kWaits = kKernel | kNofail;
  constexpr std::array kSleeping = {kWaits,
                                    kWaits,
                                    kWaits | kHigh,
                                    kDirectReclaim | kNofail,
                                    kKernel | kNoretry,
                                    kKernel | kNoretry,
                                    kDirectReclaim | kNoretry,
                                    kKernel | kNoretry | kUser,
                                    kWaits | kNoretry,
                                    kWaits | kUser,
                                    kWaits | kRoom,
                                    kWaits | kExclusive,
                                    kWaits | kMemalloc,
                                    kWaits | kZero,
                                    kKernel | kRoom,
                                    kKernel | kHigh};
  // Few devices, so that requests meet rooms that exist.
  constexpr std::array kDevices = {
      kAtomic | for_device(0),         kAtomic | for_device(0),        kNowait | for_device(0),
      kAtomic | for_device(0) | kZero, kAtomic | for_device(1),        kKernel | for_device(1),
      kNowait | for_device(1),         kAtomic | for_device(1) | kDma, kAtomic | for_device(2),
      kMemalloc | for_device(3),       kAtomic | for_device(7),        kKernel | kNofail | for_device(0),
      kAtomic | for_device(0) | kRoom, kHigh | for_device(4),          kAtomic | for_device(5),
      kAtomic | for_device(6)};
  if (byte >= 240) return kSleeping[byte & 15].bits;
  if (byte >= 224) return kDevices[byte & 15].bits;
  if (byte < 112) return kUsual[byte & 7].bits;
  if (byte < 160) return kElsewhere[byte & 31].bits;
  if (byte < 192) return byte & 31U;
  return kAtomic.bits | 1U << (byte - 192);
});

inline constexpr auto kOrder = table<std::uint8_t>([](unsigned byte) {
  constexpr std::array kAbsurd = {11U, 12U, 31U, 32U, 62U, 63U, 64U, 254U};
  if (byte < 208) return byte & 3;
  return byte < 248 ? 4 + (byte - 208) % 7 : kAbsurd[byte - 248];
});

/// An alloc record's last byte: mostly nothing; else how many frames, of a bulk or of an exact allocation.
inline constexpr std::uint8_t kBulkFrom = 208;
inline constexpr std::uint8_t kExactFrom = 232;
inline constexpr auto kExtent = table<std::uint8_t>([](unsigned byte) {
  constexpr std::array kOdd = {0U, 63U, 64U, 65U, 255U};
  if (byte < kBulkFrom) return 0U;
  if (byte < kExactFrom) return byte - kBulkFrom < 19 ? byte - kBulkFrom + 1 : kOdd[byte - kBulkFrom - 19];
  return byte - kExactFrom < 19 ? byte - kExactFrom + 3 : kOdd[byte - kExactFrom - 19];
});

/// A mask record's byte 1: below the first a mask, of those from 160 on below 192 a drain of limbo; its byte
/// 2 is the most blocks that it may drain, 0: all.
inline constexpr std::uint8_t kDrainFrom = 160;
inline constexpr std::uint8_t kDrainEnd = 192;
inline constexpr auto kDrainBlocks = table<std::uint8_t>([](unsigned byte) {
  if (byte < 128) return 0U;
  return byte < 192 ? byte % 4 + 1 : byte - 191;
});

/// A free by handle mostly says what is right; it is wrong about its order or its place once in eleven.
inline constexpr auto kOrderSaid = table<std::uint8_t>([](unsigned byte) {
  constexpr std::array kAbsurd = {11U, 12U, 16U, 31U, 32U, 33U, 62U, 63U, 64U, 127U, 128U, 253U, 254U};
  if (byte < 232) return unsigned{kOrderOfHandle};
  return byte < 243 ? byte - 232 : kAbsurd[byte - 243];
});
inline constexpr auto kOffset = table<std::int8_t>(
    [](unsigned byte) { return byte < 232 ? 0 : static_cast<int>(byte) - (byte < 244 ? 244 : 243); });

/// A mask record's byte 1 from here on is the sleeping side: most of it hands a block over (the call that
/// byte 2 is the distance of), the last quarter is background reclaim. Other ranges are masks.
inline constexpr std::uint8_t kCacheFrom = 64;
inline constexpr std::uint8_t kBalanceFrom = 88;
inline constexpr std::uint8_t kSleepingEnd = 96;

/// A context record's byte 3 from here on makes a task a reclaimer.
inline constexpr std::uint8_t kReclaimerFrom = 192;

inline constexpr auto kObjectFrames = table<std::uint16_t>([](unsigned byte) {
  constexpr std::array kLarge = {63U, 64U, 65U, 128U, 129U, 256U};
  return byte < 224 ? byte % 9 : byte < 248 ? byte - 215 : kLarge[(byte - 248) % 6];
});
inline constexpr auto kObjectMin =
    table<std::uint8_t>([](unsigned byte) { return byte < 192 ? 0 : byte % 8; });

/// A record of class 9 is about objects from this byte 1 on, and a kfree from the next.
inline constexpr std::uint8_t kKmallocFrom = 192;
inline constexpr std::uint8_t kKfreeFrom = 224;
inline constexpr std::array<std::uint32_t, 32> kObjectGfp = [] {
  using namespace model;
  constexpr std::array kUsual = {kAtomic,
                                 kKernel,
                                 kNowait,
                                 kAtomic | kMemalloc,
                                 kAtomic,
                                 kMemalloc,
                                 kHigh,
                                 kAtomic | kNomemalloc,
                                 kAtomic | kZero,
                                 kKernel | kZero,
                                 kMemalloc | kZero,
                                 kKernel | kNoretry};
  constexpr std::array kRefused = {kDma,         kDma32,  kHighmem | kMovable, kExclusive, kRoom,
                                   kReclaimable, kNofail, Gfp{1U << 20}};
  std::array<std::uint32_t, 32> result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = i < 24 ? kUsual[i % kUsual.size()].bits : (kAtomic | kRefused[i - 24]).bits;
  }
  return result;
}();
/// Whole frames' worth of large objects soon fill a frame.
inline constexpr auto kObjectBytes = table<std::uint32_t>([](unsigned byte) {
  constexpr std::array kUsual = {1024U, 2048U, 512U, 2000U, 1500U, 4096U, 256U, 192U,
                                 2049U, 96U,   16U,  64U,   8192U, 1U,    128U, 33U};
  constexpr std::array kOdd = {0U,           4097U,        8193U, 16384U,   32769U, 262144U,
                               1048577U,     4194304U,     2047U, 4194305U, 65536U, 1025U,
                               0xffff'ffffU, 0x8000'0000U, 100U,  500U};
  return byte < 240 ? kUsual[byte & 15U] : kOdd[byte - 240];
});
inline constexpr auto kObjectOffset = table<std::int16_t>([](unsigned byte) {
  constexpr std::array kOdd = {1, -1, 8, -8, 16, -16, 512, 1024, 2048, 4096, -4096, -1024, -2048, 15, 32, 64};
  return byte < 240 ? 0 : kOdd[byte - 240];
});

/// A mask record is a mapping call if its byte 1 lies here.
inline constexpr std::uint8_t kMappingFrom = 96;
inline constexpr std::uint8_t kMappingTo = 160;
constexpr bool is_mapping_byte(std::uint8_t byte) noexcept {
  return byte >= kMappingFrom && byte < kMappingTo;
}
constexpr Op mapping_op(std::uint8_t byte) noexcept {
  constexpr unsigned kOps = 1 + static_cast<unsigned>(Op::kPageAddress) - static_cast<unsigned>(Op::kMap);
  return static_cast<Op>(static_cast<unsigned>(Op::kMap) + (byte - kMappingFrom) % kOps);
}

/// What a program that maps has to map into, unless a record says otherwise.
constexpr MapShape default_map(const Geometry& geometry) noexcept {
  constexpr auto kNormal = static_cast<unsigned>(model::ZoneType::kNormal);
  return {2, 3, static_cast<std::uint8_t>(geometry.normal().frames != 0 ? 1U << kNormal : 0)};
}

/// By form, for byte 2.
inline constexpr std::array<std::array<std::uint8_t, 256>, 4> kOrders = {kOrder, kOrderSaid, kOrder, {}};

/// Small accesses are the likeliest: a call has few. The top sixteenth has all twelve bits.
inline constexpr auto kAccessMask = table<std::uint16_t>([](unsigned byte) {
  return byte < 128 ? 0xf : byte < 192 ? 0x3f : byte < 240 ? 0xff : 0xfff;
});

/// What a record is and means by its first byte alone. A table, for a switch would be mispredicted at every
/// record of a fuzzer's input, at the price of decoding it.
struct Meaning {
  std::uint8_t call;       ///< 1 if it is a call.
  std::uint8_t departure;  ///< 1 if it is a departure.
  Form form;               ///< Of a call.
  Decision::Kind kind;     ///< Of a departure.
  std::uint8_t argument;   ///< Of a departure.
  bool folds;              ///< Its argument is a CPU.
};
inline constexpr std::array<Meaning, 256> kMeanings = [] {
  std::array<Meaning, 256> result{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    const unsigned kind = byte >> 4;
    const auto variant = static_cast<std::uint8_t>(byte & 15U);
    const auto level = static_cast<std::uint8_t>(1 + variant % 3);
    Meaning& it = result[byte];
    if (kind < Class::kInterrupt) {
      it.call = 1;
      it.form = kind < kFree      ? Form::kAlloc
                : kind < kFreePfn ? Form::kFree
                : kind < kMask    ? Form::kFreePfn
                                  : Form::kMask;
    } else if (kind < kContext) {
      it.departure = 1;
      if (kind == Class::kInterrupt || (kind == kOther && variant < kMigrateVariant)) {
        it.kind = Decision::Kind::kInterrupt;
        it.argument = level;
      } else if (kind == Class::kCpu) {
        it.kind = Decision::Kind::kCpu;
        it.argument = variant;
        it.folds = true;
      } else if (kind == Class::kTask) {
        it.kind = Decision::Kind::kTask;
        it.argument = variant;
      } else if (variant < kSpuriousVariant) {
        it.kind = Decision::Kind::kMigrate;
        it.argument = variant - kMigrateVariant;
        it.folds = true;
      } else {
        it.kind = Decision::Kind::kSpurious;
      }
    }
  }
  return result;
}();

/// Which contexts there are unless records say otherwise: two tasks apart, a hardirq, a softirq, then more of
/// the same.
inline constexpr std::array<Context, kMaxContexts> kDefaultContexts = [] {
  using enum model::Level;
  return std::array<Context, kMaxContexts>{{{kTask, 0, 0, 0, false},
                                            {kTask, 1, 0, 0, false},
                                            {kHardirq, 0, 0, 0, false},
                                            {kSoftirq, 1, 0, 0, false},
                                            {kTask, 0, 0, 0, false},
                                            {kNmi, 0, 0, 0, false},
                                            {kTask, 2, 0, 0, false},
                                            {kHardirq, 1, 0, 0, false},
                                            {kSoftirq, 0, 0, 0, false},
                                            {kNmi, 1, 0, 0, false},
                                            {kTask, 3, 0, 0, false},
                                            {kHardirq, 2, 0, 0, false},
                                            {kTask, 1, 0, 0, false},
                                            {kSoftirq, 2, 0, 0, false},
                                            {kHardirq, 3, 0, 0, false},
                                            {kNmi, 2, 0, 0}}};
}();

/// The header's last byte varies contexts 2 and 3: two bits each for their levels, two each for their CPUs.
struct Handlers {
  Context second;
  Context third;
};
constexpr Handlers handlers(std::uint8_t byte) noexcept {
  using enum model::Level;
  constexpr std::array kSecond = {kHardirq, kSoftirq, kNmi, kHardirq};
  constexpr std::array kThird = {kSoftirq, kHardirq, kNmi, kTask};
  return {{kSecond[byte & 3U], static_cast<std::uint8_t>(byte >> 4 & 3), 0, 0, false},
          {kThird[byte >> 2 & 3U], static_cast<std::uint8_t>(((byte >> 6) + 1) & 3), 0, 0, false}};
}

}  // namespace labyrinth::machine::binary
