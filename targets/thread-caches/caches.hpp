// Single frames from a cache of each thread, in front of one stack of them that all share. Linux has such a
// cache for each CPU (mm/page_alloc.c, struct per_cpu_pages), each with a lock of its own, too.
//
// A cache's lock is taken before the stack's, caches' locks in the order in which the caches came to be; so
// nothing waits in a circle. Who finds both its cache and the stack empty takes all locks: only then "none"
// is true.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace thread_caches {

/// What the allocator's surroundings lend it: a spinlock, and no interrupts meanwhile.
class Lock {
 public:
  void lock() noexcept;
  void unlock() noexcept;

 private:
  std::uint32_t words_[2]{};
};

class InterruptsOff {
 public:
  InterruptsOff() noexcept;
  ~InterruptsOff();
  InterruptsOff(const InterruptsOff&) = delete;
  InterruptsOff& operator=(const InterruptsOff&) = delete;

 private:
  bool were_on_;
};

class Cache;

class Allocator {
 public:
  /// Bytes that one of so many frames takes.
  [[nodiscard]] static std::size_t size(std::uint64_t frames) noexcept;
  /// In zeroed memory of that size.
  void create(std::uint64_t first_pfn, std::uint64_t frames) noexcept;
  /// False: none is free.
  [[nodiscard]] bool alloc(std::uint64_t& pfn) noexcept;
  void free(std::uint64_t pfn) noexcept;

 private:
  friend class Cache;
  [[nodiscard]] bool alloc_of_others(std::uint32_t& frame) noexcept;
  [[nodiscard]] bool alloc_of_own(Cache& cache, std::uint32_t& frame) noexcept;
  void join(Cache& cache) noexcept;
  [[nodiscard]] std::uint32_t* stack() noexcept { return reinterpret_cast<std::uint32_t*>(this + 1); }

  Lock lock_;  ///< Of the stack, and of being the last cache.
  std::uint64_t first_pfn_ = 0;
  std::uint32_t count_ = 0;  ///< Frames on the stack, which lies behind this.
  std::atomic<Cache*> caches_{nullptr};
};

class Cache {
 public:
  static constexpr std::uint32_t kMost = 4, kBatch = 2;

 private:
  friend class Allocator;
  Lock lock_;
  std::uint32_t count_ = 0;
  std::uint32_t frames_[kMost]{};
  bool joined_ = false;  ///< The others know it.
  std::atomic<Cache*> next_{nullptr};
};

}  // namespace thread_caches
