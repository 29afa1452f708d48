// Arenas in a Linux process: their frames, watermarks as Linux would set them, and atomic sections.
#include "labyrinth/userland.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "labyrinth/default_marks.hpp"

namespace labyrinth::test {
namespace {

Status answer(const Arena& arena, Gfp gfp) { return arena->alloc_block(gfp, Order{0}).page().status; }

bool is_mapped(void* page) { return msync(page, 4096, MS_ASYNC) == 0 || errno != ENOMEM; }

TEST(DefaultMarks, AreThoseOfTheTableInTheKernelsSource) {
  // mm/page_alloc.c, above calculate_min_free_kbytes(): MiB of memory, min_free_kbytes.
  struct Row {
    std::int64_t mib;
    std::uint64_t kib;
  };
  for (const Row& row :
       {Row{16, 512}, Row{32, 724}, Row{64, 1024}, Row{128, 1448}, Row{256, 2048}, Row{512, 2896},
        Row{1024, 4096}, Row{2048, 5792}, Row{4096, 8192}, Row{8192, 11584}, Row{16384, 16384}}) {
    EXPECT_EQ(default_marks(Frames{row.mib * 256}).min, row.kib / 4) << row.mib << " MiB";
  }
}

TEST(DefaultMarks, LowAndHighFollowMinAndFromOneGibOnTheSize) {
  const DefaultMarks small = default_marks(Frames{65536});  // 256 MiB
  EXPECT_EQ(small.min, 512u);
  EXPECT_EQ(small.low, small.min * 5 / 4);
  EXPECT_EQ(small.high, small.min * 3 / 2);
  const DefaultMarks large = default_marks(Frames{16 << 20});  // 64 GiB
  EXPECT_EQ(large.min, 8192u);
  EXPECT_EQ(large.low, large.min + 16777u);
  EXPECT_EQ(large.high, large.min + 2 * 16777u);
  EXPECT_EQ(default_marks(Frames{std::int64_t{1} << 28}).min, 32768u);  // 1 TiB, at 64 MiB
  EXPECT_EQ(default_marks(Frames{std::int64_t{1} << 33}).min, 65536u);  // 32 TiB: never above 256 MiB
}

TEST(DefaultMarks, LeaveAtLeastHalfOfASmallArena) {
  for (std::int64_t frames = 1; frames < 2000; ++frames) {
    const DefaultMarks marks = default_marks(Frames{frames});
    EXPECT_LE(marks.min, marks.low);
    EXPECT_LE(marks.low, marks.high);
    EXPECT_LE(marks.high, static_cast<std::uint64_t>(frames) / 2);
  }
}

TEST(Userland, FramesCanBeWrittenAndAreAsAlignedAsTheirBlocks) {
  const Arena arena(Frames{5000});
  ASSERT_TRUE(arena);
  for (std::uint32_t order = 0; order <= LABYRINTH_MAX_ORDER; ++order) {
    const Block block = arena->alloc_block(kMemalloc, Order{order});
    ASSERT_TRUE(block) << "order " << order;
    void* const memory = arena.page_address(block.page().pfn);
    const std::size_t size = std::size_t{4096} << order;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % size, 0u);
    std::memset(memory, 0x5A, size);
    EXPECT_EQ(arena.pfn_of(memory), block.page().pfn);
    EXPECT_EQ(arena.pfn_of(static_cast<std::byte*>(memory) + size - 1),
              (Pfn{block.page().pfn.value + (1u << order) - 1}));
  }
  EXPECT_EQ(arena->free_frames(), Frames{5000});
}

TEST(Userland, TheLastFrameIsThere) {
  const Arena arena(Frames{100}, {.max_order = 3});
  for (std::uint64_t pfn = 0; pfn < 100; ++pfn) std::memset(arena.page_address(Pfn{pfn}), 1, 4096);
  EXPECT_TRUE(is_mapped(arena.page_address(Pfn{99})));
}

TEST(Userland, ALargeArenaCostsWhatIsUsedOfIt) {
  const Arena arena(Frames{std::int64_t{4} << 20});  // 16 GiB
  ASSERT_TRUE(arena);
  const Block block = arena->alloc_block(kAtomic, Order{LABYRINTH_MAX_ORDER});
  ASSERT_TRUE(block);
  std::memset(arena.page_address(block.page().pfn), 1, 4096);
}

TEST(Userland, E1_DefaultWatermarksKeepAReserveForAtomicRequests) {
  const Arena arena(Frames{256});
  std::vector<Block> taken;
  while (Block block = arena->alloc_block(kKernel, Order{0})) taken.push_back(std::move(block));
  EXPECT_EQ(arena->free_frames(), Frames{32});
  while (Block block = arena->alloc_block(kAtomic, Order{0})) taken.push_back(std::move(block));
  EXPECT_EQ(arena->free_frames(), Frames{12});
}

TEST(Userland, AnArenaThatCannotBeIsEmpty) {
  for (const std::int64_t frames : {std::int64_t{-1}, std::int64_t{0}, (std::int64_t{1} << 28) + 1}) {
    const Arena arena(Frames{frames});
    EXPECT_FALSE(arena) << frames;
    EXPECT_EQ(answer(arena, kAtomic), Status::kBadArgument);
  }
  EXPECT_FALSE(Arena(Frames{64}, {.max_order = LABYRINTH_MAX_ORDER + 1}));
  EXPECT_FALSE(Arena(Frames{64}, {.marks = DefaultMarks{65, 66, 67}}));
}

TEST(Userland, MovingKeepsTheFramesAndTheEndUnmapsThem) {
  void* page = nullptr;
  {
    Arena first(Frames{64});
    const Pfn pfn = first->alloc_block(kAtomic, Order{0}).release().pfn;
    page = first.page_address(pfn);
    std::strcpy(static_cast<char*>(page), "kept");
    Arena second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is the question
    Arena third(Frames{64});
    void* const unused = third.page_address(Pfn{0});
    third = std::move(second);
    EXPECT_FALSE(is_mapped(unused));
    EXPECT_STREQ(static_cast<char*>(third.page_address(pfn)), "kept");
    EXPECT_EQ(third->free_frames(), Frames{63});
  }
  EXPECT_FALSE(is_mapped(page));
}

TEST(Userland, C1_AnAtomicSectionRefusesWhatMaySleepInItsThreadAlone) {
  const Arena arena(Frames{64});
  EXPECT_EQ(answer(arena, kKernel), Status::kOk);
  {
    const AtomicSection outer;
    {
      const AtomicSection inner;
    }
    EXPECT_EQ(answer(arena, kKernel), Status::kBadContext);
    EXPECT_EQ(answer(arena, kAtomic), Status::kOk);
    Status elsewhere = Status::kBadContext;
    std::thread([&] { elsewhere = answer(arena, kKernel); }).join();
    EXPECT_EQ(elsewhere, Status::kOk);
  }
  EXPECT_TRUE(may_sleep());
  EXPECT_EQ(answer(arena, kKernel), Status::kOk);
}

std::vector<Pfn> damaged;

TEST(Userland, X6_TheVoidDestroysContentsAndReportsWhoWritesIntoIt) {
  const Arena arena(Frames{64}, {.isolated = Frames{4}, .on_damage = [](Pfn pfn, Frames frames) {
                                   EXPECT_EQ(frames, Frames{1});
                                   damaged.push_back(pfn);
                                 }});
  ASSERT_TRUE(arena);
  EXPECT_EQ(arena->free_frames(), Frames{64});
  const Pfn first = arena->alloc_block(kAtomic | kExclusive, Order{2}).release().pfn;
  EXPECT_EQ(first, Pfn{64});
  auto* const bytes = static_cast<unsigned char*>(arena.page_address(first));
  const auto is_full_of = [&](unsigned char byte) {
    return std::all_of(bytes, bytes + 4 * 4096, [byte](unsigned char b) { return b == byte; });
  };
  EXPECT_TRUE(is_full_of(0xAA));
  std::memset(bytes, 0x5C, 4 * 4096);
  ASSERT_EQ(arena->free_page(first, Order{2}), Status::kOk);
  EXPECT_TRUE(is_full_of(0xAA));
  ASSERT_EQ(arena->alloc_block(kAtomic | kExclusive, Order{2}).page().status, Status::kOk);
  EXPECT_TRUE(damaged.empty());

  bytes[2 * 4096 + 4095] = 0;  // use after free, in the last byte of the third frame
  const Block next = arena->alloc_block(kAtomic | kExclusive, Order{2});
  EXPECT_EQ(damaged, std::vector{Pfn{66}});
  EXPECT_TRUE(is_full_of(0xAA));
}

TEST(Userland, ZeroMeansZero) {
  const Arena arena(Frames{64}, {.isolated = Frames{2}});
  for (const Gfp gfp : {kAtomic | kZero, kAtomic | kZero | kExclusive}) {
    for (int time = 0; time < 2; ++time) {
      const Block block = arena->alloc_block(gfp, Order{1});
      ASSERT_TRUE(block);
      auto* const bytes = static_cast<unsigned char*>(arena.page_address(block.page().pfn));
      EXPECT_TRUE(std::all_of(bytes, bytes + 2 * 4096, [](unsigned char byte) { return byte == 0; }));
      std::memset(bytes, 0xFF, 2 * 4096);
    }
  }
}

TEST(Userland, E4_RoomsAreThoseOfTheSectionsLevel) {
  const auto cpus = static_cast<std::uint64_t>(sysconf(_SC_NPROCESSORS_CONF));
  ArenaOptions options;
  options.rooms[LABYRINTH_TASK] = {2, false};
  options.rooms[LABYRINTH_HARDIRQ] = {3, false};
  const Arena arena(Frames{64}, options);
  ASSERT_TRUE(arena);
  const auto request = [&] { return arena->alloc_block(kAtomic | kRoom, Order{0}).page(); };
  const std::uint64_t hardirqs = 64 + 2 * cpus;  // the zone and the tasks' rooms come before them
  EXPECT_GE(request().pfn, Pfn{64});
  EXPECT_LT(request().pfn, Pfn{hardirqs});
  {
    const AtomicSection handler(LABYRINTH_HARDIRQ);
    EXPECT_EQ(level(), LABYRINTH_HARDIRQ);
    EXPECT_GE(request().pfn, Pfn{hardirqs});
    EXPECT_LT(request().pfn, Pfn{hardirqs + 3 * cpus});
    const AtomicSection lower(LABYRINTH_SOFTIRQ);
    EXPECT_EQ(level(), LABYRINTH_HARDIRQ);
  }
  EXPECT_EQ(level(), LABYRINTH_TASK);
  const AtomicSection softirq(LABYRINTH_SOFTIRQ);
  EXPECT_EQ(request().status, Status::kBadArgument);  // this level has none
}

TEST(Userland, E4_RoomsOfDevicesAreServedInEverySection) {
  ArenaOptions options;
  options.devices[3] = {2, false};
  const Arena arena(Frames{64}, options);
  ASSERT_TRUE(arena);
  const auto request = [&] { return arena->alloc_block(kAtomic | for_device(3), Order{0}).release(); };
  const Page first = request();
  EXPECT_EQ(first.pfn, Pfn{64});
  const AtomicSection handler(LABYRINTH_HARDIRQ);
  const Page second = request();
  EXPECT_EQ(second.pfn, Pfn{65});
  std::memset(arena.page_address(second.pfn), 0x11, 4096);  // there is memory behind its number
  EXPECT_EQ(request().status, Status::kExhausted);
}

const Arena* interrupted_arena = nullptr;
Status asked_in_handler = Status::kOk;

TEST(Userland, C1_N4_ASignalHandlerMayAskWithinItsSection) {
  const Arena arena(Frames{64});
  interrupted_arena = &arena;
  struct sigaction action{};
  action.sa_handler = [](int) {
    const AtomicSection section;
    asked_in_handler = answer(*interrupted_arena, kKernel);
  };
  ASSERT_EQ(sigaction(SIGUSR1, &action, nullptr), 0);
  ASSERT_EQ(raise(SIGUSR1), 0);
  EXPECT_EQ(asked_in_handler, Status::kBadContext);
  EXPECT_EQ(answer(arena, kKernel), Status::kOk);
  ASSERT_NE(signal(SIGUSR1, SIG_DFL), SIG_ERR);
}

}  // namespace
}  // namespace labyrinth::test
