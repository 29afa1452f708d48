// The words of the model: frames, orders, requests, answers, contexts. Each type carries its unit.
// Nothing here knows an allocator or the machine; all of it is constexpr and free of heap and exceptions.
#pragma once

#include <compare>
#include <cstdint>

namespace labyrinth::model {

/// Page frame number: the index of a frame in the physical address space, in frames.
struct Pfn {
  std::uint64_t value{};
  friend constexpr auto operator<=>(const Pfn&, const Pfn&) = default;
};

/// A count of page frames. Signed, so that a difference below zero is a number and not a wrap.
struct Frames {
  std::int64_t count{};
  friend constexpr auto operator<=>(const Frames&, const Frames&) = default;
  friend constexpr Frames operator+(Frames a, Frames b) noexcept { return {a.count + b.count}; }
  friend constexpr Frames operator-(Frames a, Frames b) noexcept { return {a.count - b.count}; }
  constexpr Frames& operator+=(Frames other) noexcept { return *this = *this + other; }
  constexpr Frames& operator-=(Frames other) noexcept { return *this = *this - other; }
};

/// Base-2 logarithm of a block's size in frames; a block of order k starts at a multiple of 2^k.
struct Order {
  std::uint8_t value{};
  friend constexpr auto operator<=>(const Order&, const Order&) = default;
  /// Frames of a block of this order; defined for orders up to 62.
  [[nodiscard]] constexpr Frames frames() const noexcept { return {std::int64_t{1} << value}; }
};

/// The largest order any machine of the model has (Linux: MAX_PAGE_ORDER).
inline constexpr Order kMaxOrder{10};

/// What a request says of itself (Linux: include/linux/gfp_types.h).
struct Gfp {
  std::uint32_t bits{};
  friend constexpr bool operator==(const Gfp&, const Gfp&) = default;
  friend constexpr Gfp operator|(Gfp a, Gfp b) noexcept { return {a.bits | b.bits}; }
  [[nodiscard]] constexpr bool has(Gfp flag) const noexcept { return (bits & flag.bits) == flag.bits; }
};

inline constexpr Gfp kDirectReclaim{1};     ///< The caller may sleep, to reclaim.
inline constexpr Gfp kKswapdReclaim{2};     ///< Wake background reclaim when the count passes below low.
inline constexpr Gfp kHigh{4};              ///< May go below min.
inline constexpr Gfp kMemalloc{8};          ///< May use everything: the caller frees more than it takes.
inline constexpr Gfp kNomemalloc{16};       ///< Must not touch the emergency reserve, whatever else is said.
inline constexpr Gfp kDma{0x20};            ///< From DMA only.
inline constexpr Gfp kDma32{0x40};          ///< From DMA32 or below.
inline constexpr Gfp kHighmem{0x80};        ///< The caller needs no address for the frames.
inline constexpr Gfp kMovable{0x100};       ///< The frames' content can be moved elsewhere.
inline constexpr Gfp kExclusive{0x200};     ///< From the void only (X6).
inline constexpr Gfp kRoom{0x400};          ///< From the room of the caller's CPU and context level first.
inline constexpr Gfp kZero{0x800};          ///< Zeroed before the answer (X5).
inline constexpr Gfp kReclaimable{0x1000};  ///< The frames' content can be dropped.
inline constexpr Gfp kNoretry{0x2000};      ///< Reclaims in one round at most.
inline constexpr Gfp kNofail{0x4000};       ///< Is never refused: reclaims and waits until it is served.
/// Not flags but a number: 1 + the device from whose room it is served first; 0: none.
inline constexpr Gfp kDeviceField{0xf00000};
inline constexpr Gfp kGfpMask{0xf07fff};  ///< Every bit that has a meaning.

inline constexpr std::uint8_t kMaxDevices = 8;

/// What a request for this device, below kMaxDevices, says.
[[nodiscard]] constexpr Gfp for_device(std::uint32_t device) noexcept { return {(device + 1) << 20}; }
[[nodiscard]] constexpr bool names_device(Gfp gfp) noexcept { return (gfp.bits & kDeviceField.bits) != 0; }
/// Of a request that names one; there is none from kMaxDevices on.
[[nodiscard]] constexpr std::uint32_t device_of(Gfp gfp) noexcept {
  return ((gfp.bits & kDeviceField.bits) >> 20) - 1;
}
/// Whether it asks for a room: that of its CPU and level, or a device's.
[[nodiscard]] constexpr bool names_room(Gfp gfp) noexcept { return gfp.has(kRoom) || names_device(gfp); }

inline constexpr Gfp kAtomic = kHigh | kKswapdReclaim;
inline constexpr Gfp kNowait = kKswapdReclaim;
inline constexpr Gfp kKernel = kDirectReclaim | kKswapdReclaim;

/// What an allocator can answer.
enum class Status : std::uint8_t {
  kOk,           ///< Done.
  kExhausted,    ///< Fewer free frames than the caller's floor and its request together need.
  kFragmented,   ///< Enough frames, but no free block of this order.
  kContended,    ///< Others kept winning; trying again may succeed.
  kBadArgument,  ///< The call makes no sense; nothing was changed.
  kBadContext,   ///< The call may not be made where it was made; nothing was changed.
};

/// What runs, from the least to the most urgent; each may interrupt only lower ones.
enum class Level : std::uint8_t { kTask, kSoftirq, kHardirq, kNmi };

/// min <= low <= high, in frames (Linux: WMARK_MIN, WMARK_LOW, WMARK_HIGH).
struct Watermarks {
  Frames min{}, low{}, high{};
};

/// The memory one pool spans: frames [first, first + frames).
struct Span {
  Pfn first{};
  Frames frames{};
  [[nodiscard]] constexpr bool contains(Pfn pfn, Order order) const noexcept {
    const auto size = static_cast<std::uint64_t>(order.frames().count);
    const auto all = static_cast<std::uint64_t>(frames.count);
    return pfn.value >= first.value && size <= all && pfn.value - first.value <= all - size;
  }
};

[[nodiscard]] constexpr bool aligned(Pfn pfn, Order order) noexcept {
  return (pfn.value & (static_cast<std::uint64_t>(order.frames().count) - 1)) == 0;
}

}  // namespace labyrinth::model
