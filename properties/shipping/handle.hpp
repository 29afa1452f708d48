// What is owned, in one word, and the place where owners leave it to others: handlers to tasks, threads to
// threads, and everybody to the shrinker.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "labyrinth/objects.h"
#include "marks.hpp"

namespace labyrinth::shipping {

enum class Kind : std::uint8_t { kNothing, kBlock, kObject, kExact };

/// A live block or object, or frames in a row that are freed at once. `size` is a block's order, an object's
/// class, or the frames less one.
struct Handle {
  std::uint64_t bits = 0;

  static Handle make(Kind kind, std::uint32_t size, std::uint64_t granule, Owner owner) {
    return {std::uint64_t{owner.bits} << 32 | granule << 6 | std::uint64_t{size} << 2 |
            static_cast<std::uint64_t>(kind)};
  }
  [[nodiscard]] Kind kind() const { return static_cast<Kind>(bits & 3U); }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(bits >> 2 & 15U); }
  [[nodiscard]] std::uint64_t granule() const { return bits >> 6 & 0x3ffffffU; }
  [[nodiscard]] Owner owner() const { return {static_cast<std::uint32_t>(bits >> 32)}; }
  [[nodiscard]] explicit operator bool() const { return kind() != Kind::kNothing; }

  [[nodiscard]] std::uint64_t pfn() const { return granule() / kGranulesPerFrame; }
  [[nodiscard]] std::uint64_t address() const { return granule() * LABYRINTH_OBJECT_GRANULE; }
  /// Of an object that is a cache's.
  [[nodiscard]] bool is_of_cache() const { return kind() == Kind::kObject && size() >= kKmallocSizes; }
  [[nodiscard]] std::uint32_t cache() const { return size() - kKmallocSizes; }
  [[nodiscard]] std::uint64_t words() const {
    return kind() == Kind::kObject ? object_bytes(size()) / sizeof(std::uint64_t) : kFrameWords * frames();
  }
  /// Of what is made of whole frames; 1 for an object.
  [[nodiscard]] std::uint64_t frames() const {
    if (kind() == Kind::kObject) return 1;
    return kind() == Kind::kBlock ? std::uint64_t{1} << size() : size() + std::uint64_t{1};
  }
  static constexpr std::uint32_t kMostExact = 16;  ///< Frames in a row that one handle can name.
  static constexpr std::uint64_t kGranulesPerFrame = LABYRINTH_PAGE_BYTES / LABYRINTH_OBJECT_GRANULE;

  /// The sizes that kmalloc is asked for: its classes, and blocks of the orders 0 to 2; then those of caches.
  static constexpr std::uint32_t kKmallocSizes = 13;
  static constexpr std::uint32_t kObjectSizes = kKmallocSizes + 2;
  [[nodiscard]] static constexpr std::uint64_t object_bytes(std::uint32_t size) {
    constexpr std::array<std::uint64_t, kObjectSizes> kBytes{16,   32,   64,   96,   128,   192, 256, 512,
                                                             1024, 2048, 4096, 8192, 16384, 48,  1360};
    return kBytes[size];
  }
};

/// Slots, each empty or with something live in it, which belongs to whoever takes it out. Any context,
/// bounded.
class Exchange {
 public:
  /// False if there was no room: it is still the caller's.
  [[nodiscard]] bool put(Handle handle, std::uint64_t begin) {
    for (std::size_t i = 0; i < kTries; ++i) {
      std::uint64_t empty = 0;
      // Release: pairs with take(). Relaxed otherwise: nothing was seen.
      if (slots_[(begin + i) % kSlots].compare_exchange_strong(empty, handle.bits, std::memory_order_release,
                                                               std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  /// Nothing if none was found within `tries` slots.
  [[nodiscard]] Handle take(std::uint64_t begin, std::size_t tries = kTries) {
    for (std::size_t i = 0; i < tries; ++i) {
      std::atomic<std::uint64_t>& slot = slots_[(begin + i) % kSlots];
      if (slot.load(std::memory_order_relaxed) == 0) continue;
      // Acquire: pairs with put(); what the last owner wrote is there.
      const Handle handle{slot.exchange(0, std::memory_order_acquire)};
      if (handle) return handle;
    }
    return {};
  }
  static constexpr std::size_t kSlots = 128;

 private:
  static constexpr std::size_t kTries = 8;
  std::array<std::atomic<std::uint64_t>, kSlots> slots_{};
};

}  // namespace labyrinth::shipping
