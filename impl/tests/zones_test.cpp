// E1, X2: which zone serves a request, in which order zones are tried, and what each keeps back.
#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

// DMA 100..107, DMA32 108..123, NORMAL 124..155, MOVABLE 156..171.
Config four_zones() {
  Config config{};
  config.first_pfn = 100;
  config.zones[LABYRINTH_ZONE_DMA] = {8, 0, 0, 0, 0, 0};
  config.zones[LABYRINTH_ZONE_DMA32] = {16, 0, 0, 0, 0, 0};
  config.zones[LABYRINTH_ZONE_NORMAL] = {32, 0, 0, 0, 0, 0};
  config.zones[LABYRINTH_ZONE_MOVABLE] = {16, 0, 0, 0, 0, 0};
  config.max_order = 5;
  config.cpus = 2;
  return config;
}

bool lies_in(const std::vector<std::uint64_t>& pfns, std::size_t from, std::size_t count,
             std::uint64_t first) {
  return std::all_of(pfns.begin() + static_cast<std::ptrdiff_t>(from),
                     pfns.begin() + static_cast<std::ptrdiff_t>(from + count),
                     [&](std::uint64_t pfn) { return pfn >= first && pfn < first + count; });
}

TEST(Zones, E1_ARequestFallsBackFromItsHighestZoneDownward) {
  TestMemory memory(four_zones());
  const auto pfns = memory.take_all(kHighmem | kMovable);
  ASSERT_EQ(pfns.size(), 72u);
  EXPECT_TRUE(lies_in(pfns, 0, 16, 156)) << "MOVABLE first";
  EXPECT_TRUE(lies_in(pfns, 16, 32, 124)) << "then NORMAL";
  EXPECT_TRUE(lies_in(pfns, 48, 16, 108)) << "then DMA32";
  EXPECT_TRUE(lies_in(pfns, 64, 8, 100)) << "then DMA";
  for (const std::uint64_t pfn : pfns) EXPECT_EQ(memory.free(pfn, 0), Status::kOk);
  EXPECT_EQ(memory.take_all(kDma).size(), 8u);
  EXPECT_EQ(memory.take_all(kDma32).size(), 16u);
  EXPECT_EQ(memory.take_all(kKernel).size(), 32u);
  EXPECT_EQ(memory.take_all(kHighmem).size(), 0u) << "HIGHMEM alone does not reach MOVABLE";
  EXPECT_EQ(memory.take_all(kHighmem | kMovable).size(), 16u);
}

TEST(Zones, E1_LowmemReserveIsKeptFromRequestsThatCouldGoElsewhere) {
  Config config = four_zones();
  config.zones[LABYRINTH_ZONE_DMA].lowmem_ratio = 8;  // (16 + 32) / 8 = 6 against NORMAL, 2 against DMA32
  TestMemory memory(config);
  EXPECT_EQ(memory.take_all(kKernel).size(), 32u + 16 + 2);
  EXPECT_EQ(memory.take_all(kDma32).size(), 4u);
  EXPECT_EQ(memory.take_all(kDma).size(), 2u);
  EXPECT_EQ(memory.alloc(kMemalloc).status, Status::kExhausted);
}

TEST(Zones, E1_MemallocIsNotHeldBackByTheReserve) {
  Config config = four_zones();
  config.zones[LABYRINTH_ZONE_DMA].lowmem_ratio = 1;
  TestMemory memory(config);
  EXPECT_EQ(memory.take_all(kKernel).size(), 48u);
  EXPECT_EQ(memory.take_all(kMemalloc).size(), 8u);
}

