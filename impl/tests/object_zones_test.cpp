// What zone modifiers and ZERO mean for small objects, over an allocator of several zones whose frames exist.
#include <gtest/gtest.h>

#include "labyrinth/objects.hpp"
#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

constexpr std::uint64_t kDmaFrames = 4;
constexpr std::uint64_t kDma32Frames = 8;
constexpr std::uint64_t kNormalFrames = 16;

Config three_zones() {
  Config config{};
  config.zones[LABYRINTH_ZONE_DMA].frames = kDmaFrames;
  config.zones[LABYRINTH_ZONE_DMA32].frames = kDma32Frames;
  config.zones[LABYRINTH_ZONE_NORMAL].frames = kNormalFrames;
  config.zones[LABYRINTH_ZONE_MOVABLE].frames = 16;
  config.isolated.frames = 16;
  config.rooms[LABYRINTH_TASK].frames = 2;
  config.max_order = 3;
  config.cpus = 1;
  return config;
}

class ObjectZones : public testing::Test {
 protected:
  ObjectZones() {
    ObjectsConfig config{0, 62, 1, 1, &cache_, {}, zero};
    config.port.self = this;
    config.port.cpu = [](void*) { return 0u; };
    config.port.may_sleep = [](void*) { return true; };
    objects = init(config, metadata_);
    config.zero = nullptr;
    without_zero = init(config, second_metadata_);
  }

  unsigned char* at(Address address) { return memory.at(0) + address.value; }

  // Takes all; the answer is one more than the highest frame that any of them lies in.
  std::uint64_t end_of_all(Gfp gfp, std::uint64_t bytes) {
    std::uint64_t end = 0;
    for (ObjectAnswer answer = objects.kmalloc(gfp, Bytes{bytes}); answer.status == Status::kOk;
         answer = objects.kmalloc(gfp, Bytes{bytes})) {
      taken.push_back(answer.address);
      end = std::max(end, answer.address.value / kFrameBytes + 1);
    }
    return end;
  }

  TestMemory memory{three_zones()};
  Objects objects;
  Objects without_zero;
  std::vector<Address> taken;

 private:
  static void zero(void* self, std::uint64_t address, std::uint64_t bytes) {
    std::memset(static_cast<ObjectZones*>(self)->at(Address{address}), 0, bytes);
  }
  Objects init(const ObjectsConfig& config, Metadata& metadata) {
    const std::size_t size = Objects::metadata_size(config);
    metadata = make_metadata(size);
    return Objects::init(config, memory.allocator(), metadata.get(), size);
  }

  labyrinth_cache cache_{48, 16};
  Metadata metadata_;
  Metadata second_metadata_;
};

TEST_F(ObjectZones, X2_AnObjectLiesInTheZonesThatTheRequestNames) {
  for (const std::uint64_t bytes : {64u, 4096u}) {
    // An object of NORMAL's slabs is free: DMA must not be given it.
    const ObjectAnswer normal = objects.kmalloc(kMemalloc, Bytes{bytes});
    ASSERT_EQ(normal.status, Status::kOk);
    EXPECT_EQ(end_of_all(kMemalloc | kDma, bytes), kDmaFrames);
    EXPECT_EQ(taken.size(), kDmaFrames * (kFrameBytes / bytes));
    EXPECT_EQ(end_of_all(kMemalloc | kDma32, bytes), kDmaFrames + kDma32Frames);
    EXPECT_EQ(end_of_all(kMemalloc, bytes), kDmaFrames + kDma32Frames + kNormalFrames);
    for (const Address address : taken) EXPECT_EQ(objects.kfree(address), Status::kOk);
    EXPECT_EQ(objects.kfree(normal.address), Status::kOk);
    taken.clear();
    objects.trim();
  }
}

TEST_F(ObjectZones, X5_ZeroZeroesTheObjectAndNothingElse) {
  for (const std::uint64_t bytes : {1u, 100u, 2048u, 4096u, 8192u}) {
    const ObjectAnswer before = objects.kmalloc(kMemalloc, Bytes{bytes});
    const std::uint64_t size = labyrinth_kmalloc_size(bytes);
    std::memset(at(before.address), 0x11, size);
    std::vector<Address> zeroed;
    for (int i = 0; i < 3; ++i) {
      const ObjectAnswer answer = objects.kmalloc(kMemalloc | kZero, Bytes{bytes});
      ASSERT_EQ(answer.status, Status::kOk);
      const unsigned char* const first = at(answer.address);
      EXPECT_TRUE(std::all_of(first, first + size, [](unsigned char byte) { return byte == 0; }));
      std::memset(at(answer.address), 0x22, size);
      zeroed.push_back(answer.address);
    }
    const unsigned char* const first = at(before.address);
    EXPECT_TRUE(std::all_of(first, first + size, [](unsigned char byte) { return byte == 0x11; })) << bytes;
    for (const Address address : zeroed) EXPECT_EQ(objects.kfree(address), Status::kOk);
    EXPECT_EQ(objects.kfree(before.address), Status::kOk);
  }
  const ObjectAnswer cached = objects.cache_alloc(CacheId{0}, kMemalloc | kZero);
  ASSERT_EQ(cached.status, Status::kOk);
  EXPECT_EQ(*at(cached.address), 0);
}

TEST_F(ObjectZones, WhatSharedSlabsCannotKeepIsABadArgument) {
  for (const Gfp flag :
       {kExclusive, kRoom, kHighmem, kMovable, kHighmem | kMovable, kReclaimable, kDma | kDma32}) {
    for (const std::uint64_t bytes : {64u, 4096u}) {
      EXPECT_EQ(objects.kmalloc(kMemalloc | flag, Bytes{bytes}).status, Status::kBadArgument) << flag.bits;
    }
    EXPECT_EQ(objects.cache_alloc(CacheId{0}, kMemalloc | flag).status, Status::kBadArgument) << flag.bits;
  }
  EXPECT_EQ(objects.cache_alloc(CacheId{0}, kMemalloc | kDma).status, Status::kBadArgument);
  EXPECT_EQ(without_zero.kmalloc(kMemalloc | kZero, Bytes{64}).status, Status::kBadArgument);
  EXPECT_EQ(without_zero.kmalloc(kMemalloc | kZero, Bytes{4096}).status, Status::kBadArgument);
}

}  // namespace
}  // namespace labyrinth::test
