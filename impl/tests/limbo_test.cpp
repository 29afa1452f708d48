// X6, N1: the void whose free frames are unmapped: at once where the caller may sleep, otherwise by a task
// later.
#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

class UnmappedVoid : public ::testing::Test {
 protected:
  UnmappedVoid() {
    // Of the zones everything is mapped always.
    std::fill_n(memory.mapped.begin(), 16, true);
  }
  Page take(std::uint32_t order, Gfp gfp = kNowait | kExclusive) {
    const Page page = memory.alloc(gfp, order);
    EXPECT_EQ(page.status, Status::kOk);
    return page;
  }
  void free_in_atomic_context(const Page& page) {
    memory.may_sleep = false;
    EXPECT_EQ(memory.free(page), Status::kOk);
    memory.may_sleep = true;
  }
  std::uint64_t drain(std::uint64_t most = UINT64_MAX) {
    std::uint64_t drained = 77;
    EXPECT_EQ(memory.allocator().drain(most, drained), Status::kOk);
    return drained;
  }
  std::uint64_t mapped_frames() const {
    return static_cast<std::uint64_t>(std::count(memory.mapped.begin() + 16, memory.mapped.end(), true));
  }

  TestMemory memory{with_void(), true};
};

TEST_F(UnmappedVoid, X6_OnlyWhatIsOwnedIsMapped) {
  EXPECT_EQ(mapped_frames(), 0u);
  const Page page = take(5);
  EXPECT_EQ(mapped_frames(), 32u);
  memory.fill(page.pfn.value, 32, 0x11);
  EXPECT_EQ(memory.free(page), Status::kOk);
  EXPECT_EQ(mapped_frames(), 0u) << "where the caller may sleep it is unmapped at once";
  EXPECT_EQ(drain(), 0u);
  const Page next = take(5);
  EXPECT_TRUE(memory.is_full_of(next.pfn.value, 32, 0)) << "an owner finds what the port's unmap left";
}

TEST_F(UnmappedVoid, X6_N1_InAtomicContextAFreeOnlyPoisonsAndQueues) {
  const Page page = take(6);
  memory.fill(page.pfn.value, 64, 0x11);
  free_in_atomic_context(page);
  EXPECT_EQ(mapped_frames(), 64u);
  EXPECT_TRUE(memory.is_full_of(page.pfn.value, 64, kPoisonByte)) << "its content is gone already";
  EXPECT_EQ(memory.free(page), Status::kBadArgument) << "X3: and it is nobody's";
  memory.may_sleep = false;
  EXPECT_EQ(memory.take_all(kMemalloc | kExclusive).size(), 64u) << "nor is it free";
  EXPECT_EQ(memory.alloc(kAtomic | kExclusive).status, Status::kExhausted);
  memory.may_sleep = true;
  EXPECT_EQ(drain(), 1u);
  EXPECT_FALSE(memory.is_mapped(page.pfn.value));
  EXPECT_EQ(memory.take_all(kMemalloc | kExclusive).size(), 64u);
}

TEST_F(UnmappedVoid, X6_EveryOrderFindsItsWayBack) {
  std::vector<Page> pages;
  for (const std::uint32_t order : {6u, 5u, 4u, 3u, 2u, 1u, 0u})
    pages.push_back(take(order, kMemalloc | kExclusive));
  for (const Page& page : pages) free_in_atomic_context(page);
  EXPECT_EQ(mapped_frames(), 127u);
  EXPECT_EQ(drain(2), 2u);
  EXPECT_EQ(drain(0), 0u);
  EXPECT_EQ(drain(100), 5u);
  EXPECT_EQ(drain(), 0u);
  EXPECT_EQ(mapped_frames(), 0u);
  for (std::uint32_t order = 0; order <= 6; ++order) {
    const auto pfns = memory.take_all(kMemalloc | kExclusive, order);
    EXPECT_EQ(pfns.size(), 154 / (1u << order) - (26 + (1u << order) - 1) / (1u << order))
        << "X4, order " << order;
    for (const std::uint64_t pfn : pfns) ASSERT_EQ(memory.free(pfn, order), Status::kOk);
  }
  EXPECT_TRUE(memory.damaged.empty());
}

