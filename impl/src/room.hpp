// A room: up to 64 frames in one word, a set bit for each that is taken.
//
// Only its owner, a CPU at a context level or a device, allocates from it; anyone may free into it. That two
// tasks of the CPU or two handlers of the device can be inside, or that one migrates in the middle, costs a
// lost race and nothing else: the word is claimed by compare-exchange, and no step depends on where its
// caller runs.
//
// One word is what makes it exact: a single look decides that no frame is free.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

#include "labyrinth/types.hpp"
#include "layout.hpp"
#include "patience.hpp"

namespace labyrinth {

struct alignas(kCacheLine) Room {
  explicit Room(std::uint32_t frames) noexcept : taken(frames < 64 ? ~std::uint64_t{0} << frames : 0) {}

  std::atomic<std::uint64_t> taken;  // bit per frame; those beyond the room's are set for good

  struct Taken {
    Status status;
    std::uint32_t frame;
  };

  // kOk, or kContended if it takes more than two steps to say.
  [[nodiscard]] Taken take_at_once() noexcept {
    std::uint64_t seen = taken.load(std::memory_order_relaxed);  // as in take(), with the same orders below
    if (~seen == 0) return {Status::kContended, 0};
    const std::uint64_t bit = ~seen & (seen + 1);
    if (!taken.compare_exchange_strong(seen, seen | bit, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
      return {Status::kContended, 0};
    }
    return {Status::kOk, static_cast<std::uint32_t>(std::countr_zero(bit))};
  }
  // At most 1 + kPatience steps.
  [[nodiscard]] Taken take() noexcept {
    // Relaxed: only chooses a bit; the compare-exchange decides.
    std::uint64_t seen = taken.load(std::memory_order_relaxed);
    for (std::uint32_t lost = 0; lost < kPatience; ++lost) {
      if (~seen == 0) return {Status::kExhausted, 0};
      const auto frame = static_cast<std::uint32_t>(std::countr_one(seen));
      // Acquire: pairs with release(); the frame's last owner is done with it.
      if (taken.compare_exchange_strong(seen, seen | std::uint64_t{1} << frame, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
        return {Status::kOk, frame};
      }
    }
    return {Status::kContended, 0};
  }

  // One step. False, and no change, if the frame was not taken. The caller has checked that it is in the
  // room: that it was taken must not be read from the bits beyond.
  [[nodiscard]] bool release(std::uint32_t frame) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << frame;
    // Release: pairs with take().
    return (taken.fetch_and(~bit, std::memory_order_release) & bit) != 0;
  }

  // Old as soon as it is read. (Not std::popcount: see free_count().)
  [[nodiscard]] std::uint32_t free_frames() const noexcept {
    std::uint64_t free = ~taken.load(std::memory_order_relaxed);  // a snapshot orders nothing
    std::uint32_t count = 0;
    for (; free != 0; free &= free - 1) ++count;
    return count;
  }
};
static_assert(sizeof(Room) == kCacheLine);

// At once, and if that fails once more in earnest.
inline constexpr std::uint64_t kRoomSteps = 2 + 1 + kPatience;

}  // namespace labyrinth
