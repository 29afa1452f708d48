// Small objects over a zone, with what tests ask of them, and a shadow of who owns which bytes.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <vector>

#include "labyrinth/objects.hpp"
#include "zone_fixture.hpp"

namespace labyrinth::test {

inline constexpr std::uint64_t kPage = LABYRINTH_PAGE_BYTES;

// The live objects of a sequential test: no two may overlap.
class Shadow {
 public:
  void take(Address address, std::uint64_t bytes) {
    const auto next = live_.lower_bound(address.value);
    if (next != live_.end()) {
      EXPECT_LE(address.value + bytes, next->first) << "X1: overlaps the next";
    }
    if (next != live_.begin()) {
      const auto& [start, size] = *std::prev(next);
      EXPECT_LE(start + size, address.value) << "X1: overlaps the one before";
    }
    live_[address.value] = bytes;
  }
  void give(Address address) { live_.erase(address.value); }
  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& live() const { return live_; }

 private:
  std::map<std::uint64_t, std::uint64_t> live_;
};

class TestObjects {
 public:
  explicit TestObjects(const Shape& shape, std::vector<labyrinth_cache> caches = {})
      : zone(shape), caches_(std::move(caches)) {
    const ObjectsConfig config = config_of();
    const std::size_t size = Objects::metadata_size(config);
    metadata_ = make_metadata(size);
    objects_ = Objects::init(config, *zone, metadata_.get(), size);
    EXPECT_TRUE(objects_) << "the configuration was refused";
  }

  [[nodiscard]] const Objects& operator*() const { return objects_; }
  [[nodiscard]] const Objects* operator->() const { return &objects_; }

  // kmalloc, with the answer entered into the shadow.
  ObjectAnswer kmalloc(Gfp gfp, std::uint64_t bytes) {
    return entered(objects_.kmalloc(gfp, Bytes{bytes}), labyrinth_kmalloc_size(bytes));
  }
  ObjectAnswer cache_alloc(Gfp gfp, std::uint32_t cache) {
    return entered(objects_.cache_alloc(CacheId{cache}, gfp), caches_[cache].size);
  }
  Status kfree(Address address) {
    const Status status = objects_.kfree(address);
    if (status == Status::kOk) {
      EXPECT_EQ(shadow.live().count(address.value), 1u) << "X3: freed what was not live";
      shadow.give(address);
    }
    return status;
  }

  // Allocates until refused; `last` is the refusal.
  std::vector<Address> take_all(Gfp gfp, std::uint64_t bytes, Status* last = nullptr) {
    std::vector<Address> taken;
    for (;;) {
      const ObjectAnswer answer = kmalloc(gfp, bytes);
      if (answer.status != Status::kOk) {
        if (last != nullptr) *last = answer.status;
        return taken;
      }
      taken.push_back(answer.address);
    }
  }
  void free_all(const std::vector<Address>& addresses) {
    for (const Address address : addresses) EXPECT_EQ(kfree(address), Status::kOk);
  }

  [[nodiscard]] std::int64_t pages_in_use() const {
    return static_cast<std::int64_t>(zone.shape().frames) - zone->free_frames().value;
  }

  // X4: with every object freed, trim leaves every page to the page allocator, and objects as at the start.
  void expect_nothing_is_lost() {
    EXPECT_TRUE(shadow.live().empty());
    objects_.trim();
    EXPECT_EQ(pages_in_use(), 0);
    zone.expect_nothing_is_lost();
    for (const std::uint64_t bytes : {16u, 192u, 2048u}) {
      const std::vector<Address> all = take_all(kMemalloc, bytes);
      EXPECT_EQ(all.size(), zone.shape().frames * (kPage / bytes)) << bytes;
      free_all(all);
      objects_.trim();
      EXPECT_EQ(pages_in_use(), 0);
    }
  }

  [[nodiscard]] ObjectsConfig config_of() {
    return {zone.shape().first_pfn,
            zone.shape().frames,
            zone.shape().cpus,
            static_cast<std::uint32_t>(caches_.size()),
            caches_.data(),
            port_to(zone.surroundings),
            nullptr};
  }

  TestZone zone;
  Shadow shadow;

 private:
  ObjectAnswer entered(const ObjectAnswer& answer, std::uint64_t bytes) {
    if (answer.status == Status::kOk) {
      shadow.take(answer.address, bytes);
    } else {
      EXPECT_EQ(answer.address, Address{});
    }
    return answer;
  }

  std::vector<labyrinth_cache> caches_;
  Metadata metadata_;
  Objects objects_;
};

}  // namespace labyrinth::test