TEST(Zones, E1_TheFirstPassLeavesLowInEachZoneBeforeAnyGoesBelow) {
  Config config = four_zones();
  config.zones[LABYRINTH_ZONE_NORMAL] = {32, 4, 8, 8, 0, 0};
  config.zones[LABYRINTH_ZONE_DMA32] = {16, 2, 6, 6, 0, 0};
  config.zones[LABYRINTH_ZONE_DMA] = {};
  TestMemory memory(config);
  const std::uint64_t normal = 100 + 16;
  std::vector<std::uint64_t> pfns;
  for (int i = 0; i < 34; ++i) {
    const Page page = memory.alloc(kNowait);
    ASSERT_EQ(page.status, Status::kOk);
    EXPECT_FALSE(page.wake) << "the first pass served it";
    EXPECT_EQ(page.pfn.value >= normal, i < 24) << i;
  }
  for (int i = 0; i < 8; ++i) {
    const Page page = memory.alloc(kNowait);
    ASSERT_EQ(page.status, Status::kOk);
    EXPECT_TRUE(page.wake) << "C3: below low everywhere";
    EXPECT_EQ(page.pfn.value >= normal, i < 4) << i;
  }
  const Page last = memory.alloc(kNowait);
  EXPECT_EQ(last.status, Status::kExhausted);
  EXPECT_TRUE(last.wake);
}

TEST(Zones, E1_AWatermarkThatHoldsIsNotEnoughWithoutABlockOfTheOrder) {
  Config config = four_zones();
  TestMemory memory(config);
  // Every second frame of NORMAL stays free: 16 frames, no block of order 1.
  const auto pfns = memory.take_all(kKernel);
  for (const std::uint64_t pfn : pfns) {
    if (pfn >= 124 && pfn < 156 && pfn % 2 == 0) {
      EXPECT_EQ(memory.free(pfn, 0), Status::kOk);
    }
  }
  EXPECT_EQ(memory.alloc(kKernel, 1).status, Status::kFragmented);
  EXPECT_EQ(memory.free(100, 0), Status::kOk);
  EXPECT_EQ(memory.free(101, 0), Status::kOk);
  const Page page = memory.alloc(kKernel, 1);
  EXPECT_EQ(page.status, Status::kOk) << "another zone has one";
  EXPECT_EQ(page.pfn.value, 100u);
}

TEST(Zones, X2_ModifiersThatContradictOrNameNothingAreRefused) {
  TestMemory memory(four_zones());
  for (const Gfp gfp :
       {kDma | kDma32, kDma | kHighmem, kExclusive, kRoom, kExclusive | kRoom, Gfp{1u << 31}}) {
    EXPECT_EQ(memory.alloc(gfp).status, Status::kBadArgument) << gfp.bits;
  }
  Config config = four_zones();
  config.zones[LABYRINTH_ZONE_DMA] = {};
  TestMemory without(config);
  EXPECT_EQ(without.alloc(kDma).status, Status::kBadArgument) << "there is no such zone";
  EXPECT_EQ(without.free(99, 0), Status::kBadArgument);
  EXPECT_EQ(without.free(100 + 64, 0), Status::kBadArgument);
}

TEST(Zones, X3_ABlockIsFreedInItsZoneAndNotAcrossABorder) {
  Config config{};
  config.zones[LABYRINTH_ZONE_DMA] = {4, 0, 0, 0, 0, 0};
  config.zones[LABYRINTH_ZONE_NORMAL] = {4, 0, 0, 0, 0, 0};
  config.max_order = 3;
  config.cpus = 1;
  TestMemory memory(config);
  EXPECT_EQ(memory.alloc(kKernel, 3).status, Status::kExhausted) << "no block spans two zones";
  EXPECT_EQ(memory.alloc(kKernel, 2).pfn, Pfn{4});
  EXPECT_EQ(memory.alloc(kKernel, 2).pfn, Pfn{0});
  EXPECT_EQ(memory.free(0, 3), Status::kBadArgument);
  EXPECT_EQ(memory.free(4, 2), Status::kOk);
  EXPECT_EQ(memory.free(0, 2), Status::kOk);
}

TEST(Zones, X5_ZeroMeansZeroedBeforeTheAnswer) {
  TestMemory memory(four_zones());
  const Page page = memory.alloc(kKernel | kZero, 2);
  ASSERT_EQ(page.status, Status::kOk);
  EXPECT_TRUE(memory.is_full_of(page.pfn.value, 4, 0));
  EXPECT_EQ(memory.at(page.pfn.value)[-1], 0x5c) << "and nothing else is";
}

}  // namespace
}  // namespace labyrinth::test
