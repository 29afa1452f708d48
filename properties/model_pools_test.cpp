// The model of several pools: which are open to a request, in what order they are asked, and what each of
// them has to do with an answer.
#include <gtest/gtest.h>

#include <vector>

#include "labyrinth/model/entitlement.hpp"
#include "labyrinth/model/relation.hpp"

namespace labyrinth::model {
namespace {

/// DMA 0..7, NORMAL 8..23, the void 24..31, rooms of hardirqs: CPU 0 has 32..33, CPU 1 has 34..35.
Memory several_pools(bool spills) {
  Memory memory{};
  memory.max_order = {3};
  memory.pool_count = 5;
  memory.pools[0] = {.span = {{0}, {8}}, .marks = {{1}, {2}, {3}}, .zone = ZoneType::kDma};
  memory.pools[0].reserve[2] = {4};
  memory.pools[1] = {.span = {{8}, {16}}, .marks = {{2}, {4}, {6}}};
  memory.pools[2] = {.span = {{24}, {8}}, .kind = PoolKind::kVoid};
  memory.pools[3] = {
      .span = {{32}, {2}}, .kind = PoolKind::kRoom, .cpu = 0, .level = Level::kHardirq, .spills = spills};
  memory.pools[4] = {
      .span = {{34}, {2}}, .kind = PoolKind::kRoom, .cpu = 1, .level = Level::kHardirq, .spills = spills};
  return memory;
}

/// A request of a lone caller while so many frames are free in each pool.
Clause alone(const Memory& memory, Gfp gfp, Level level, const std::vector<std::int64_t>& free,
             Answer answer) {
  Request request{.gfp = gfp, .order = {0}, .situation = {.level = level}};
  Evidence seen{};
  seen.open = open_pools(memory, gfp, 1, level);
  for (std::size_t i = 0; i < free.size(); ++i) seen.pools[i] = {{free[i]}, {free[i]}};
  return judge_allocation(memory, request, answer, seen);
}

TEST(ModelPools, E4_WhoMayBeServedFromWhere) {
  const Memory memory = several_pools(false);
  EXPECT_EQ(open_pools(memory, kAtomic, 1, Level::kHardirq), 0b00011U);
  EXPECT_EQ(open_pools(memory, kAtomic | kDma, 1, Level::kHardirq), 0b00001U);
  EXPECT_EQ(open_pools(memory, kAtomic | kHighmem | kMovable, 1, Level::kTask), 0b00011U);
  EXPECT_EQ(open_pools(memory, kAtomic | kExclusive, 1, Level::kTask), 0b00100U);
  EXPECT_EQ(open_pools(memory, kAtomic | kRoom, 1, Level::kHardirq), 0b01000U);
  EXPECT_EQ(open_pools(memory, kAtomic | kRoom, 0b11, Level::kHardirq), 0b11000U) << "one that migrated";
  EXPECT_EQ(open_pools(memory, kAtomic | kRoom, 1, Level::kTask), 0U) << "there is no such room";
  EXPECT_EQ(open_pools(several_pools(true), kAtomic | kRoom, 1, Level::kHardirq), 0b01011U);
}

/// Then the rooms of device 0, 36..37, and of device 5, 38..39.
Memory with_devices(bool spills) {
  Memory memory = several_pools(spills);
  memory.pools[5] = {.span = {{36}, {2}}, .kind = PoolKind::kRoom, .device = 0, .spills = spills};
  memory.pools[6] = {.span = {{38}, {2}}, .kind = PoolKind::kRoom, .device = 5};
  memory.pool_count = 7;
  return memory;
}

TEST(ModelPools, E4_ADevicesRoomIsForWhoNamesIt) {
  const Memory memory = with_devices(false);
  for (const Level level : {Level::kTask, Level::kHardirq}) {
    for (const std::uint32_t cpus : {0b01U, 0b10U, 0b11U}) {
      EXPECT_EQ(open_pools(memory, kAtomic | for_device(0), cpus, level), 0b0100000U);
      EXPECT_EQ(open_pools(memory, kKernel | for_device(5), cpus, level), 0b1000000U);
      EXPECT_EQ(open_pools(memory, kAtomic | for_device(1), cpus, level), 0U) << "it has none";
    }
  }
  EXPECT_EQ(open_pools(memory, kMemalloc | kRoom, 0b11, Level::kTask), 0U) << "a device's is no task's";
  EXPECT_EQ(open_pools(memory, kMemalloc | kRoom, 0b01, Level::kHardirq), 0b01000U);
  EXPECT_EQ(open_pools(with_devices(true), kAtomic | for_device(0), 1, Level::kTask), 0b0100011U);
  EXPECT_EQ(open_pools(with_devices(true), kDma | for_device(0), 1, Level::kTask), 0b0100001U);
}

TEST(ModelPools, E4_AFrameOfAnotherDevicesRoomIsAViolation) {
  const Memory memory = with_devices(true);
  const std::vector<std::int64_t> all = {8, 16, 8, 2, 2, 2, 2};
  const Level irq = Level::kHardirq;
  EXPECT_EQ(alone(memory, kHigh | for_device(0), irq, all, {.pfn = {37}}), Clause::kNone);
  EXPECT_EQ(alone(memory, kHigh | for_device(0), irq, all, {.pfn = {38}}), Clause::E4) << "another device's";
  EXPECT_EQ(alone(memory, kHigh | for_device(0), irq, all, {.pfn = {32}}), Clause::E4) << "its CPU's";
  EXPECT_EQ(alone(memory, kHigh | kRoom, irq, all, {.pfn = {36}}), Clause::E4);
  EXPECT_EQ(alone(memory, kHigh | kMemalloc, irq, all, {.pfn = {39}}), Clause::E4) << "it names none";
  EXPECT_EQ(alone(memory, kHigh | for_device(5), irq, all, {.pfn = {9}}), Clause::E4) << "it does not spill";
  EXPECT_EQ(alone(memory, kHigh | for_device(0), irq, all, {.pfn = {9}}), Clause::E1)
      << "the room comes first";
  EXPECT_EQ(alone(memory, kHigh | for_device(0), irq, {8, 16, 8, 2, 2, 0, 2}, {.pfn = {9}}), Clause::kNone);
  EXPECT_EQ(alone(memory, kHigh | for_device(5), irq, all, {.status = Status::kExhausted}), Clause::E2);
  EXPECT_EQ(
      alone(memory, kAtomic | for_device(5), irq, {8, 16, 8, 2, 2, 2, 0}, {.status = Status::kExhausted}),
      Clause::kNone)
      << "C3: a room wakes nobody";
}

TEST(ModelPools, X2_WhatNamesADeviceAsksForOneFrameOfOneRoomThatExists) {
  const Memory memory = with_devices(true);
  const auto makes_sense = [&](const Request& request) {
    return sensible(memory, request, open_pools(memory, request.gfp, 1, Level::kHardirq));
  };
  EXPECT_TRUE(makes_sense({.gfp = kAtomic | for_device(5)}));
  EXPECT_TRUE(makes_sense({.gfp = kKernel | kNofail | for_device(5)}));
  EXPECT_FALSE(makes_sense({.gfp = kAtomic | for_device(1)}));
  EXPECT_FALSE(makes_sense({.gfp = kAtomic | for_device(0), .order = {1}}));
  EXPECT_FALSE(makes_sense({.gfp = kAtomic | for_device(0), .count = 2}));
  EXPECT_FALSE(makes_sense({.gfp = kAtomic | for_device(0), .gives_back = true}));
  EXPECT_FALSE(makes_sense({.gfp = kAtomic | for_device(0) | kRoom}));
  EXPECT_FALSE(makes_sense({.gfp = kAtomic | for_device(0) | kExclusive}));
  for (std::uint32_t field = kMaxDevices + 1; field < 16; ++field)
    EXPECT_FALSE(makes_sense({.gfp = {field << 20}})) << field;
}

TEST(ModelPools, E4_X6_ABlockOfAnotherPoolIsAViolation) {
  const Memory memory = several_pools(true);
  const std::vector<std::int64_t> all = {8, 16, 8, 2, 2};
  EXPECT_EQ(alone(memory, kHigh, Level::kTask, all, {.pfn = {33}}), Clause::E4);
  EXPECT_EQ(alone(memory, kHigh | kRoom, Level::kHardirq, all, {.pfn = {33}}), Clause::kNone);
  EXPECT_EQ(alone(memory, kHigh | kRoom, Level::kHardirq, all, {.pfn = {34}}), Clause::E4) << "another CPU's";
  EXPECT_EQ(alone(memory, kHigh, Level::kTask, all, {.pfn = {25}}), Clause::X6)
      << "the void is not for everyone";
  EXPECT_EQ(alone(memory, kHigh | kExclusive, Level::kTask, all, {.pfn = {25}}), Clause::kNone);
  EXPECT_EQ(alone(memory, kHigh | kExclusive, Level::kTask, all, {.pfn = {9}}), Clause::X6);
  EXPECT_EQ(alone(memory, kHigh | kDma, Level::kTask, all, {.pfn = {9}}), Clause::X2) << "not in DMA";
}

TEST(ModelPools, E1_ZonesAreServedInTurn) {
  const Memory memory = several_pools(true);
  const Level task = Level::kTask;
  EXPECT_EQ(alone(memory, kHigh, task, {8, 16}, {.pfn = {0}}), Clause::E1) << "NORMAL was passed over";
  EXPECT_EQ(alone(memory, kHigh, task, {8, 4}, {.pfn = {0}}), Clause::kNone) << "NORMAL would go below low";
  EXPECT_EQ(alone(memory, kHigh, task, {8, 4}, {.pfn = {9}}), Clause::E1) << "DMA could stay above low";
  EXPECT_EQ(alone(memory, kHigh, task, {6, 4}, {.pfn = {9}}), Clause::kNone) << "none could: the second pass";
  EXPECT_EQ(alone(memory, kHigh, task, {5, 2}, {.pfn = {0}}), Clause::E1)
      << "DMA's reserve: 4 and a floor of 1";
  EXPECT_EQ(alone(memory, kHigh | kDma, task, {2, 2}, {.pfn = {0}}), Clause::kNone) << "kept for this one";
}

TEST(ModelPools, C3_TheSecondPassWakesAndTheFirstDoesNot) {
  const Memory memory = several_pools(true);
  const Level task = Level::kTask;
  EXPECT_EQ(alone(memory, kNowait, task, {8, 4}, {.wake = true, .pfn = {0}}), Clause::C3);
  EXPECT_EQ(alone(memory, kNowait, task, {6, 4}, {.wake = false, .pfn = {9}}), Clause::C3);
  EXPECT_EQ(alone(memory, kNowait, task, {6, 4}, {.wake = true, .pfn = {9}}), Clause::kNone);
  EXPECT_EQ(alone(memory, kNowait, task, {5, 2}, {.status = Status::kExhausted, .wake = true}),
            Clause::kNone);
  EXPECT_EQ(alone(memory, kNowait, task, {5, 2}, {.status = Status::kExhausted}), Clause::C3);
}

TEST(ModelPools, E2_ExhaustedOnlyIfEachPoolOpenWasShort) {
  const Memory memory = several_pools(true);
  EXPECT_EQ(alone(memory, kHigh, Level::kTask, {8, 2}, {.status = Status::kExhausted}), Clause::E2);
  EXPECT_EQ(alone(memory, kHigh, Level::kTask, {5, 1}, {.status = Status::kExhausted}), Clause::kNone);
  EXPECT_EQ(alone(memory, kHigh | kRoom, Level::kHardirq, {5, 1, 8, 1, 0}, {.status = Status::kExhausted}),
            Clause::E2);
  EXPECT_EQ(alone(memory, kHigh | kRoom, Level::kHardirq, {5, 1, 8, 0, 2}, {.status = Status::kExhausted}),
            Clause::kNone);
}

TEST(ModelPools, E1_LowmemReservesAreLinuxs) {
  std::array<ZoneConfig, kZoneTypes> zones{};
  zones[0] = {{100}, {}, 8};
  zones[1] = {{1000}, {}, 0};
  zones[2] = {{2004}, {}, 32};
  zones[3] = {{320}, {}, 0};
  EXPECT_EQ(lowmem_reserve(zones, 0, 0), Frames{0});
  EXPECT_EQ(lowmem_reserve(zones, 0, 2), Frames{375});
  EXPECT_EQ(lowmem_reserve(zones, 1, 3), Frames{0});
  EXPECT_EQ(lowmem_reserve(zones, 2, 3), Frames{10});
}

}  // namespace
}  // namespace labyrinth::model