TEST_F(UnmappedVoid, C1_ADrainIsRefusedWhereItCouldNotSleep) {
  const Page page = take(0);
  free_in_atomic_context(page);
  memory.may_sleep = false;
  std::uint64_t drained = 77;
  EXPECT_EQ(memory.allocator().drain(UINT64_MAX, drained), Status::kBadContext);
  EXPECT_EQ(drained, 0u);
  EXPECT_TRUE(memory.is_mapped(page.pfn.value)) << "and nothing has changed";
  EXPECT_EQ(labyrinth_drain(nullptr, 1, nullptr), LABYRINTH_BAD_ARGUMENT);
}

TEST_F(UnmappedVoid, E2_WhoMaySleepDrainsBeforeBeingRefused) {
  std::vector<std::uint64_t> pfns = memory.take_all(kMemalloc | kExclusive);
  for (const std::uint64_t pfn : pfns) free_in_atomic_context({.pfn = Pfn{pfn}, .order = Order{0}});
  EXPECT_EQ(memory.alloc(kNowait | kExclusive).status, Status::kExhausted) << "N1: the others never do";
  EXPECT_EQ(mapped_frames(), 128u);
  const Page page = memory.alloc(kKernel | kExclusive, 6);
  EXPECT_EQ(page.status, Status::kOk);
  EXPECT_TRUE(page.wake) << "C3: nothing could be had down to low";
  EXPECT_EQ(mapped_frames(), 64u);
  EXPECT_EQ(memory.alloc(kDirectReclaim | kMemalloc | kExclusive, 6).status, Status::kFragmented)
      << "64 frames are left, and no other block of 64";
}

TEST_F(UnmappedVoid, X6_AWriteIntoLimboIsReportedWithItsBlock) {
  const Page page = take(3);
  free_in_atomic_context(page);
  memory.at(page.pfn.value + 5)[7] = 1;
  EXPECT_EQ(drain(), 1u);
  EXPECT_EQ(memory.damaged, std::vector<std::uint64_t>{page.pfn.value});
}

TEST_F(UnmappedVoid, X6_WhatCannotBeUnmappedStaysInLimbo) {
  const Page first = take(0);
  const Page second = take(6);
  memory.map_fails = true;
  EXPECT_EQ(memory.free(first), Status::kOk) << "X3: a free does not fail";
  free_in_atomic_context(second);
  EXPECT_EQ(drain(), 0u);
  EXPECT_EQ(mapped_frames(), 65u);
  memory.map_fails = false;
  EXPECT_EQ(drain(), 2u);
  EXPECT_EQ(mapped_frames(), 0u);
}

TEST_F(UnmappedVoid, X4_ABlockThatCannotBeMappedIsNotLost) {
  memory.map_fails = true;
  for (const std::uint32_t order : {0u, 3u, 6u}) {
    EXPECT_EQ(memory.alloc(kKernel | kExclusive, order).status, Status::kExhausted);
  }
  memory.map_fails = false;
  EXPECT_EQ(memory.take_all(kMemalloc | kExclusive).size(), 128u);
}

TEST_F(UnmappedVoid, X5_ZeroedIfAskedFor) {
  const Page page = take(6, kKernel | kExclusive | kZero);
  EXPECT_TRUE(memory.is_full_of(page.pfn.value, 64, 0));
}

TEST(Limbo, X4_AnAllocatorWithoutOneHasNothingToDrain) {
  TestMemory memory(with_void());
  std::uint64_t drained = 77;
  EXPECT_EQ(memory.allocator().drain(UINT64_MAX, drained), Status::kOk);
  EXPECT_EQ(drained, 0u);
  EXPECT_EQ(labyrinth_drain_steps(memory.allocator().handle(), 1), 0u);
}

}  // namespace
}  // namespace labyrinth::test
