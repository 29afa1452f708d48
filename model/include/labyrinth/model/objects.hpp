// Small objects: which answer kmalloc may give, on what evidence. They lie in a memory of their own, whose
// addresses are byte offsets from its start, so that what is said of frames elsewhere stays exact.
//
// An allocator of small objects cuts frames into objects of one size class each, and keeps frames that are
// empty again; so how many frames it uses is its own business, within a bound: Evidence says what it must
// have had at the least.
#pragma once

#include <array>
#include <cstdint>

#include "labyrinth/model/clause.hpp"
#include "labyrinth/model/context.hpp"
#include "labyrinth/model/entitlement.hpp"
#include "labyrinth/model/memory.hpp"
#include "labyrinth/model/types.hpp"

namespace labyrinth::model {

inline constexpr std::uint64_t kPageBytes = 4096;
inline constexpr std::array<std::uint16_t, 10> kObjectClasses{16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048};
inline constexpr std::uint8_t kNoClass = 0xff;
/// What a request for objects may say. They have one zone, and shared frames: where they lie cannot be asked.
/// NOFAIL would promise what a bounded search among objects that others take and free cannot keep.
inline constexpr Gfp kObjectFlags =
    kDirectReclaim | kNoretry | kKswapdReclaim | kHigh | kMemalloc | kNomemalloc | kZero;

/// The memory of the objects: zone NORMAL of `frames` frames, its watermarks all `min`.
struct ObjectMemory {
  Frames frames{};
  Frames min{};
  Order max_order{};

  [[nodiscard]] constexpr Pool pool() const noexcept {
    Pool result{};
    result.span = {{0}, frames};
    result.marks = {min, min, min};
    result.kind = PoolKind::kZone;
    result.zone = ZoneType::kNormal;
    return result;
  }
};

/// The class that serves so many bytes; kNoClass for whole frames.
[[nodiscard]] constexpr std::uint8_t class_of(std::uint64_t bytes) noexcept {
  for (std::size_t i = 0; i < kObjectClasses.size(); ++i) {
    if (bytes <= kObjectClasses[i]) return static_cast<std::uint8_t>(i);
  }
  return kNoClass;
}

/// The order of the block that holds so many bytes, of one whole frame at least; too large for any memory if
/// there is none.
[[nodiscard]] constexpr Order block_order(std::uint64_t bytes) noexcept {
  Order order{};
  while (order <= kMaxOrder && kPageBytes << order.value < bytes) ++order.value;
  return order;
}

/// What an object of so many bytes takes up.
[[nodiscard]] constexpr std::uint64_t extent_of(std::uint64_t bytes) noexcept {
  const std::uint8_t its = class_of(bytes);
  return its != kNoClass ? kObjectClasses[its] : kPageBytes << block_order(bytes).value;
}

/// X2: what its address is a multiple of.
[[nodiscard]] constexpr std::uint64_t alignment_of(std::uint64_t bytes) noexcept {
  const std::uint64_t extent = extent_of(bytes);
  return extent & (~extent + 1);
}

struct ObjectRequest {
  Gfp gfp{};
  std::uint64_t bytes = 0;
  Situation situation{};

  /// Of the page allocator, if no object is free.
  [[nodiscard]] constexpr Frames need() const noexcept {
    return class_of(bytes) != kNoClass ? Frames{1} : block_order(bytes).frames();
  }
};

struct ObjectAnswer {
  Status status = Status::kOk;
  bool wake = false;
  std::uint64_t address = 0;
};

struct ObjectEvidence {
  bool alone = false;     ///< No other call about objects was in progress.
  bool conflict = false;  ///< E3: another context took a conflicting step.
  bool known = true;      ///< The numbers below hold: no stale free has hit what they count.
  /// E2: the least, over the instants of the call, of free objects of the class in frames that hold live
  /// ones, less those that other calls may hold; and of frames that nobody can have held.
  std::int64_t least_objects = 0;
  Frames least_frames{};
  /// Aligned blocks of the order that hold no live object, less those that kept frames can spoil. Alone only.
  std::int64_t least_blocks = 0;
  /// E1: the frames that no live object lay in when the call began, if it must have taken a page.
  bool took_page = false;
  Frames most_frames{};
};

[[nodiscard]] constexpr bool sensible(const ObjectMemory& memory, const ObjectRequest& request) noexcept {
  if (request.bytes == 0 || (request.gfp.bits & ~kObjectFlags.bits) != 0) return false;
  return class_of(request.bytes) != kNoClass || block_order(request.bytes) <= memory.max_order;
}

/// The clause that an answer breaks, or kNone. X1 needs the live objects.
[[nodiscard]] constexpr Clause judge(const ObjectMemory& memory, const ObjectRequest& request,
                                     const ObjectAnswer& answer, const ObjectEvidence& seen) noexcept {
  const bool understood = sensible(memory, request);
  const bool here = !request.gfp.has(kDirectReclaim) || may_sleep(request.situation);
  if (answer.wake && !request.gfp.has(kKswapdReclaim)) return Clause::C3;
  if (answer.status == Status::kBadArgument && understood) return Clause::X2;
  if (answer.status == Status::kBadContext && here) return Clause::C1;
  if (answer.status == Status::kBadArgument || answer.status == Status::kBadContext) {
    return answer.wake ? Clause::C3 : Clause::kNone;
  }
  if (!understood) return Clause::X2;
  if (!here) return Clause::C1;
  const Frames floor = floor_of(request.gfp, Pass::kMin, memory.pool());
  const bool is_block = class_of(request.bytes) == kNoClass;
  const bool short_of_frames = seen.least_frames - request.need() < floor;
  switch (answer.status) {
    case Status::kOk: {
      const std::uint64_t all = static_cast<std::uint64_t>(memory.frames.count) * kPageBytes;
      const std::uint64_t extent = extent_of(request.bytes);
      if (answer.address % alignment_of(request.bytes) != 0) return Clause::X2;
      if (extent > all || answer.address > all - extent) return Clause::X2;
      // An object never crosses its frame's end.
      if (!is_block && answer.address % kPageBytes + extent > kPageBytes) return Clause::X2;
      return seen.took_page && seen.most_frames - request.need() < floor ? Clause::E1 : Clause::kNone;
    }
    case Status::kExhausted:
      if (!seen.known || (short_of_frames && (is_block || seen.least_objects <= 0))) return Clause::kNone;
      return Clause::E2;
    case Status::kFragmented:
      if (!is_block || request.need() == Frames{1}) return Clause::E2;
      return seen.alone && seen.known && seen.least_blocks > 0 ? Clause::E2 : Clause::kNone;
    case Status::kContended:
      return seen.conflict ? Clause::kNone : Clause::E3;
    case Status::kBadArgument:
    case Status::kBadContext:
      break;
  }
  return Clause::X2;
}

}  // namespace labyrinth::model
