// What a generator aims at: which machines, which contexts, which commands and how often, how they meet.
//
// An aim is data. Each requirement has its own: programs drawn without one rarely come near a watermark, out
// of order on a stack of mappings, or into the void.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::properties {

/// One step of a program as the generator thinks of it: most are one call, with the mistake it makes.
enum class Command : std::uint8_t {
  kAlloc,
  kBulk,
  kExact,
  kFree,         ///< What this context got, and nobody has freed yet.
  kHandedFree,   ///< What another context got: freed elsewhere.
  kDoubleFree,   ///< What was freed already, by anyone.
  kWrongOrder,   ///< The right frame, another order.
  kNeighbour,    ///< A frame beside the block's first: a part of it, or of another.
  kForeignFree,  ///< Any frame of the memory, and beyond it.
  kMask,         ///< Interrupts, softirqs or preemption off, or on again. Of tasks.
  kMap,
  kUnmap,       ///< What this context mapped last, as it was mapped.
  kWrongUnmap,  ///< Out of order, the wrong way, twice, or another context's.
  kPageAddress,
  kDrain,
  kCache,
  kBalance,
  kKmalloc,
  kKfree,
  kWrongKfree,
};
inline constexpr std::size_t kCommands = static_cast<std::size_t>(Command::kWrongKfree) + 1;

/// Parts of a machine; in two machines of three those that are named are there.
enum Part : std::uint16_t {
  kMarks = 1,  ///< Watermarks above zero.
  kZones = 2,  ///< Zones besides NORMAL, with lowmem reserves.
  kTheVoid = 4,
  kRooms = 8,
  kDevices = 16,
  kHighatomic = 32,
  kMaps = 64,
  kObjects = 128,
  kUnmapped = 256,   ///< The void is unmapped, and zones have no direct map.
  kReclaimers = 512  ///< The first task is one.
};

struct Weight {
  Command command;
  std::uint8_t weight;
};

struct Aim {
  std::uint16_t parts = kMarks;
  std::uint16_t always = 0;                        ///< Of `parts`, those that every machine has.
  std::uint8_t cpus = 2, tasks = 2, handlers = 2;  ///< At most so many.
  std::uint8_t least_calls = 4, most_calls = 14;   ///< More with the size that RapidCheck asks for.
  std::uint8_t most_order = 3;
  std::uint8_t most_frames = 24;
  std::uint8_t departures = 6;  ///< At most so many; handlers are delivered besides.
  bool strange = false;         ///< Orders and flags that do not exist, too.
  machine::MemoryModel memory = machine::MemoryModel::kSc;
  std::span<const std::uint32_t> flags;  ///< Drawn from these.
  std::span<const Weight> commands;
};

}  // namespace labyrinth::properties
