// E4: rooms. Their owner alone takes from them, anyone frees into them, and they spill only where told to.
#include "room.hpp"

#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

// NORMAL 0..15, then the rooms of hardirqs: CPU 0 has 16..19, CPU 1 has 20..23.
Config with_rooms(bool spill) {
  Config config{};
  config.zones[LABYRINTH_ZONE_NORMAL] = {16, 0, 0, 0, 0, 0};
  config.rooms[LABYRINTH_HARDIRQ] = {4, spill};
  config.max_order = 4;
  config.cpus = 2;
  return config;
}

TEST(Rooms, E4_TheOwnerTakesItsRoomAndNobodyElseDoes) {
  TestMemory memory(with_rooms(false));
  EXPECT_EQ(memory.take_all(kMemalloc).size(), 16u) << "no request without ROOM gets there";
  memory.level = LABYRINTH_HARDIRQ;
  memory.cpu = 1;
  const auto mine = memory.take_all(kAtomic | kRoom);
  EXPECT_EQ(mine, (std::vector<std::uint64_t>{20, 21, 22, 23}));
  EXPECT_EQ(memory.alloc(kAtomic | kRoom).status, Status::kExhausted);
  EXPECT_FALSE(memory.alloc(kAtomic | kRoom).wake) << "no zone was tried";
  memory.cpu = 0;
  EXPECT_EQ(memory.take_all(kAtomic | kRoom), (std::vector<std::uint64_t>{16, 17, 18, 19}));
  memory.level = LABYRINTH_TASK;
  EXPECT_EQ(memory.alloc(kAtomic | kRoom).status, Status::kBadArgument) << "tasks have no rooms here";
  EXPECT_EQ(memory.free(21, 0), Status::kOk) << "anyone may free";
  EXPECT_EQ(memory.alloc(kMemalloc).status, Status::kExhausted) << "but not take what was freed";
}

TEST(Rooms, E4_SpillsDownwardIfToldTo) {
  TestMemory memory(with_rooms(true));
  memory.level = LABYRINTH_HARDIRQ;
  const auto pfns = memory.take_all(kAtomic | kRoom);
  ASSERT_EQ(pfns.size(), 20u);
  EXPECT_EQ(pfns[0], 16u);
  EXPECT_LT(pfns[4], 16u);
}

TEST(Rooms, X2_OnlySingleFramesAndOnlyCpusThatExist) {
  TestMemory memory(with_rooms(true));
  memory.level = LABYRINTH_HARDIRQ;
  EXPECT_EQ(memory.alloc(kAtomic | kRoom, 1).status, Status::kBadArgument);
  memory.cpu = 2;
  EXPECT_EQ(memory.alloc(kAtomic | kRoom).status, Status::kBadArgument);
  EXPECT_EQ(memory.alloc(kAtomic).status, Status::kOk) << "for zones a CPU number is only a hint";
}

TEST(Rooms, X3_FreeIsExact) {
  TestMemory memory(with_rooms(false));
  memory.level = LABYRINTH_HARDIRQ;
  const Page page = memory.alloc(kAtomic | kRoom);
  ASSERT_EQ(page.status, Status::kOk);
  EXPECT_EQ(memory.free(page.pfn.value, 1), Status::kBadArgument);
  EXPECT_EQ(memory.free(17, 0), Status::kBadArgument) << "never taken";
  EXPECT_EQ(memory.free(24, 0), Status::kBadArgument) << "behind the last room";
  EXPECT_EQ(memory.free(page), Status::kOk);
  EXPECT_EQ(memory.free(page), Status::kBadArgument);
}

TEST(Rooms, C1_ARequestThatMaySleepIsRefusedAtAnInterruptLevel) {
  TestMemory memory(with_rooms(true));
  memory.level = LABYRINTH_HARDIRQ;
  memory.may_sleep = false;
  EXPECT_EQ(memory.alloc(kKernel | kRoom).status, Status::kBadContext);
  EXPECT_EQ(memory.take_all(kAtomic | kRoom).size(), 20u) << "and nothing was taken";
}

TEST(Rooms, N3_AreTakenFromInAConstantNumberOfSteps) {
  Config config = with_rooms(false);
  config.zones[LABYRINTH_ZONE_NORMAL] = {};
  const TestMemory memory(config);
  EXPECT_EQ(memory.allocator().alloc_steps(Order{0}), kRoomSteps);
  EXPECT_EQ(memory.allocator().free_steps(Order{0}), 1u);
}

TEST(Rooms, X4_EveryFrameOfEverySizeIsThere) {
  for (std::uint32_t frames = 1; frames <= LABYRINTH_MAX_ROOM_FRAMES; ++frames) {
    Room room(frames);
    for (std::uint32_t i = 0; i < frames; ++i) {
      const Room::Taken taken = room.take();
      ASSERT_EQ(taken.status, Status::kOk);
      ASSERT_EQ(taken.frame, i);
    }
    ASSERT_EQ(room.take().status, Status::kExhausted);
  }
}

}  // namespace
}  // namespace labyrinth::test
