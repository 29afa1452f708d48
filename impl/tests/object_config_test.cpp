// What labyrinth_objects_init refuses, what empty handles answer, and what the metadata costs.
#include <gtest/gtest.h>

#include <functional>

#include "object_fixture.hpp"
#include "object_layout.hpp"

namespace labyrinth::test {
namespace {

class ObjectConfiguration : public testing::Test {
 protected:
  TestZone zone{Shape{}};
  std::vector<labyrinth_cache> caches{{64, 64}, {1000, 8}};
  ObjectsConfig config{0, 1024, 2, 2, caches.data(), port_to(zone.surroundings), nullptr};

  void expect_refused(const std::function<void(ObjectsConfig&)>& spoil, const char* what) {
    ObjectsConfig bad = config;
    spoil(bad);
    EXPECT_EQ(Objects::metadata_size(bad), 0u) << what;
    const Metadata memory = make_metadata(1 << 20);
    EXPECT_FALSE(Objects::init(bad, *zone, memory.get(), 1 << 20)) << what;
  }
  void expect_cache_refused(labyrinth_cache cache) {
    const labyrinth_cache table[] = {{64, 64}, cache};
    expect_refused([&](ObjectsConfig& c) { c.caches = table; }, "cache");
  }
};

TEST_F(ObjectConfiguration, IsRefusedOutOfRange) {
  expect_refused([](ObjectsConfig& c) { c.frames = 0; }, "no frames");
  expect_refused([](ObjectsConfig& c) { c.frames = LABYRINTH_MAX_FRAMES + 1; }, "too many frames");
  expect_refused([](ObjectsConfig& c) { c.first_pfn = LABYRINTH_MAX_FIRST_PFN - 1023; }, "addresses wrap");
  expect_refused([](ObjectsConfig& c) { c.first_pfn = UINT64_MAX; }, "pfn wraps");
  expect_refused([](ObjectsConfig& c) { c.cpus = 0; }, "no CPUs");
  expect_refused([](ObjectsConfig& c) { c.cpus = LABYRINTH_MAX_CPUS + 1; }, "too many CPUs");
  expect_refused([](ObjectsConfig& c) { c.cache_count = LABYRINTH_MAX_CACHES + 1; }, "too many caches");
  expect_refused([](ObjectsConfig& c) { c.caches = nullptr; }, "no table");
  expect_refused([](ObjectsConfig& c) { c.port.cpu = nullptr; }, "no cpu()");
  expect_refused([](ObjectsConfig& c) { c.port.may_sleep = nullptr; }, "no may_sleep()");
  expect_cache_refused({0, 8});
  expect_cache_refused({4097, 8});
  expect_cache_refused({64, 0});
  expect_cache_refused({64, 48});
  expect_cache_refused({64, 8192});
}

TEST_F(ObjectConfiguration, MetadataMustBeThereLargeEnoughAndAligned) {
  const std::size_t size = Objects::metadata_size(config);
  const Metadata memory = make_metadata(size + LABYRINTH_METADATA_ALIGNMENT);
  EXPECT_FALSE(Objects::init(config, *zone, nullptr, size));
  EXPECT_FALSE(Objects::init(config, *zone, memory.get(), size - 1));
  EXPECT_FALSE(Objects::init(config, *zone, memory.get() + 8, size));
  EXPECT_FALSE(Objects::init(config, Allocator{}, memory.get(), size));
  EXPECT_TRUE(Objects::init(config, *zone, memory.get(), size));
}

TEST_F(ObjectConfiguration, InitWritesNothingBeyondItsMetadata) {
  for (const std::uint64_t frames : {1u, 63u, 64u, 65u, 5000u}) {
    for (const std::uint32_t count : {0u, 2u}) {
      config.frames = frames;
      config.cache_count = count;
      const std::size_t size = Objects::metadata_size(config);
      const Metadata memory = make_metadata(size + 64);
      for (std::size_t i = 0; i < 64; ++i) memory.get()[size + i] = std::byte{0xa5};
      ASSERT_TRUE(Objects::init(config, *zone, memory.get(), size));
      for (std::size_t i = 0; i < 64; ++i) ASSERT_EQ(memory.get()[size + i], std::byte{0xa5});
    }
  }
}

TEST_F(ObjectConfiguration, TheTableOfCachesIsNotNeededAfterwards) {
  const std::size_t size = Objects::metadata_size(config);
  const Metadata memory = make_metadata(size);
  const Objects objects = Objects::init(config, *zone, memory.get(), size);
  caches.assign(2, {0, 0});
  EXPECT_EQ(objects.cache_alloc(CacheId{1}, kMemalloc).status, Status::kOk);
}

TEST_F(ObjectConfiguration, PagesOutsideTheFramesGivenAreHandedBack) {
  config.first_pfn = 2000;
  const std::size_t size = Objects::metadata_size(config);
  const Metadata memory = make_metadata(size);
  const Objects objects = Objects::init(config, *zone, memory.get(), size);
  for (const std::uint64_t bytes : {64u, 8192u}) {
    EXPECT_EQ(objects.kmalloc(kMemalloc, Bytes{bytes}).status, Status::kBadArgument);
  }
  zone.expect_nothing_is_lost();
}

TEST_F(ObjectConfiguration, M_MetadataIsUnderOnePercentOfALargeZone) {
  config.frames = 1 << 20;
  config.cache_count = 0;
  const std::size_t size = Objects::metadata_size(config);
  EXPECT_LE(size, config.frames * 399 / 10);
  EXPECT_LE(size * 100, config.frames * kPage);
}

TEST(EmptyObjects, AnswerBadArgument) {
  const Objects none;
  EXPECT_EQ(none.kmalloc(kAtomic, Bytes{16}).status, Status::kBadArgument);
  EXPECT_EQ(none.cache_alloc(CacheId{0}, kAtomic).status, Status::kBadArgument);
  EXPECT_EQ(none.kfree(Address{0}), Status::kBadArgument);
  EXPECT_EQ(none.cache_free(CacheId{0}, Address{0}), Status::kBadArgument);
  EXPECT_EQ(none.kmalloc_steps(Bytes{16}), 0u);
  EXPECT_EQ(none.kfree_steps(), 0u);
  EXPECT_EQ(none.trim_steps(), 0u);
  none.trim();
  labyrinth_kmalloc(nullptr, LABYRINTH_GFP_ATOMIC, 16, nullptr);
  labyrinth_cache_alloc(nullptr, 0, LABYRINTH_GFP_ATOMIC, nullptr);
  EXPECT_EQ(labyrinth_objects_metadata_size(nullptr), 0u);
}

TEST(ObjectGeometry, TheTreeHasAtMost64NodesBelowTheRoot) {
  EXPECT_EQ((objects::Geometry{0, 64}.levels()), 0u);
  EXPECT_EQ((objects::Geometry{0, 65}.levels()), 1u);
  EXPECT_EQ((objects::Geometry{0, 64 * 64}.levels()), 1u);
  EXPECT_EQ((objects::Geometry{0, 64 * 64 + 1}.levels()), 2u);
  const objects::Geometry largest{0, LABYRINTH_MAX_FRAMES};
  EXPECT_EQ(largest.levels(), objects::kMaxLevels);
  EXPECT_LE(largest.nodes(objects::kMaxLevels - 1), objects::kFanOut);
}

TEST(ObjectShape, EveryObjectHasOneStart) {
  for (std::uint32_t size = 1; size <= 4096; ++size) {
    for (std::uint32_t alignment = 1; alignment <= 4096; alignment *= 2) {
      const objects::Shape shape(size, alignment);
      std::uint32_t starts = 0;
      for (const objects::Word word : shape.starts) starts += static_cast<std::uint32_t>(std::popcount(word));
      ASSERT_EQ(starts, shape.capacity);
      ASSERT_GE(shape.capacity, 1u);
      ASSERT_GE(shape.stride, size);
      ASSERT_EQ(shape.stride % alignment, 0u);
    }
  }
}

}  // namespace
}  // namespace labyrinth::test
