// X6: the void. Exclusive blocks come from it and nothing else does; no content outlives its owner; a write
// to what nobody owns is reported.
#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

TEST(Void, X6_ExclusiveRequestsAloneAreServedFromIt) {
  TestMemory memory(with_void());
  EXPECT_EQ(memory.take_all(kMemalloc).size(), 16u) << "the zones do not fall back into the void";
  for (const std::uint64_t pfn : memory.take_all(kMemalloc | kExclusive)) {
    EXPECT_GE(pfn, 26u);
    EXPECT_LT(pfn, 154u);
  }
  EXPECT_EQ(memory.free(10, 0), Status::kOk);
  EXPECT_EQ(memory.alloc(kMemalloc | kExclusive).status, Status::kExhausted) << "nor the void into the zones";
}

TEST(Void, E1_HasFloorsAsAZoneHas) {
  TestMemory memory(with_void());
  EXPECT_EQ(memory.take_all(kKernel | kExclusive).size(), 120u);
  EXPECT_EQ(memory.take_all(kAtomic | kExclusive).size(), 5u);  // 8 - 4 - 1 = 3 are kept
  EXPECT_EQ(memory.take_all(kMemalloc | kExclusive).size(), 3u);
}

TEST(Void, X6_NothingIsCarriedOverFromOneOwnerToTheNext) {
  TestMemory memory(with_void());
  for (const std::uint32_t order : {0u, 1u, 5u, 6u}) {
    const Page page = memory.alloc(kKernel | kExclusive, order);
    ASSERT_EQ(page.status, Status::kOk);
    const auto frames = static_cast<std::uint64_t>(page.order.frames().value);
    EXPECT_TRUE(memory.is_full_of(page.pfn.value, frames, kPoisonByte));
    memory.fill(page.pfn.value, frames, 0x11);
    EXPECT_EQ(memory.free(page), Status::kOk);
    EXPECT_TRUE(memory.is_full_of(page.pfn.value, frames, kPoisonByte))
        << "destroyed on free, order " << order;
  }
  EXPECT_TRUE(memory.damaged.empty());
}

TEST(Void, X5_ZeroedIfAskedFor) {
  TestMemory memory(with_void());
  const Page page = memory.alloc(kKernel | kExclusive | kZero, 6);
  ASSERT_EQ(page.status, Status::kOk);
  EXPECT_TRUE(memory.is_full_of(page.pfn.value, 64, 0));
}

TEST(Void, X6_AWriteAfterTheFreeIsReportedWithItsFrame) {
  TestMemory memory(with_void());
  const Page page = memory.alloc(kKernel | kExclusive, 3);
  ASSERT_EQ(memory.free(page), Status::kOk);
  memory.at(page.pfn.value + 5)[4095] = 1;
  const Page next = memory.alloc(kKernel | kExclusive, 3);
  ASSERT_EQ(next.pfn, page.pfn);
  EXPECT_EQ(memory.damaged, std::vector<std::uint64_t>{page.pfn.value + 5});
  EXPECT_TRUE(memory.is_full_of(next.pfn.value, 8, kPoisonByte)) << "and not carried over";
}

TEST(Void, X3_FreeIsExact) {
  TestMemory memory(with_void());
  const Page page = memory.alloc(kKernel | kExclusive, 2);
  memory.fill(page.pfn.value, 4, 0x22);
  EXPECT_EQ(memory.free(page.pfn.value, 1), Status::kBadArgument);
  EXPECT_EQ(memory.free(page.pfn.value + 1, 0), Status::kBadArgument);
  EXPECT_EQ(memory.free(page.pfn.value + 4, 2), Status::kBadArgument);
  EXPECT_TRUE(memory.is_full_of(page.pfn.value, 4, 0x22)) << "a refused free destroys nothing";
  EXPECT_EQ(memory.free(page), Status::kOk);
  EXPECT_EQ(memory.free(page), Status::kBadArgument);
}

TEST(Void, X4_NothingIsLost) {
  TestMemory memory(with_void());
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t order = 0; order <= 6; ++order) {
      const auto pfns = memory.take_all(kMemalloc | kExclusive, order);
      std::uint64_t whole = 154 / (1u << order) - (26 + (1u << order) - 1) / (1u << order);
      EXPECT_EQ(pfns.size(), whole) << order;
      for (const std::uint64_t pfn : pfns) ASSERT_EQ(memory.free(pfn, order), Status::kOk);
    }
  }
  EXPECT_TRUE(memory.damaged.empty());
}

}  // namespace
}  // namespace labyrinth::test
