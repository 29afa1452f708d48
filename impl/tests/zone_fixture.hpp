// A zone with its metadata and a scripted port, and the few questions that most tests ask of it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <new>
#include <ostream>
#include <vector>

#include "labyrinth/allocator.hpp"

namespace labyrinth::test {

struct Surroundings {
  std::uint32_t cpu = 0;
  bool may_sleep = true;
};

inline Port port_to(Surroundings& surroundings) {
  Port port{};
  port.self = &surroundings;
  port.cpu = [](void* self) { return static_cast<Surroundings*>(self)->cpu; };
  port.may_sleep = [](void* self) { return static_cast<Surroundings*>(self)->may_sleep; };
  return port;
}

struct MetadataDeleter {
  void operator()(std::byte* memory) const {
    ::operator delete(memory, std::align_val_t{LABYRINTH_METADATA_ALIGNMENT});
  }
};
using Metadata = std::unique_ptr<std::byte, MetadataDeleter>;

inline Metadata make_metadata(std::size_t size) {
  return Metadata(
      static_cast<std::byte*>(::operator new(size, std::align_val_t{LABYRINTH_METADATA_ALIGNMENT})));
}

struct Shape {
  std::uint64_t first_pfn = 0;
  std::uint64_t frames = 1024;
  std::uint32_t max_order = 10;
  std::uint64_t min = 0;
  std::uint64_t low = 0;
  std::uint32_t cpus = 1;
};

inline void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.frames << " frames from " << shape.first_pfn << ", max_order " << shape.max_order;
}

// An allocator that has zone NORMAL and nothing else.
inline Config config_of(const Shape& shape, Surroundings& surroundings) {
  Config config{};
  config.first_pfn = shape.first_pfn;
  config.zones[LABYRINTH_ZONE_NORMAL] = {shape.frames, shape.min, shape.low, shape.low, 0, 0};
  config.max_order = shape.max_order;
  config.cpus = shape.cpus;
  config.port = port_to(surroundings);
  return config;
}

class TestZone {
 public:
  explicit TestZone(const Shape& shape) : shape_(shape) {
    const Config config = config_of(shape, surroundings);
    const std::size_t size = Allocator::metadata_size(config);
    metadata_ = make_metadata(size);
    allocator_ = Allocator::init(config, metadata_.get(), size);
    EXPECT_TRUE(allocator_) << "the configuration was refused";
  }

  [[nodiscard]] const Allocator& operator*() const { return allocator_; }
  [[nodiscard]] const Allocator* operator->() const { return &allocator_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }

  Page alloc(Gfp gfp, std::uint32_t order) {
    Page page;
    allocator_.alloc_page(gfp, Order{order}, page);
    return page;
  }
  Status free(std::uint64_t pfn, std::uint32_t order) { return allocator_.free_page(Pfn{pfn}, Order{order}); }
  Status free(const Page& page) { return allocator_.free_page(page.pfn, page.order); }

  // Allocates until refused; `last` is the refusal.
  std::vector<Page> take_all(Gfp gfp, std::uint32_t order, Status* last = nullptr) {
    std::vector<Page> pages;
    for (;;) {
      const Page page = alloc(gfp, order);
      if (page.status != Status::kOk) {
        if (last != nullptr) *last = page.status;
        return pages;
      }
      pages.push_back(page);
    }
  }
  void free_all(const std::vector<Page>& pages) {
    for (const Page& page : pages) EXPECT_EQ(free(page), Status::kOk);
  }

  // The aligned blocks of an order that lie in the zone as a whole.
  [[nodiscard]] std::uint64_t blocks_in_zone(std::uint32_t order) const {
    const std::uint64_t size = std::uint64_t{1} << order;
    const std::uint64_t first = (shape_.first_pfn + size - 1) / size;
    const std::uint64_t last = (shape_.first_pfn + shape_.frames) / size;
    return last > first ? last - first : 0;
  }

  // X4: with everything free, each order yields exactly as many blocks as fit, and the counter knows it.
  void expect_nothing_is_lost() {
    for (std::uint32_t order = 0; order <= shape_.max_order; ++order) {
      EXPECT_EQ(static_cast<std::uint64_t>(allocator_.free_frames().value), shape_.frames);
      const std::vector<Page> pages = take_all(kMemalloc, order);
      EXPECT_EQ(pages.size(), blocks_in_zone(order)) << "order " << order;
      free_all(pages);
    }
    EXPECT_EQ(static_cast<std::uint64_t>(allocator_.free_frames().value), shape_.frames);
  }

  Surroundings surroundings;

 private:
  Shape shape_;
  Metadata metadata_;
  Allocator allocator_;
};

}  // namespace labyrinth::test
