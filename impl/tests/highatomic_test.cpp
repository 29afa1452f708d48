// The highatomic reserve: what is set apart, for whom it is, and when it is given back.
#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

// Pageblocks of 32 frames.
Config zone_of(std::uint64_t frames, std::uint32_t highatomic, std::uint64_t min = 0) {
  Config config{};
  config.zones[LABYRINTH_ZONE_NORMAL] = {frames, min, min, min, 0, highatomic};
  config.max_order = 5;
  config.cpus = 1;
  return config;
}

std::uint64_t set_apart(const TestMemory& memory, std::uint64_t frames) {
  std::uint64_t count = 0;
  for (std::uint64_t pfn = 0; pfn < frames; ++pfn) {
    if (labyrinth_is_set_apart(memory.allocator().handle(), pfn)) ++count;
  }
  return count;
}

TEST(Highatomic, E4_AHighOrderAtomicRequestSetsItsPageblockApart) {
  TestMemory memory(zone_of(256, 1));
  EXPECT_EQ(memory.alloc(kAtomic).status, Status::kOk);
  EXPECT_EQ(memory.alloc(kNowait, 2).status, Status::kOk);
  EXPECT_EQ(memory.alloc(kKernel | kHigh, 2).status, Status::kOk);
  EXPECT_EQ(memory.alloc(kAtomic | kNomemalloc, 2).status, Status::kOk);
  EXPECT_EQ(set_apart(memory, 256), 0u) << "none of these does";
  EXPECT_EQ(memory.alloc(kAtomic, 2).status, Status::kOk);
  EXPECT_EQ(set_apart(memory, 256), 32u);
}

TEST(Highatomic, E4_NoMoreThanPermittedIsSetApart) {
  TestMemory memory(zone_of(256, 2));
  for (int i = 0; i < 40; ++i) EXPECT_EQ(memory.alloc(kAtomic, 2).status, Status::kOk);
  EXPECT_EQ(set_apart(memory, 256), 64u);
  EXPECT_EQ(memory.allocator().free_frames(), Frames{256 - 160});
}

TEST(Highatomic, E1_E4_PlainRequestsDoWithoutIt) {
  TestMemory memory(zone_of(256, 1));
  const Page block = memory.alloc(kAtomic, 2);
  for (const Gfp plain : {kNowait, kAtomic | kNomemalloc, Gfp{}}) {
    const std::vector<std::uint64_t> pfns = memory.take_all(plain);
    EXPECT_EQ(pfns.size(), 224u);
    for (const std::uint64_t pfn : pfns) EXPECT_NE(pfn >> 5, block.pfn.value >> 5);
    EXPECT_EQ(memory.alloc(plain, 2).status, Status::kExhausted);
    for (const std::uint64_t pfn : pfns) EXPECT_EQ(memory.free(pfn, 0), Status::kOk);
  }
}

TEST(Highatomic, E1_WhatIsFreedIntoItStaysSetApart) {
  TestMemory memory(zone_of(256, 1));
  const Page block = memory.alloc(kAtomic, 2);
  EXPECT_EQ(memory.free(block), Status::kOk);
  EXPECT_EQ(memory.take_all(kNowait).size(), 224u);
}

TEST(Highatomic, E2_EntitledRequestsGetItAll) {
  for (const Gfp entitled : {kAtomic, kHigh, kMemalloc, kKernel | kMemalloc}) {
    TestMemory memory(zone_of(256, 1));
    EXPECT_EQ(memory.alloc(kAtomic, 2).status, Status::kOk);
    EXPECT_EQ(memory.take_all(kNowait).size(), 224u);
    EXPECT_EQ(memory.take_all(entitled, 1).size(), 14u);
    EXPECT_EQ(memory.alloc(entitled).status, Status::kExhausted);
    EXPECT_EQ(memory.allocator().free_frames(), Frames{0});
  }
}

TEST(Highatomic, E2_ARequestThatMayReclaimMakesItGiveWay) {
  TestMemory memory(zone_of(256, 1));
  EXPECT_EQ(memory.alloc(kAtomic, 2).status, Status::kOk);
  EXPECT_EQ(memory.take_all(kNowait).size(), 224u);
  EXPECT_EQ(memory.alloc(kKernel).status, Status::kOk);
  EXPECT_EQ(set_apart(memory, 256), 0u);
  EXPECT_EQ(memory.take_all(kNowait).size(), 27u);
}

TEST(Highatomic, E1_FloorsHoldWithIt) {
  TestMemory memory(zone_of(256, 2, 64));
  EXPECT_EQ(memory.alloc(kAtomic, 2).status, Status::kOk);
  EXPECT_EQ(memory.take_all(kNowait).size(), 252u - 64 - 28) << "what is set apart counts as unusable";
  EXPECT_EQ(memory.take_all(kAtomic).size(), 28u + 64 - 24) << "and not for who may take it";
}

TEST(Highatomic, E2_X4_LargeBlocksAreFoundInIt) {
  TestMemory memory(zone_of(256, 2));
  const Page small = memory.alloc(kAtomic, 2);
  EXPECT_EQ(memory.free(small), Status::kOk);
  EXPECT_EQ(set_apart(memory, 256), 32u);
  EXPECT_EQ(memory.take_all(kNowait, 5).size(), 7u);
  EXPECT_EQ(memory.alloc(kNowait, 5).status, Status::kExhausted);
  EXPECT_EQ(memory.alloc(kAtomic, 5).status, Status::kOk);
}

}  // namespace
}  // namespace labyrinth::test
