// An allocator with any zones, a void and rooms, over frames that really exist, and a scripted port.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "zone_fixture.hpp"

namespace labyrinth::test {

inline constexpr std::size_t kFrameBytes = 4096;
inline constexpr unsigned char kPoisonByte = 0xaa;

// NORMAL 10..25, the void 26..153.
inline Config with_void() {
  Config config{};
  config.first_pfn = 10;
  config.zones[LABYRINTH_ZONE_NORMAL] = {16, 0, 0, 0, 0, 0};
  config.isolated = {128, 8, 12, 16, 0, 0};
  config.max_order = 6;
  config.cpus = 1;
  return config;
}

class TestMemory {
 public:
  // `config` without a port. With `unmaps` its void is unmapped while nobody owns it.
  explicit TestMemory(Config config, bool unmaps = false) : first_pfn_(config.first_pfn) {
    std::uint64_t frames = config.isolated.frames;
    for (const ZoneConfig& zone : config.zones) frames += zone.frames;
    for (const RoomConfig& room : config.rooms) frames += std::uint64_t{room.frames} * config.cpus;
    for (const RoomConfig& room : config.devices) frames += room.frames;
    content_.assign(frames * kFrameBytes, 0x5c);
    Port& port = config.port;
    port.self = this;
    port.cpu = [](void* self) { return of(self).cpu; };
    port.may_sleep = [](void* self) { return of(self).may_sleep; };
    port.level = [](void* self) { return of(self).level; };
    port.zero = [](void* self, std::uint64_t pfn, std::uint64_t count) { of(self).fill(pfn, count, 0); };
    port.poison = [](void* self, std::uint64_t pfn, std::uint64_t count) {
      of(self).fill(pfn, count, kPoisonByte);
    };
    port.is_poisoned = [](void* self, std::uint64_t pfn, std::uint64_t count) {
      return of(self).is_full_of(pfn, count, kPoisonByte);
    };
    port.report_damage = [](void* self, std::uint64_t pfn, std::uint64_t) {
      of(self).damaged.push_back(pfn);
    };
    mapped.assign(frames, !unmaps);
    if (unmaps) {
      port.unmap = [](void* self, std::uint64_t pfn, std::uint64_t count) {
        return of(self).map(pfn, count, false);
      };
      port.remap = [](void* self, std::uint64_t pfn, std::uint64_t count) {
        return of(self).map(pfn, count, true);
      };
    }
    const std::size_t size = Allocator::metadata_size(config);
    metadata_ = make_metadata(size);
    allocator_ = Allocator::init(config, metadata_.get(), size);
    EXPECT_TRUE(allocator_) << "the configuration was refused";
  }

  TestMemory(const TestMemory&) = delete;
  TestMemory& operator=(const TestMemory&) = delete;

  Page alloc(Gfp gfp, std::uint32_t order = 0) {
    Page page;
    allocator_.alloc_page(gfp, Order{order}, page);
    return page;
  }
  Status free(const Page& page) { return allocator_.free_page(page.pfn, page.order); }
  Status free(std::uint64_t pfn, std::uint32_t order) { return allocator_.free_page(Pfn{pfn}, Order{order}); }

  // The first frames of what it allocates until it is refused.
  std::vector<std::uint64_t> take_all(Gfp gfp, std::uint32_t order = 0) {
    std::vector<std::uint64_t> pfns;
    for (Page page = alloc(gfp, order); page.status == Status::kOk; page = alloc(gfp, order)) {
      pfns.push_back(page.pfn.value);
    }
    return pfns;
  }

  // What the port does to mappings: never what is so already, and never sleeping where that is not permitted.
  bool map(std::uint64_t pfn, std::uint64_t frames, bool reachable) {
    EXPECT_TRUE(reachable || may_sleep) << "N1: unmapping sleeps";
    if (map_fails) return false;
    for (std::uint64_t frame = pfn - first_pfn_; frame < pfn - first_pfn_ + frames; ++frame) {
      EXPECT_NE(mapped[frame], reachable) << frame;
      mapped[frame] = reachable;
    }
    if (!reachable) std::memset(at(pfn), 0, frames * kFrameBytes);
    return true;
  }
  [[nodiscard]] bool is_mapped(std::uint64_t pfn) const { return mapped[pfn - first_pfn_]; }

  unsigned char* at(std::uint64_t pfn) { return content_.data() + (pfn - first_pfn_) * kFrameBytes; }
  void fill(std::uint64_t pfn, std::uint64_t frames, unsigned char byte) {
    for (std::uint64_t i = 0; i < frames; ++i) EXPECT_TRUE(is_mapped(pfn + i)) << "touched while unmapped";
    std::memset(at(pfn), byte, frames * kFrameBytes);
  }
  bool is_full_of(std::uint64_t pfn, std::uint64_t frames, unsigned char byte) {
    return std::all_of(at(pfn), at(pfn) + frames * kFrameBytes,
                       [byte](unsigned char b) { return b == byte; });
  }
  [[nodiscard]] const Allocator& allocator() const { return allocator_; }

  std::uint32_t cpu = 0;
  bool may_sleep = true;
  labyrinth_level level = LABYRINTH_TASK;
  bool map_fails = false;
  std::vector<bool> mapped;  // by frame
  std::vector<std::uint64_t> damaged;

 private:
  static TestMemory& of(void* self) { return *static_cast<TestMemory*>(self); }

  std::uint64_t first_pfn_;
  std::vector<unsigned char> content_;
  Metadata metadata_;
  Allocator allocator_;
};

}  // namespace labyrinth::test
