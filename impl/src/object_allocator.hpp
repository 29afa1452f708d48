// Small objects over the page allocator: caches, their slabs and kmalloc's blocks, in one object at the start
// of the metadata.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "labyrinth/objects.h"
#include "labyrinth/types.hpp"
#include "object_credits.hpp"
#include "object_frames.hpp"
#include "object_layout.hpp"
#include "patience.hpp"

namespace labyrinth::objects {

// Whether every field of the configuration is in its range.
[[nodiscard]] bool is_valid(const labyrinth_objects_config& config) noexcept;

struct alignas(kLine) Cache {
  Cache(const Shape& cache_shape, const Geometry& geometry, std::byte* nodes) noexcept
      : shape(cache_shape), credits(geometry, nodes) {}

  const Shape shape;
  Credits credits;
};

class Objects {
 public:
  // `metadata` is aligned and as large as the layout of a valid configuration asks.
  Objects(const labyrinth_objects_config& config, labyrinth_allocator* allocator,
          std::byte* metadata) noexcept;

  Objects(const Objects&) = delete;
  Objects& operator=(const Objects&) = delete;

  // 1 .. kLargestBlock bytes: an object of kmalloc's caches, or a block of whole frames.
  void kmalloc(Gfp gfp, std::uint64_t bytes, labyrinth_object& out) noexcept;
  // An object of one of the configuration's caches, which exists.
  void cache_alloc(CacheIndex cache, Gfp gfp, labyrinth_object& out) noexcept;

  [[nodiscard]] Status free(std::uint64_t address) noexcept;
  [[nodiscard]] Status free_to(CacheIndex cache, std::uint64_t address) noexcept;
  void trim() noexcept;

  [[nodiscard]] const Geometry& geometry() const noexcept { return geometry_; }
  [[nodiscard]] const labyrinth_allocator* pages() const noexcept { return allocator_; }
  [[nodiscard]] CacheIndex cache_count() const noexcept { return cache_count_; }
  [[nodiscard]] CacheIndex own_cache_count() const noexcept { return cache_count_ - kKmallocCaches; }

  [[nodiscard]] static Layout layout_of(const labyrinth_objects_config& config) noexcept;

 private:
  struct Place {
    FrameIndex frame = kNoFrame;
    GranuleIndex granule = kNoGranule;
  };

  // `reaches`: the zone modifiers that the request may have.
  [[nodiscard]] Status admit(Gfp gfp, Gfp reaches) const noexcept;
  [[nodiscard]] std::atomic<FrameIndex>& hint(CacheIndex cache) const noexcept;

  // What follows answers requests that were admitted.
  void alloc(CacheIndex cache, Gfp gfp, labyrinth_object& out) noexcept;
  void alloc_block(Gfp gfp, std::uint32_t order, labyrinth_object& out) noexcept;
  void find_object(CacheIndex cache, Gfp gfp, labyrinth_object& out) noexcept;
  // A page of that order from the page allocator, as a frame; the refusal is in `out`, otherwise OK.
  [[nodiscard]] FrameIndex take_page(Gfp gfp, std::uint32_t order, labyrinth_object& out) noexcept;
  // One object of a cache from a new slab.
  void grow(CacheIndex cache, Gfp gfp, labyrinth_object& out) noexcept;
  // Takes one credit of a slab on the way from the root, where the caller holds one; kNoFrame, with only the
  // root's credit held, if races were lost.
  [[nodiscard]] FrameIndex find_slab(CacheIndex cache, FrameIndex start, Patience& patience) noexcept;
  // Returns one credit of a slab, there and all the way to the root. Gives the slab back if it is empty and
  // its cache has another slab's worth of free objects.
  void return_one(CacheIndex cache, FrameIndex frame) noexcept;
  // Gives an empty slab back to the page allocator if that leaves `keep` objects' credit at the root.
  void retire(CacheIndex cache, FrameIndex frame, std::int64_t keep) noexcept;

  // Where the object at an address would start; kNoFrame if no object can.
  [[nodiscard]] Place place_of(std::uint64_t address) const noexcept;
  [[nodiscard]] std::uint64_t address_of(FrameIndex frame, GranuleIndex granule) const noexcept {
    return (geometry_.first_pfn + frame) * kPageBytes + std::uint64_t{granule} * kGranuleBytes;
  }

  const Geometry geometry_;
  const labyrinth_port port_;
  void (*const zero_)(void* self, std::uint64_t address, std::uint64_t bytes);
  labyrinth_allocator* const allocator_;
  const std::uint32_t cpus_;
  const CacheIndex cache_count_;
  std::byte* hints_ = nullptr;
  const std::size_t hints_per_cpu_;
  Cache* caches_ = nullptr;
  FrameTable frames_;
};

}  // namespace labyrinth::objects

// The C interface's opaque handle.
struct alignas(LABYRINTH_METADATA_ALIGNMENT) labyrinth_objects {
  labyrinth::objects::Objects objects;
};
