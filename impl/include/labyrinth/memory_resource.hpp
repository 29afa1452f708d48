// A std::pmr::memory_resource over the page allocator, for containers in signal handlers and real-time
// threads. Hosted only: it throws, as std::pmr asks.
//
// What is granted is async-signal-safe: nothing but the allocator's own bounded steps. A refusal throws
// std::bad_alloc, and no throw is async-signal-safe; where that matters, ask try_allocate, which does not
// throw, or keep enough in reserve (watermarks). Each request takes a whole block of 2^order frames: put a
// std::pmr::monotonic_buffer_resource or a pool on top for small objects.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory_resource>
#include <new>

#include "labyrinth/allocator.hpp"
#include "labyrinth/page_address.hpp"

namespace labyrinth {

class PageResource final : public std::pmr::memory_resource {
 public:
  PageResource(Allocator allocator, PageAddress address, Gfp gfp = kAtomic) noexcept
      : allocator_(allocator), address_(address), gfp_(gfp) {}

  // As allocate(), but null where that would throw.
  [[nodiscard]] void* try_allocate(std::size_t bytes,
                                   std::size_t alignment = alignof(std::max_align_t)) const noexcept {
    const std::uint64_t order = order_of(bytes, alignment);
    if (order > LABYRINTH_MAX_ORDER || !address_.keeps_alignment(alignment)) return nullptr;
    Page page;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      allocator_.alloc_page(gfp_, Order{static_cast<std::uint32_t>(order)}, page);
      if (page.status == Status::kOk) return address_.of(page.pfn);
      if (page.status != Status::kContended) break;
    }
    return nullptr;
  }

 private:
  // Others got in the way: no reason to call memory exhausted, nor to try forever.
  static constexpr int kAttempts = 8;

  // 2^order frames hold the bytes, and are aligned. May exceed every order there is.
  [[nodiscard]] std::uint64_t order_of(std::size_t bytes, std::size_t alignment) const noexcept {
    const std::size_t least = std::max<std::size_t>({bytes, alignment, 1});
    return static_cast<std::uint64_t>(std::bit_width((least - 1) >> address_.shift));
  }

  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    void* const memory = try_allocate(bytes, alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }

  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    const auto order = static_cast<std::uint32_t>(order_of(bytes, alignment));
    const bool begins_a_frame = address_.of(address_.pfn_of(memory)) == memory;
    // The allocator tells a live block from anything else; who frees anything else has lost track of memory.
    if (!begins_a_frame || allocator_.free_page(address_.pfn_of(memory), Order{order}) != Status::kOk) {
      std::abort();
    }
  }

  // What one allocated, another one with the same frames can free, whatever it may allocate.
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    const auto* const same = dynamic_cast<const PageResource*>(&other);
    return same != nullptr && same->allocator_.handle() == allocator_.handle() && same->address_ == address_;
  }

  Allocator allocator_;
  PageAddress address_;
  Gfp gfp_;
};

}  // namespace labyrinth
