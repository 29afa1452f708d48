// What labyrinth_init refuses, and what empty handles answer.
#include <gtest/gtest.h>

#include <functional>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

ZoneConfig& normal(Config& config) { return config.zones[LABYRINTH_ZONE_NORMAL]; }

Config good(Surroundings& surroundings) {
  Config config = config_of({.cpus = 2}, surroundings);
  config.zones[LABYRINTH_ZONE_NORMAL] = {1024, 1, 2, 3, 0, 0};
  return config;
}

class Configuration : public testing::Test {
 protected:
  Surroundings surroundings;
  Config config = good(surroundings);

  void expect_refused(const std::function<void(Config&)>& spoil, const char* what) {
    Config bad = config;
    spoil(bad);
    EXPECT_EQ(Allocator::metadata_size(bad), 0u) << what;
    const Metadata memory = make_metadata(1 << 20);
    EXPECT_FALSE(Allocator::init(bad, memory.get(), 1 << 20)) << what;
  }
};

TEST_F(Configuration, IsRefusedOutOfRange) {
  expect_refused([](Config& c) { normal(c).frames = 0; }, "no frames");
  expect_refused([](Config& c) { normal(c).frames = LABYRINTH_MAX_FRAMES + 1; }, "too many frames");
  expect_refused([](Config& c) { c.first_pfn = LABYRINTH_MAX_FIRST_PFN + 1; }, "pfn too large");
  expect_refused([](Config& c) { c.first_pfn = UINT64_MAX; }, "pfn wraps");
  expect_refused([](Config& c) { normal(c).min = 3; }, "min above low");
  expect_refused([](Config& c) { normal(c).low = 4; }, "low above high");
  expect_refused([](Config& c) { normal(c).high = 1025; }, "high above frames");
  expect_refused([](Config& c) { normal(c).high = UINT64_MAX; }, "high wraps");
  expect_refused([](Config& c) { c.max_order = 11; }, "max_order");
  expect_refused([](Config& c) { c.cpus = 0; }, "no CPUs");
  expect_refused([](Config& c) { c.cpus = LABYRINTH_MAX_CPUS + 1; }, "too many CPUs");
  expect_refused([](Config& c) { c.port.cpu = nullptr; }, "no cpu()");
  expect_refused([](Config& c) { c.port.may_sleep = nullptr; }, "no may_sleep()");
  expect_refused([](Config& c) { c.zones[LABYRINTH_ZONE_DMA] = {8, 0, 9, 9, 0, 0}; },
                 "marks above the frames");
  expect_refused([](Config& c) { c.zones[LABYRINTH_ZONE_DMA].frames = LABYRINTH_MAX_FRAMES; },
                 "too many in all");
  expect_refused([](Config& c) { c.isolated.frames = 8; }, "a void without poison");
  expect_refused([](Config& c) { c.port.unmap = [](void*, std::uint64_t, std::uint64_t) { return true; }; },
                 "unmapping without mapping again");
  expect_refused([](Config& c) { c.rooms[LABYRINTH_HARDIRQ].frames = 8; }, "rooms without levels");
  expect_refused(
      [](Config& c) {
        c.port.level = [](void*) { return LABYRINTH_TASK; };
        c.rooms[LABYRINTH_HARDIRQ].frames = LABYRINTH_MAX_ROOM_FRAMES + 1;
      },
      "rooms too large");
  expect_refused([](Config& c) { c.devices[7].frames = LABYRINTH_MAX_ROOM_FRAMES + 1; }, "a device's, too");
  expect_refused(
      [](Config& c) {
        normal(c).frames = LABYRINTH_MAX_FRAMES;
        c.devices[0].frames = 1;
      },
      "too many in all with a device's");
}

TEST_F(Configuration, RoomsOfDevicesNeedNoLevelsAndOneWordEach) {
  const std::size_t without = Allocator::metadata_size(config);
  config.port.level = nullptr;
  for (labyrinth_room_config& room : config.devices) room = {LABYRINTH_MAX_ROOM_FRAMES, true};
  EXPECT_EQ(Allocator::metadata_size(config), without + std::size_t{LABYRINTH_MAX_DEVICES} * 64);
}

TEST_F(Configuration, MetadataMustBeThereLargeEnoughAndAligned) {
  const std::size_t size = Allocator::metadata_size(config);
  const Metadata memory = make_metadata(size + LABYRINTH_METADATA_ALIGNMENT);
  EXPECT_FALSE(Allocator::init(config, nullptr, size));
  EXPECT_FALSE(Allocator::init(config, memory.get(), size - 1));
  EXPECT_FALSE(Allocator::init(config, memory.get() + 8, size));
  EXPECT_TRUE(Allocator::init(config, memory.get(), size));
}

TEST_F(Configuration, InitWritesNothingBeyondItsMetadata) {
  for (std::uint64_t first_pfn : {std::uint64_t{0}, std::uint64_t{1023}}) {
    for (std::uint64_t frames : {1u, 31u, 1024u, 70000u}) {
      for (std::uint32_t order : {0u, 5u, 6u, 10u}) {
        const Config c = config_of({.first_pfn = first_pfn, .frames = frames, .max_order = order, .cpus = 3},
                                   surroundings);
        const std::size_t size = Allocator::metadata_size(c);
        const Metadata memory = make_metadata(size + 64);
        for (std::size_t i = 0; i < 64; ++i) memory.get()[size + i] = std::byte{0xa5};
        ASSERT_TRUE(Allocator::init(c, memory.get(), size));
        for (std::size_t i = 0; i < 64; ++i) ASSERT_EQ(memory.get()[size + i], std::byte{0xa5});
      }
    }
  }
}

TEST(EmptyHandle, AnswersBadArgument) {
  const Allocator none;
  Page page;
  none.alloc_page(kAtomic, Order{0}, page);
  EXPECT_EQ(page.status, Status::kBadArgument);
  EXPECT_EQ(page.pfn, Pfn{});
  EXPECT_EQ(none.free_page(Pfn{0}, Order{0}), Status::kBadArgument);
  EXPECT_EQ(none.alloc_steps(Order{0}), 0u);
  EXPECT_EQ(none.free_steps(Order{0}), 0u);
  EXPECT_EQ(none.free_frames(), Frames{0});
  EXPECT_EQ(labyrinth_metadata_size(nullptr), 0u);
}

}  // namespace
}  // namespace labyrinth::test
