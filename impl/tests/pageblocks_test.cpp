// Mobility grouping: content of one kind keeps to its own pageblocks, and nothing rests on that.
#include "pageblocks.hpp"

#include <set>

#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

constexpr std::uint32_t kOrder = 5;  // of a pageblock

Config zone_of(std::uint64_t pageblocks, bool ungrouped = false) {
  Config config{};
  config.zones[LABYRINTH_ZONE_NORMAL].frames = pageblocks << kOrder;
  config.max_order = kOrder;
  config.cpus = 1;
  config.ungrouped = ungrouped;
  return config;
}

std::set<std::uint64_t> blocks_of(const std::vector<std::uint64_t>& pfns) {
  std::set<std::uint64_t> blocks;
  for (const std::uint64_t pfn : pfns) blocks.insert(pfn >> kOrder);
  return blocks;
}

// Takes frames of all kinds in turn.
std::array<std::vector<std::uint64_t>, kMobilities> take_in_turn(TestMemory& memory, std::uint32_t each) {
  std::array<std::vector<std::uint64_t>, kMobilities> pfns;
  const std::array<Gfp, kMobilities> kinds = {kNowait, kNowait | kMovable, kNowait | kReclaimable};
  for (std::uint32_t i = 0; i < each; ++i) {
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      const Page page = memory.alloc(kinds[kind]);
      EXPECT_EQ(page.status, Status::kOk);
      pfns[kind].push_back(page.pfn.value);
    }
  }
  return pfns;
}

TEST(Pageblocks, EachKindOfContentKeepsToItsOwn) {
  TestMemory memory(zone_of(12));
  const auto pfns = take_in_turn(memory, 64);
  for (const auto& kind : pfns) EXPECT_EQ(blocks_of(kind).size(), 2u) << "64 frames fill two pageblocks";
}

TEST(Pageblocks, UngroupedAndSmallZonesMixThem) {
  for (TestMemory* const memory : {new TestMemory(zone_of(12, true)), new TestMemory(zone_of(3))}) {
    const auto pfns = take_in_turn(*memory, 10);
    EXPECT_EQ(blocks_of(pfns[0]), blocks_of(pfns[1]));
    EXPECT_EQ(blocks_of(pfns[0]), blocks_of(pfns[2]));
    delete memory;
  }
}

TEST(Pageblocks, E2_AnyKindMayTakeEveryFrame) {
  for (const Gfp kind : {kNowait, kNowait | kMovable, kNowait | kReclaimable}) {
    TestMemory memory(zone_of(12));
    take_in_turn(memory, 5);
    EXPECT_EQ(memory.take_all(kind).size(), (12u << kOrder) - 15);
    EXPECT_EQ(memory.alloc(kind).status, Status::kExhausted);
  }
}

TEST(Pageblocks, AKindThatFallsBackClaimsAPageblockThatIsMostlyFree) {
  TestMemory memory(zone_of(4));
  // Every pageblock has a movable frame, so that none is wholly free.
  std::vector<std::uint64_t> movable = memory.take_all(kNowait | kMovable);
  for (const std::uint64_t pfn : movable) {
    if (pfn % 32 != 7) {
      EXPECT_EQ(memory.free(pfn, 0), Status::kOk);
    }
  }
  std::vector<std::uint64_t> unmovable;
  for (int i = 0; i < 31; ++i) unmovable.push_back(memory.alloc(kNowait).pfn.value);
  EXPECT_EQ(blocks_of(unmovable).size(), 1u);
  // The next movable ones stay out of it.
  for (int i = 0; i < 31; ++i) {
    const std::uint64_t pfn = memory.alloc(kNowait | kMovable).pfn.value;
    EXPECT_NE(pfn >> kOrder, unmovable[0] >> kOrder);
  }
}

TEST(Pageblocks, X2_ContentIsOfOneKind) {
  TestMemory memory(zone_of(4));
  EXPECT_EQ(memory.alloc(kNowait | kMovable | kReclaimable).status, Status::kBadArgument);
  EXPECT_EQ(memory.alloc(kNowait | kReclaimable, 2).status, Status::kOk);
}

}  // namespace
}  // namespace labyrinth::test
