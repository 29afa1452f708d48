// The units of the allocator's C++ interface: a frame number is not a count, and neither is an order.
#pragma once

#include <compare>
#include <cstdint>

#include "labyrinth/labyrinth.h"

namespace labyrinth {

// A count of page frames; signed, because differences against a watermark may be negative.
struct Frames {
  std::int64_t value = 0;

  friend constexpr auto operator<=>(const Frames&, const Frames&) = default;
  friend constexpr Frames operator+(Frames a, Frames b) noexcept { return {a.value + b.value}; }
  friend constexpr Frames operator-(Frames a, Frames b) noexcept { return {a.value - b.value}; }
};

// The number of a page frame.
struct Pfn {
  std::uint64_t value = LABYRINTH_NO_PFN;

  friend constexpr auto operator<=>(const Pfn&, const Pfn&) = default;
};

// The binary logarithm of a block's size in frames.
struct Order {
  std::uint32_t value = 0;

  [[nodiscard]] constexpr Frames frames() const noexcept { return {std::int64_t{1} << value}; }
  friend constexpr auto operator<=>(const Order&, const Order&) = default;
};

// What a request asks for and is entitled to.
struct Gfp {
  std::uint32_t bits = 0;

  [[nodiscard]] constexpr bool has(Gfp all_of) const noexcept { return (bits & all_of.bits) == all_of.bits; }
  friend constexpr bool operator==(const Gfp&, const Gfp&) = default;
  friend constexpr Gfp operator|(Gfp a, Gfp b) noexcept { return {a.bits | b.bits}; }
};

inline constexpr Gfp kDirectReclaim{LABYRINTH_GFP_DIRECT_RECLAIM};
inline constexpr Gfp kKswapdReclaim{LABYRINTH_GFP_KSWAPD_RECLAIM};
inline constexpr Gfp kHigh{LABYRINTH_GFP_HIGH};
inline constexpr Gfp kMemalloc{LABYRINTH_GFP_MEMALLOC};
inline constexpr Gfp kNomemalloc{LABYRINTH_GFP_NOMEMALLOC};
inline constexpr Gfp kDma{LABYRINTH_GFP_DMA};
inline constexpr Gfp kDma32{LABYRINTH_GFP_DMA32};
inline constexpr Gfp kHighmem{LABYRINTH_GFP_HIGHMEM};
inline constexpr Gfp kMovable{LABYRINTH_GFP_MOVABLE};
inline constexpr Gfp kExclusive{LABYRINTH_GFP_EXCLUSIVE};
inline constexpr Gfp kRoom{LABYRINTH_GFP_ROOM};
inline constexpr Gfp kZero{LABYRINTH_GFP_ZERO};
inline constexpr Gfp kReclaimable{LABYRINTH_GFP_RECLAIMABLE};
inline constexpr Gfp kNoretry{LABYRINTH_GFP_NORETRY};
inline constexpr Gfp kNofail{LABYRINTH_GFP_NOFAIL};
// labyrinth_gfp_device(), at compile time.
[[nodiscard]] constexpr Gfp for_device(std::uint32_t device) noexcept {
  return {(device < LABYRINTH_MAX_DEVICES ? device + 1 : 15) << 20};
}
inline constexpr Gfp kAtomic{LABYRINTH_GFP_ATOMIC};
inline constexpr Gfp kNowait{LABYRINTH_GFP_NOWAIT};
inline constexpr Gfp kKernel{LABYRINTH_GFP_KERNEL};

enum class Status : std::uint32_t {
  kOk = LABYRINTH_OK,
  kExhausted = LABYRINTH_EXHAUSTED,
  kFragmented = LABYRINTH_FRAGMENTED,
  kContended = LABYRINTH_CONTENDED,
  kBadArgument = LABYRINTH_BAD_ARGUMENT,
  kBadContext = LABYRINTH_BAD_CONTEXT,
};

// The answer to an allocation; see struct labyrinth_page.
struct Page {
  Pfn pfn;
  Order order;
  Status status = Status::kBadArgument;
  bool wake = false;
};

using Config = labyrinth_config;
using ZoneConfig = labyrinth_zone_config;
using RoomConfig = labyrinth_room_config;
using Port = labyrinth_port;

}  // namespace labyrinth
