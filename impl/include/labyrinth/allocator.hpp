// The C++ interface of the page allocator: `Allocator`, a handle on an allocator that lives in its metadata,
// and `Block`, which owns what it allocated. Contexts, step bounds and answers are those of the C interface,
// which this wraps.
#pragma once

#include <cstddef>
#include <cstdint>

#include "labyrinth/labyrinth.h"
#include "labyrinth/types.hpp"

namespace labyrinth {

class Block;

// A copyable reference to an allocator, or to none; calls through an empty handle answer kBadArgument.
class Allocator {
 public:
  constexpr Allocator() noexcept = default;
  constexpr explicit Allocator(labyrinth_allocator* handle) noexcept : handle_(handle) {}

  // Bytes of metadata needed; 0 if the configuration is refused.
  [[nodiscard]] static std::size_t metadata_size(const Config& config) noexcept {
    return labyrinth_metadata_size(&config);
  }

  // An empty handle if the configuration or the metadata is refused.
  [[nodiscard]] static Allocator init(const Config& config, void* metadata, std::size_t size) noexcept {
    return Allocator{labyrinth_init(&config, metadata, size)};
  }

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return handle_ != nullptr; }
  [[nodiscard]] constexpr labyrinth_allocator* handle() const noexcept { return handle_; }

  void alloc_page(Gfp gfp, Order order, Page& out) const noexcept {
    labyrinth_page page;
    labyrinth_alloc_page(handle_, gfp.bits, order.value, &page);
    out = {Pfn{page.pfn}, Order{page.order}, static_cast<Status>(page.status), page.wake};
  }

  [[nodiscard]] Block alloc_block(Gfp gfp, Order order) const noexcept;

  [[nodiscard]] Status free_page(Pfn pfn, Order order) const noexcept {
    return static_cast<Status>(labyrinth_free_page(handle_, pfn.value, order.value));
  }

  // How many blocks of the void were unmapped; see labyrinth_drain().
  Status drain(std::uint64_t max_blocks, std::uint64_t& drained) const noexcept {
    return static_cast<Status>(labyrinth_drain(handle_, max_blocks, &drained));
  }

  [[nodiscard]] std::uint64_t alloc_steps(Order order) const noexcept {
    return labyrinth_alloc_steps(handle_, order.value);
  }
  [[nodiscard]] std::uint64_t free_steps(Order order) const noexcept {
    return labyrinth_free_steps(handle_, order.value);
  }
  [[nodiscard]] Frames free_frames() const noexcept {
    return {static_cast<std::int64_t>(labyrinth_free_frames(handle_))};
  }

 private:
  labyrinth_allocator* handle_ = nullptr;
};

// A block that is freed when its owner goes; moving passes ownership on. Empty if the allocation was refused,
// in which case page().status says why.
class Block {
 public:
  constexpr Block() noexcept = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  constexpr Block(Block&& other) noexcept : allocator_(other.allocator_), page_(other.page_) {
    other.allocator_ = Allocator{};
  }
  constexpr Block& operator=(Block&& other) noexcept {
    if (this != &other) {
      reset();
      allocator_ = other.allocator_;
      page_ = other.page_;
      other.allocator_ = Allocator{};
    }
    return *this;
  }
  constexpr ~Block() { reset(); }

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return static_cast<bool>(allocator_); }
  [[nodiscard]] constexpr const Page& page() const noexcept { return page_; }

  // Frees the block now. It cannot fail: a live block's free never does.
  constexpr void reset() noexcept {
    if (allocator_) static_cast<void>(allocator_.free_page(page_.pfn, page_.order));
    allocator_ = Allocator{};
  }

  // Gives up ownership without freeing: from here on the caller answers for the block.
  [[nodiscard]] constexpr Page release() noexcept {
    allocator_ = Allocator{};
    return page_;
  }

 private:
  friend class Allocator;
  constexpr Block(Allocator allocator, const Page& page) noexcept
      : allocator_(page.status == Status::kOk ? allocator : Allocator{}), page_(page) {}

  Allocator allocator_;
  Page page_;
};

inline Block Allocator::alloc_block(Gfp gfp, Order order) const noexcept {
  Page page;
  alloc_page(gfp, order, page);
  return Block{*this, page};
}

}  // namespace labyrinth
