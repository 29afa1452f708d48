// Bulk and exact allocation: all or nothing, exact about floors, and nothing of the tail is lost.
#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

Config one_zone(std::uint64_t frames, std::uint64_t min, std::uint32_t cpus = 1) {
  Config config{};
  config.zones[LABYRINTH_ZONE_NORMAL] = {frames, min, min, min, 0, 0};
  config.max_order = 8;
  config.cpus = cpus;
  return config;
}

struct Bulk {
  Page page;
  std::vector<std::uint64_t> pfns;
};

Bulk bulk(TestMemory& memory, Gfp gfp, unsigned count) {
  Bulk result{{}, std::vector<std::uint64_t>(LABYRINTH_MAX_BULK + 1, LABYRINTH_NO_PFN)};
  labyrinth_page page;
  labyrinth_alloc_bulk(memory.allocator().handle(), gfp.bits, count, result.pfns.data(), &page);
  result.page = {Pfn{page.pfn}, Order{page.order}, static_cast<Status>(page.status), page.wake};
  result.pfns.resize(result.page.status == Status::kOk ? count : 0);
  return result;
}

Page exact(TestMemory& memory, Gfp gfp, std::uint64_t frames) {
  labyrinth_page page;
  labyrinth_alloc_exact(memory.allocator().handle(), gfp.bits, frames, &page);
  return {Pfn{page.pfn}, Order{page.order}, static_cast<Status>(page.status), page.wake};
}

TEST(Bulk, X1_GivesAsManySingleFramesAsAsked) {
  TestMemory memory(one_zone(100, 0));
  Bulk all = bulk(memory, kNowait, 64);
  ASSERT_EQ(all.page.status, Status::kOk);
  EXPECT_EQ(all.page.pfn.value, all.pfns.front());
  std::sort(all.pfns.begin(), all.pfns.end());
  EXPECT_EQ(std::unique(all.pfns.begin(), all.pfns.end()), all.pfns.end());
  EXPECT_EQ(memory.allocator().free_frames(), Frames{36});
  for (const std::uint64_t pfn : all.pfns) EXPECT_EQ(memory.free(pfn, 0), Status::kOk);
}

TEST(Bulk, E1_E2_AllOrNothingAtTheFloor) {
  TestMemory memory(one_zone(100, 40));
  EXPECT_EQ(bulk(memory, kNowait, 61).page.status, Status::kExhausted);
  EXPECT_EQ(memory.allocator().free_frames(), Frames{100}) << "nothing was taken";
  EXPECT_EQ(bulk(memory, kNowait, 60).page.status, Status::kOk);
  EXPECT_EQ(bulk(memory, kNowait, 1).page.status, Status::kExhausted);
}

TEST(Bulk, E2_FindsWhatCpusKeepToThemselves) {
  TestMemory memory(one_zone(256, 0, 2));
  EXPECT_EQ(memory.alloc(kNowait).status, Status::kOk);
  memory.cpu = 1;
  for (const unsigned count : {64u, 64u, 64u, 63u})
    EXPECT_EQ(bulk(memory, kNowait, count).page.status, Status::kOk);
}

TEST(Bulk, X2_BadCountsAndPlacesAreRefused) {
  Config config = one_zone(100, 0);
  config.isolated.frames = 8;
  config.rooms[LABYRINTH_TASK] = {4, false};
  TestMemory memory(config);
  for (const unsigned count : {0u, LABYRINTH_MAX_BULK + 1, ~0u}) {
    EXPECT_EQ(bulk(memory, kNowait, count).page.status, Status::kBadArgument);
  }
  EXPECT_EQ(bulk(memory, kExclusive, 2).page.status, Status::kBadArgument);
  EXPECT_EQ(bulk(memory, kRoom, 2).page.status, Status::kBadArgument);
  EXPECT_EQ(bulk(memory, kExclusive, 1).page.status, Status::kOk);
  EXPECT_EQ(bulk(memory, kRoom, 1).page.status, Status::kOk);
  labyrinth_page page;
  labyrinth_alloc_bulk(memory.allocator().handle(), 0, 1, nullptr, &page);
  EXPECT_EQ(page.status, LABYRINTH_BAD_ARGUMENT);
}

TEST(Exact, X4_EverySizeIsGivenWithoutItsTailAndFreedWhole) {
  TestMemory memory(one_zone(512, 0));
  for (std::uint64_t frames = 1; frames <= 256; ++frames) {
    const Page page = exact(memory, kNowait | kZero, frames);
    ASSERT_EQ(page.status, Status::kOk) << frames;
    EXPECT_EQ(memory.allocator().free_frames(), Frames{512 - static_cast<std::int64_t>(frames)});
    EXPECT_TRUE(memory.is_full_of(page.pfn.value, frames, 0));
    labyrinth_allocator* const handle = memory.allocator().handle();
    EXPECT_EQ(labyrinth_free_exact(handle, page.pfn.value, frames), LABYRINTH_OK);
    EXPECT_EQ(labyrinth_free_exact(handle, page.pfn.value, frames), LABYRINTH_BAD_ARGUMENT);
    ASSERT_EQ(memory.allocator().free_frames(), Frames{512}) << frames;
  }
  EXPECT_EQ(memory.take_all(kNowait, 8).size(), 2u);
}

TEST(Exact, X3_ItsPiecesAreBlocksOfFallingOrders) {
  TestMemory memory(one_zone(64, 0));
  const Page page = exact(memory, kNowait, 45);
  ASSERT_EQ(page.status, Status::kOk);
  const std::uint64_t pfn = page.pfn.value;
  EXPECT_EQ(page.order, Order{6});
  EXPECT_EQ(memory.free(pfn, 6), Status::kBadArgument);
  EXPECT_EQ(memory.free(pfn + 44, 0), Status::kOk);
  EXPECT_EQ(memory.free(pfn + 40, 2), Status::kOk);
  EXPECT_EQ(memory.free(pfn + 32, 3), Status::kOk);
  EXPECT_EQ(memory.free(pfn, 5), Status::kOk);
  EXPECT_EQ(memory.allocator().free_frames(), Frames{64});
}

TEST(Exact, X2_SizesThatDoNotExistAreRefused) {
  TestMemory memory(one_zone(512, 0));
  for (const std::uint64_t frames : {std::uint64_t{0}, std::uint64_t{257}, ~std::uint64_t{0}}) {
    EXPECT_EQ(exact(memory, kNowait, frames).status, Status::kBadArgument);
    EXPECT_EQ(labyrinth_free_exact(memory.allocator().handle(), 0, frames), LABYRINTH_BAD_ARGUMENT);
  }
}

}  // namespace
}  // namespace labyrinth::test
