// What the machine itself takes for a pair of allocation and free: the least that any allocator needs which
// is safe in every context, and the locked operations of the exact protocol one after another, with nothing
// in between.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

namespace labyrinth::bench {

// Claim and release: load, find-first-set, compare-exchange, one locked and. 64 frames, one word.
class BareWord {
 public:
  [[nodiscard]] std::uint32_t alloc() noexcept {
    std::uint64_t seen = word_.load(std::memory_order_relaxed);
    std::uint64_t bit = 0;
    do {
      bit = ~seen & (seen + 1);
    } while (!word_.compare_exchange_strong(seen, seen | bit, std::memory_order_acquire,
                                            std::memory_order_relaxed));
    return static_cast<std::uint32_t>(std::countr_zero(bit));
  }
  void free(std::uint32_t frame) noexcept {
    word_.fetch_and(~(std::uint64_t{1} << frame), std::memory_order_release);
  }
  // Whether the frame was taken, which X3 wants to know: no longer a plain locked and.
  [[nodiscard]] bool free_if_taken(std::uint32_t frame) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << frame;
    return (word_.fetch_and(~bit, std::memory_order_release) & bit) != 0;
  }

 private:
  alignas(64) std::atomic<std::uint64_t> word_{0};
};

// The same through an interface like Labyrinth's: two calls that are not inlined, two calls of a port, an
// answer in memory, and a free that tells whether there was anything to free. One word for each CPU.
class BareRooms {
 public:
  struct Port {
    std::uint32_t (*cpu)(void* self);
    std::uint32_t (*level)(void* self);
  };
  struct Page {
    std::uint64_t pfn;
    std::uint32_t order;
    std::uint32_t status;
  };

  explicit BareRooms(Port port) noexcept : port_(port) {}

  [[gnu::noinline]] void alloc(Page* out) noexcept {
    const std::uint32_t cpu = port_.cpu(this) % kCpus;
    const std::uint32_t level = port_.level(this) % kLevels;
    *out = {std::uint64_t{(level * kCpus + cpu) * 64} + words_[level * kCpus + cpu].alloc(), 0, 0};
  }
  [[nodiscard, gnu::noinline]] bool free(std::uint64_t pfn) noexcept {
    return words_[pfn / 64 % (kLevels * kCpus)].free_if_taken(static_cast<std::uint32_t>(pfn % 64));
  }

 private:
  static constexpr std::uint32_t kCpus = 2;
  static constexpr std::uint32_t kLevels = 4;

  Port port_;
  BareWord words_[kLevels * kCpus];
};

// The locked operations of the exact protocol, all operands known beforehand. An order-0 pair needs
//
//   in a prepaid word (impl/src/prepaid.hpp), which is where pairs end up:
//     1  word     compare-exchange  claims the frame and its credit
//     2  word     and               frees both
//   without one, in a zone with L levels of counters (impl/src/credits.hpp):
//     1  root     subtract          the credit that decides whether there is a frame for this request
//     2  levels   subtract, L times the way to it
//     3  word     compare-exchange  claims it
//     4  word     and               frees it
//     5  levels   add, L times
//     6  root     add
//
// and a block of 16 words, order 9, one compare-exchange for each of them in the place of 3, and for 4 two
// operations on the word that holds its live bit; its words are given back by plain stores.
class StraightLine {
 public:
  void prepaid_pair() noexcept {
    std::uint64_t expected = 0;
    word_.compare_exchange_strong(expected, 1, std::memory_order_acquire, std::memory_order_relaxed);
    word_.fetch_and(~std::uint64_t{1}, std::memory_order_release);
  }

  template <int levels>
  void credited_pair() noexcept {
    root_.count.fetch_sub(1, std::memory_order_acq_rel);
    for (int level = levels; level-- > 0;) levels_[level].count.fetch_sub(1, std::memory_order_acq_rel);
    prepaid_pair();
    for (int level = 0; level < levels; ++level) levels_[level].count.fetch_add(1, std::memory_order_acq_rel);
    root_.count.fetch_add(1, std::memory_order_acq_rel);
  }

  template <int levels>
  void order_9_pair() noexcept {
    constexpr std::int64_t kFrames = 512;
    root_.count.fetch_sub(kFrames, std::memory_order_acq_rel);
    for (int level = levels; level-- > 0;) levels_[level].count.fetch_sub(kFrames, std::memory_order_acq_rel);
    for (std::atomic<std::uint64_t>& word : block_) {
      std::uint64_t expected = 0;
      word.compare_exchange_strong(expected, 1, std::memory_order_acquire, std::memory_order_relaxed);
    }
    word_.fetch_or(1, std::memory_order_release);
    word_.fetch_and(~std::uint64_t{1}, std::memory_order_acquire);
    for (std::atomic<std::uint64_t>& word : block_) word.store(0, std::memory_order_release);
    for (int level = 0; level < levels; ++level) {
      levels_[level].count.fetch_add(kFrames, std::memory_order_acq_rel);
    }
    root_.count.fetch_add(kFrames, std::memory_order_acq_rel);
  }

 private:
  struct alignas(64) Counter {
    std::atomic<std::int64_t> count{1 << 20};
  };

  Counter root_;
  Counter levels_[4];
  alignas(64) std::atomic<std::uint64_t> word_{0};
  alignas(64) std::atomic<std::uint64_t> block_[16]{};
};

}  // namespace labyrinth::bench
