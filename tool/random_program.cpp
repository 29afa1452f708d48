// Random bytes, bent here and there towards what chance alone makes too seldom, decoded as a fuzzer's are.
// What the bytes mean is in docs/trace-format.md.
#include "random_program.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace_binary.hpp"

namespace labyrinth::tool {
namespace {

/// Makes every second record one about objects, of few sizes if `alike`, and a small memory for them.
void give_objects(std::span<std::uint8_t> bytes, bool alike) {
  constexpr std::size_t kSize = machine::kBinaryRecordSize;
  constexpr std::size_t kAt = machine::kBinaryHeaderSize + 3 * kSize;
  for (std::size_t at = kAt; at + kSize <= bytes.size(); at += kSize) {
    if (at == kAt) {
      bytes[at] = 0xff;
      bytes[at + 1] = 7;
    } else if (bytes[at] < 0x80) {
      bytes[at] = static_cast<std::uint8_t>(0x90U | (bytes[at] & 15U));
      bytes[at + 1] |= 0xc0U;
      if (alike && bytes[at + 1] < 0xe0) bytes[at + 2] &= 0x81U;
    }
  }
}

/// One machine in four has slots for mappings, and programs that map: chance alone makes too few. Departures
/// make room for them, since the walk decides those anyway.
void add_mappings(std::size_t first, std::span<std::uint8_t> bytes) {
  constexpr std::uint8_t kSlots = 6;  // docs/trace-format.md, wide records
  for (std::size_t at = first; at + machine::kBinaryRecordSize <= bytes.size();
       at += machine::kBinaryRecordSize) {
    const unsigned kind = bytes[at] >> 4;
    if (at == first) {
      bytes[at] = 0xff;
      bytes[at + 1] = static_cast<std::uint8_t>((bytes[at + 1] & 0xf8U) | kSlots);
    } else if (kind >= 8 && kind <= 13) {
      bytes[at] = static_cast<std::uint8_t>(0x90U | (bytes[at] & 15U));
      bytes[at + 1] = static_cast<std::uint8_t>(96 + (bytes[at + 1] & 63U));
      bytes[at + 2] &= 3U;  // Of what stands shortly before it, more is answered by then.
    } else if (kind < 5) {
      bytes[at + 1] %= 64;  // A usual request, of which more are served.
    }
  }
}

/// Some machines have rooms of devices, and half of the requests name one, few enough for two to meet in one.
void give_devices(std::size_t first, std::span<std::uint8_t> bytes) {
  constexpr std::size_t kRecord = machine::kBinaryRecordSize;
  for (std::size_t at = first; at + kRecord <= bytes.size(); at += kRecord) {
    if (at < first + 2 * kRecord) {  // docs/trace-format.md, wide records: device 0; then device 1, 3, 5 or 7
      bytes[at] = 0xff;
      bytes[at + 1] = at == first ? 0x18 : static_cast<std::uint8_t>(0x19U | (bytes[at + 1] & 0x22U));
    } else if (bytes[at] >> 4 < 5 && (bytes[at + 3] & 1U) == 0) {
      bytes[at + 1] |= 0xe0U;
      bytes[at + 1] &= 0xefU;
      bytes[at + 2] &= 0x7cU;  // of order 0, as all that is in a room
    }
  }
}

/// Every fourth program has caches, background reclaim, requests that reclaim and a reclaimer, for the same
/// reason: chance alone makes few.
void with_sleeping_side(std::span<std::uint8_t> bytes) {
  constexpr std::size_t kRecord = machine::kBinaryRecordSize;
  bytes[1] = static_cast<std::uint8_t>(0x80U | (bytes[1] & 0x1fU));  // 1..32 frames
  bytes[7] |= 0x0cU;                                                 // the fourth context is a task
  for (std::size_t at = machine::kBinaryHeaderSize; at + kRecord <= bytes.size(); at += kRecord) {
    const std::uint8_t chance = bytes[at];
    if (at == machine::kBinaryHeaderSize) {
      bytes[at] = static_cast<std::uint8_t>(0xe0U | (chance & 3U));  // a context: a task, and a reclaimer
      bytes[at + 1] = 0;
      bytes[at + 3] |= 0xc0U;
    } else if (chance >> 4 >= 6 && chance >> 4 <= 8) {  // instead of most frees
      bytes[at] = static_cast<std::uint8_t>(0x90U | (chance & 15U));
      bytes[at + 1] = static_cast<std::uint8_t>(0x40U | (bytes[at + 1] & 0x1fU));
      bytes[at + 2] &= 3U;  // what was allocated just before
    } else if (chance >> 4 < 3) {
      bytes[at + 1] = (bytes[at + 1] & 3U) == 0 ? bytes[at + 1] | 0xf0U : 1;  // kernel
    }
  }
}

/// Makes a machine's void one that is unmapped, has most requests go there, and drains among the masks: of
/// all programs chance sends too few that way.
void live_in_the_void(std::uint64_t& state, machine::Trace& trace) {
  machine::ZoneShape& isolated = trace.geometry.zones[machine::kVoid];
  if (isolated.frames == 0) {
    if (trace.geometry.normal().frames <= 1) return;
    isolated.frames = std::min(trace.geometry.normal().frames, 1 + machine::random_below(state, 24));
    isolated.min = machine::random_below(state, std::min(isolated.frames, 4U) + 1);
    isolated.low = isolated.high = isolated.min;
    machine::ZoneShape& normal = trace.geometry.normal();
    normal.frames = std::max(normal.frames - isolated.frames, 1U);
    for (std::uint32_t* mark : {&normal.min, &normal.low, &normal.high})
      *mark = std::min(*mark, normal.frames);
    normal.highatomic = std::min(normal.highatomic, normal.frames);
  }
  isolated.unmaps = true;
  constexpr std::uint32_t kKept = (model::kKernel | model::kAtomic | model::kMemalloc | model::kZero).bits;
  for (std::uint8_t i = 0; i < trace.call_count; ++i) {
    machine::Call& call = trace.call_storage[i];
    // Not what maps, nor what is about objects: something may take back what it got.
    const bool mask =
        call.op != machine::Op::kFree && !machine::allocates(call.op) && call.op <= machine::Op::kBalance;
    if (call.op == machine::Op::kAlloc && machine::random_below(state, 4) != 0) {
      call.gfp = (call.gfp & kKept) | model::kExclusive.bits;
    } else if (mask && machine::random_below(state, 2) == 0) {
      call = {.op = machine::Op::kDrain, .pfn = machine::random_below(state, 3)};
    }
  }
}

}  // namespace

void random_program(std::uint64_t seed, std::uint64_t number, std::uint32_t records, machine::Trace& trace) {
  std::uint64_t state = seed * 0x2545f4914f6cdd1dU + number;
  std::array<std::uint8_t, machine::kMaxEncodedSize> bytes;
  const std::size_t most =
      std::min<std::size_t>(machine::kBinaryHeaderSize + machine::kBinaryRecordSize * records, bytes.size());
  // Some have objects, and are as large as they may be: slabs have to fill and to empty.
  const bool has_objects = number % 5 == 3;
  const bool maps = !has_objects && (number % 8 == 3 || number % 8 == 4);
  const auto room = static_cast<std::uint32_t>(most - machine::kBinaryHeaderSize);
  const std::size_t size =
      has_objects || maps ? most : machine::kBinaryHeaderSize + machine::random_below(state, room + 1);
  for (std::size_t i = 0; i < size; i += 8) {
    const std::uint64_t word = machine::next_random(state);
    for (std::size_t byte = 0; byte < 8 && i + byte < size; ++byte) {
      bytes[i + byte] = static_cast<std::uint8_t>(word >> (8 * byte));
    }
  }
  // Every second machine has more than one zone from the start: chance alone makes too few.
  constexpr std::array kPools = {std::uint8_t{0xfe}, std::uint8_t{0xff}, std::uint8_t{0xfe}};
  for (std::size_t i = 0; i < kPools.size() && number % 2 == 1; ++i) {
    const std::size_t at = machine::kBinaryHeaderSize + i * machine::kBinaryRecordSize;
    if (at + machine::kBinaryRecordSize <= size) bytes[at] = kPools[i];
  }
  if (maps) {
    const std::size_t pools = number % 2 == 1 ? kPools.size() : 0;
    add_mappings(machine::kBinaryHeaderSize + pools * machine::kBinaryRecordSize, {bytes.data(), size});
  }
  // Some have small pageblocks, and may set them apart.
  if (number % 8 == 5) {
    bytes[2] = static_cast<std::uint8_t>((63U - number / 8 % 6) << 2 | (bytes[2] & 3U));
    constexpr std::size_t kAt = machine::kBinaryHeaderSize + 3 * machine::kBinaryRecordSize;
    if (kAt + machine::kBinaryRecordSize <= size) {
      bytes[kAt] = 0xff;
      bytes[kAt + 1] = 5;
    }
  }
  if (!has_objects && number % 8 == 7) {
    give_devices(machine::kBinaryHeaderSize + kPools.size() * machine::kBinaryRecordSize,
                 {bytes.data(), size});
  }
  if (has_objects) {
    give_objects({bytes.data(), size}, number % 2 == 0);
  } else if (number % 4 == 2) {
    with_sleeping_side({bytes.data(), size});
  }
  machine::decode_trace({bytes.data(), size}, trace);
  if (number % 8 == 5) live_in_the_void(state, trace);
  trace.departure_count = 0;  // The walk decides.
}

}  // namespace labyrinth::tool
