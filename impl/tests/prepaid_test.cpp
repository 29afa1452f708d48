// E1, E2, X4 with prepaid words: what a CPU keeps to itself is counted and found by everyone.
#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

Config one_zone(std::uint64_t frames, std::uint64_t min, std::uint32_t cpus, std::uint64_t first_pfn = 0) {
  Config config{};
  config.first_pfn = first_pfn;
  config.zones[LABYRINTH_ZONE_NORMAL] = {frames, min, min, min, 0, 0};
  config.max_order = 10;
  config.cpus = cpus;
  return config;
}

TEST(Prepaid, TheDriftIsDeclaredAndZeroWhereZonesAreSmall) {
  EXPECT_EQ(labyrinth_batch(TestMemory(one_zone(1024, 0, 2)).allocator().handle(), LABYRINTH_ZONE_NORMAL),
            33u)
      << "a word, and a frame";
  EXPECT_EQ(labyrinth_batch(TestMemory(one_zone(64, 0, 2)).allocator().handle(), LABYRINTH_ZONE_NORMAL), 0u);
  EXPECT_EQ(labyrinth_batch(TestMemory(one_zone(64, 0, 2)).allocator().handle(), LABYRINTH_ZONE_DMA), 0u);
  EXPECT_EQ(labyrinth_batch(nullptr, LABYRINTH_ZONE_NORMAL), 0u);
}

TEST(Prepaid, E2_WhatOneCpuKeepsAnotherOneGets) {
  TestMemory memory(one_zone(256, 0, 4));
  for (std::uint32_t cpu = 0; cpu < 4; ++cpu) {
    memory.cpu = cpu;
    EXPECT_EQ(memory.alloc(kNowait).status, Status::kOk);
  }
  EXPECT_EQ(memory.allocator().free_frames(), Frames{252});
  memory.cpu = 3;
  EXPECT_EQ(memory.take_all(kNowait).size(), 252u);
}

TEST(Prepaid, E1_E2_FloorsAreExactWhereverTheFramesLie) {
  for (const std::uint64_t min : {0u, 1u, 7u, 31u, 40u, 100u}) {
    for (const std::uint64_t first_pfn : {0u, 24u, 31u}) {
      TestMemory memory(one_zone(256, min, 2, first_pfn));
      memory.cpu = 1;
      EXPECT_EQ(memory.alloc(kNowait).status, Status::kOk);
      memory.cpu = 0;
      EXPECT_EQ(memory.take_all(kNowait).size(), 255 - min) << "min " << min << ", first_pfn " << first_pfn;
      EXPECT_EQ(memory.take_all(kMemalloc).size(), min);
    }
  }
}

TEST(Prepaid, E1_AFrameOfTheOwnWordIsNotGivenBelowTheFloor) {
  TestMemory memory(one_zone(128, 31, 1));
  EXPECT_EQ(memory.alloc(kNowait).status, Status::kOk);  // prepays the other 31 frames of its word
  EXPECT_EQ(memory.alloc(kMemalloc, 6).status, Status::kOk);
  EXPECT_EQ(memory.alloc(kMemalloc, 5).status, Status::kOk);
  EXPECT_EQ(memory.allocator().free_frames(), Frames{31});
  EXPECT_EQ(memory.alloc(kNowait).status, Status::kExhausted);
  EXPECT_EQ(memory.alloc(kAtomic).status, Status::kOk);
}

TEST(Prepaid, E2_ALargeBlockIsMadeOfWhatIsFreeInTheSlots) {
  TestMemory memory(one_zone(2048, 0, 2));
  for (int round = 0; round < 3; ++round) {
    std::vector<Page> pages;
    for (const std::uint32_t cpu : {0u, 1u, 0u, 1u}) {
      memory.cpu = cpu;
      pages.push_back(memory.alloc(kNowait));
    }
    for (const Page& page : pages) EXPECT_EQ(memory.free(page), Status::kOk);
    EXPECT_EQ(memory.allocator().free_frames(), Frames{2048});
    const auto blocks = memory.take_all(kNowait, 10);
    EXPECT_EQ(blocks.size(), 2u);
    for (const std::uint64_t pfn : blocks) EXPECT_EQ(memory.free(pfn, 10), Status::kOk);
  }
}

TEST(Prepaid, X3_X4_FreesIntoPrepaidWordsAreExactAndLoseNothing) {
  TestMemory memory(one_zone(512, 0, 2));
  std::uint64_t random = 1;
  std::vector<Page> live;
  for (int i = 0; i < 200000; ++i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    memory.cpu = static_cast<std::uint32_t>(random >> 60) % 2;
    if ((random >> 40) % 2 == 0 || live.empty()) {
      const Page page =
          memory.alloc(kMemalloc, (random >> 44) % 8 == 0 ? static_cast<std::uint32_t>(random >> 48) % 7 : 0);
      if (page.status == Status::kOk) live.push_back(page);
    } else {
      std::swap(live[(random >> 33) % live.size()], live.back());
      ASSERT_EQ(memory.free(live.back()), Status::kOk);
      ASSERT_EQ(memory.free(live.back()), Status::kBadArgument);
      live.pop_back();
    }
    std::int64_t taken = 0;
    for (const Page& page : live) taken += page.order.frames().value;
    ASSERT_EQ(memory.allocator().free_frames(), Frames{512 - taken});
  }
  for (const Page& page : live) ASSERT_EQ(memory.free(page), Status::kOk);
  EXPECT_EQ(memory.take_all(kMemalloc, 9).size(), 1u);
}

}  // namespace
}  // namespace labyrinth::test
