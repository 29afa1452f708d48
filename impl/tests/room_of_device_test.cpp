// E4: the rooms of devices. Who names the device takes from its room, wherever that is done; anyone frees
// into it; and it spills only where told to.
#include <array>

#include "memory_fixture.hpp"
#include "room.hpp"

namespace labyrinth::test {
namespace {

// NORMAL 0..15, the rooms of hardirqs: CPU 0 has 16..17, CPU 1 has 18..19; then device 0 has 20..23, device 5
// has 24..26, device 7 has 27.
Config with_devices(bool spill) {
  Config config{};
  config.zones[LABYRINTH_ZONE_NORMAL] = {16, 0, 0, 0, 0, 0};
  config.rooms[LABYRINTH_HARDIRQ] = {2, spill};
  config.devices[0] = {4, spill};
  config.devices[5] = {3, spill};
  config.devices[7] = {1, false};
  config.max_order = 4;
  config.cpus = 2;
  return config;
}

using Pfns = std::vector<std::uint64_t>;

TEST(RoomsOfDevices, E4_WhoNamesTheDeviceTakesItsRoomAndNobodyElseDoes) {
  TestMemory memory(with_devices(false));
  EXPECT_EQ(memory.take_all(kMemalloc).size(), 16u) << "no request without a device gets there";
  EXPECT_EQ(memory.take_all(kAtomic | for_device(5)), (Pfns{24, 25, 26})) << "and to no other device's";
  EXPECT_EQ(memory.alloc(kMemalloc | for_device(5)).status, Status::kExhausted);
  EXPECT_FALSE(memory.alloc(kAtomic | for_device(5)).wake) << "no zone was tried";
  memory.level = LABYRINTH_HARDIRQ;
  EXPECT_EQ(memory.take_all(kAtomic | kRoom), (Pfns{16, 17}));
  EXPECT_EQ(memory.take_all(kNowait | for_device(0)), (Pfns{20, 21, 22, 23}));
  EXPECT_EQ(memory.take_all(Gfp{} | for_device(7)), (Pfns{27}));
  EXPECT_EQ(memory.free(25, 0), Status::kOk) << "anyone may free";
  for (const Gfp gfp : {kMemalloc, kMemalloc | kRoom, kMemalloc | for_device(0), kMemalloc | for_device(7)}) {
    EXPECT_EQ(memory.alloc(gfp).status, Status::kExhausted) << gfp.bits << ": but not take what was freed";
  }
  EXPECT_EQ(memory.alloc(kHigh | for_device(5)).pfn, Pfn{25});
}

TEST(RoomsOfDevices, E4_TheRoomIsTheSameOneOnEveryCpuAndAtEveryLevel) {
  TestMemory memory(with_devices(false));
  Pfns pfns;
  for (const std::uint32_t cpu : {0u, 1u, 2u, UINT32_MAX}) {
    memory.cpu = cpu;  // the last two are none: its driver is who it is, wherever it runs
    memory.level = static_cast<labyrinth_level>(pfns.size());
    const Page page = memory.alloc(kAtomic | for_device(0));
    ASSERT_EQ(page.status, Status::kOk) << cpu;
    pfns.push_back(page.pfn.value);
  }
  EXPECT_EQ(pfns, (Pfns{20, 21, 22, 23}));
}

TEST(RoomsOfDevices, E4_SpillToTheZonesOfTheRequestIfToldToAndToNoOtherRoom) {
  TestMemory memory(with_devices(true));
  EXPECT_EQ(memory.alloc(kDma | for_device(0)).pfn, Pfn{20});
  const Pfns pfns = memory.take_all(kAtomic | for_device(0));
  ASSERT_EQ(pfns.size(), 3u + 16u);
  EXPECT_EQ(pfns[0], 21u);
  EXPECT_LT(pfns[3], 16u);
  EXPECT_TRUE(memory.alloc(kAtomic | for_device(0)).wake) << "C3: the zones were tried";
  EXPECT_EQ(memory.take_all(kAtomic | for_device(7)), (Pfns{27})) << "this one does not spill";
  EXPECT_EQ(memory.free(pfns[0], 0), Status::kOk);
  EXPECT_EQ(memory.free(pfns[3], 0), Status::kOk);
  EXPECT_EQ(memory.alloc(kAtomic | for_device(0)).pfn, Pfn{21}) << "first from the room again";
}

TEST(RoomsOfDevices, E1_WhatSpillsKeepsTheFloorOfTheZone) {
  Config config = with_devices(true);
  config.zones[LABYRINTH_ZONE_NORMAL] = {16, 8, 8, 8, 0, 0};
  TestMemory memory(config);
  EXPECT_EQ(memory.take_all(kNowait | for_device(0)).size(), 4u + 8u);
  EXPECT_EQ(memory.take_all(kAtomic | for_device(0)).size(), 5u) << "floor 8 - 8 / 2 - 4 / 4";
  EXPECT_EQ(memory.take_all(kNowait | for_device(5)).size(), 3u) << "a room has no floor";
}

TEST(RoomsOfDevices, X2_RequestsThatNameNoDeviceOrMoreThanItsRoomAreRefused) {
  TestMemory memory(with_devices(true));
  const auto refused = [&](Gfp gfp, std::uint32_t order = 0) {
    const Page page = memory.alloc(gfp, order);
    return page.status == Status::kBadArgument && !page.wake;
  };
  EXPECT_TRUE(refused(kAtomic | for_device(1))) << "it has no room";
  EXPECT_TRUE(refused(kAtomic | for_device(0), 1)) << "rooms hold single frames";
  EXPECT_TRUE(refused(kAtomic | for_device(0) | kRoom));
  EXPECT_TRUE(refused(kAtomic | for_device(0) | kExclusive));
  EXPECT_TRUE(refused(kAtomic | for_device(0) | kDma | kDma32)) << "wherever it would spill to";
  // A number that wrapped would name another device.
  for (std::uint32_t device : {8u, 9u, 14u, 15u, 16u, 4095u, 4096u, UINT32_MAX}) {
    EXPECT_EQ(for_device(device).bits, labyrinth_gfp_device(device));
    EXPECT_TRUE(refused(kAtomic | for_device(device)));
  }
  for (std::uint32_t field = LABYRINTH_MAX_DEVICES + 1; field < 16; ++field) {
    EXPECT_TRUE(refused(kAtomic | Gfp{field << 20})) << field;
  }
  memory.level = LABYRINTH_HARDIRQ;
  EXPECT_TRUE(refused(kAtomic | for_device(0) | kRoom)) << "not even where there is such a room";
  EXPECT_EQ(memory.take_all(kAtomic | for_device(0)).size(), 4u + 16u) << "and nothing was taken";
}

TEST(RoomsOfDevices, X2_BulksAndExactAllocationsOfMoreThanOneFrameAreRefused) {
  TestMemory memory(with_devices(true));
  labyrinth_allocator* const handle = memory.allocator().handle();
  const std::uint32_t gfp = LABYRINTH_GFP_ATOMIC | labyrinth_gfp_device(0);
  std::array<std::uint64_t, 2> pfns{};
  labyrinth_page page;
  labyrinth_alloc_bulk(handle, gfp, 2, pfns.data(), &page);
  EXPECT_EQ(page.status, LABYRINTH_BAD_ARGUMENT);
  labyrinth_alloc_bulk(handle, gfp, 1, pfns.data(), &page);
  EXPECT_EQ(page.status, LABYRINTH_OK);
  EXPECT_EQ(pfns[0], 20u);
  for (const std::uint64_t frames : {2u, 3u}) {
    labyrinth_alloc_exact(handle, gfp, frames, &page);
    EXPECT_EQ(page.status, LABYRINTH_BAD_ARGUMENT) << frames;
  }
  labyrinth_alloc_exact(handle, gfp, 1, &page);
  EXPECT_EQ(page.pfn, 21u);
}

TEST(RoomsOfDevices, X3_FreeIsExact) {
  TestMemory memory(with_devices(false));
  const Page page = memory.alloc(kAtomic | for_device(5));
  ASSERT_EQ(page.pfn, Pfn{24});
  EXPECT_EQ(memory.free(24, 1), Status::kBadArgument);
  for (const std::uint64_t pfn : {20u, 23u, 25u, 26u, 27u, 28u}) {
    EXPECT_EQ(memory.free(pfn, 0), Status::kBadArgument) << pfn << ": never taken, or behind the last room";
  }
  EXPECT_EQ(memory.free(page), Status::kOk);
  EXPECT_EQ(memory.free(page), Status::kBadArgument);
}

TEST(RoomsOfDevices, X5_ZeroedBeforeTheAnswer) {
  TestMemory memory(with_devices(false));
  memory.fill(24, 2, 0x77);
  EXPECT_EQ(memory.alloc(kAtomic | kZero | for_device(5)).pfn, Pfn{24});
  EXPECT_TRUE(memory.is_full_of(24, 1, 0));
  EXPECT_TRUE(memory.is_full_of(25, 1, 0x77));
}

TEST(RoomsOfDevices, C1_ARequestThatMaySleepIsRefusedWhereThatIsNotPermitted) {
  TestMemory memory(with_devices(true));
  memory.may_sleep = false;
  EXPECT_EQ(memory.alloc(kKernel | for_device(0)).status, Status::kBadContext);
  EXPECT_EQ(memory.take_all(kAtomic | for_device(0)).size(), 20u) << "and nothing was taken";
}

TEST(RoomsOfDevices, N3_AreTakenFromInAConstantNumberOfSteps) {
  Config config = with_devices(false);
  config.zones[LABYRINTH_ZONE_NORMAL] = {};
  config.rooms[LABYRINTH_HARDIRQ] = {};
  const TestMemory memory(config);
  EXPECT_EQ(memory.allocator().alloc_steps(Order{0}), kRoomSteps);
  EXPECT_EQ(memory.allocator().free_steps(Order{0}), 1u);
}

TEST(RoomsOfDevices, X4_EachDeviceHasItsOwnRoomOfEverySize) {
  for (std::uint32_t frames = 1; frames + LABYRINTH_MAX_DEVICES <= LABYRINTH_MAX_ROOM_FRAMES; ++frames) {
    Config config{};
    config.max_order = 0;
    config.cpus = 1;
    std::uint64_t first = 0;
    for (std::uint32_t i = 0; i < LABYRINTH_MAX_DEVICES; ++i) config.devices[i].frames = frames + i;
    TestMemory memory(config);
    for (std::uint32_t i = 0; i < LABYRINTH_MAX_DEVICES; ++i) {
      const Pfns pfns = memory.take_all(kAtomic | for_device(i));
      ASSERT_EQ(pfns.size(), frames + i);
      ASSERT_EQ(pfns.front(), first);
      ASSERT_EQ(pfns.back(), first + frames + i - 1);
      first += pfns.size();
    }
    for (std::uint64_t pfn = 0; pfn < first; ++pfn) ASSERT_EQ(memory.free(pfn, 0), Status::kOk);
  }
}

}  // namespace
}  // namespace labyrinth::test
