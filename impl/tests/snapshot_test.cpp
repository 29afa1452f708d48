// Snapshots: the numbers against a count frame by frame, the two forms word for word, buffers of every size,
// and snapshots while others run.
#include "labyrinth/snapshot.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "memory_fixture.hpp"
#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

using Counts = std::array<std::uint64_t, LABYRINTH_MAX_ORDER + 1>;

// The definition, naively: from the largest order down, each aligned block whose frames are all free and not
// counted yet.
Counts count_naively(const Shape& shape, const std::vector<Page>& live) {
  std::vector<char> is_free(shape.frames, 1);
  for (const Page& page : live) {
    for (std::uint64_t f = 0; f < (1u << page.order.value); ++f) {
      is_free[page.pfn.value - shape.first_pfn + f] = 0;
    }
  }
  Counts counts{};
  for (std::uint32_t order = shape.max_order + 1; order-- > 0;) {
    const std::uint64_t size = std::uint64_t{1} << order;
    for (std::uint64_t pfn = (shape.first_pfn + size - 1) / size * size;
         pfn + size <= shape.first_pfn + shape.frames; pfn += size) {
      const auto begin = is_free.begin() + static_cast<std::ptrdiff_t>(pfn - shape.first_pfn);
      const auto end = begin + static_cast<std::ptrdiff_t>(size);
      if (std::find(begin, end, 0) != end) continue;
      std::fill(begin, end, 0);
      ++counts[order];
    }
  }
  return counts;
}

class SnapshotOf : public testing::TestWithParam<Shape> {};

TEST_P(SnapshotOf, CountsExactlyTheMaximalFreeBlocksAtRest) {
  TestZone zone(GetParam());
  std::mt19937 random(1);
  std::vector<Page> live;
  for (int round = 0; round < 400; ++round) {
    // Grows, shrinks, grows: through nearly full and nearly empty.
    if (live.empty() || random() % 100 < (round / 100 % 2 == 0 ? 80u : 20u)) {
      const Page page =
          zone.alloc(kMemalloc, static_cast<std::uint32_t>(random() % (GetParam().max_order + 1)));
      if (page.status == Status::kOk) live.push_back(page);
    } else {
      std::swap(live[random() % live.size()], live.back());
      ASSERT_EQ(zone.free(live.back()), Status::kOk);
      live.pop_back();
    }
    const Snapshot snapshot(*zone);
    ASSERT_EQ(snapshot.zones().size(), 1u);
    const ZoneSnapshot& seen = snapshot.zones()[0];
    ASSERT_EQ(seen.free_blocks, count_naively(GetParam(), live)) << "round " << round;
    std::uint64_t frames = 0;
    for (std::uint32_t order = 0; order <= LABYRINTH_MAX_ORDER; ++order) {
      frames += seen.free_blocks[order] << order;
    }
    ASSERT_EQ(seen.free.value, static_cast<std::int64_t>(frames));
    ASSERT_EQ(seen.free, zone->free_frames());
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, SnapshotOf,
                         testing::Values(Shape{.frames = 1024}, Shape{.first_pfn = 1000, .frames = 5000},
                                         Shape{.first_pfn = 7, .frames = 300, .max_order = 6},
                                         Shape{.first_pfn = 31, .frames = 640, .max_order = 5},
                                         Shape{.first_pfn = 3, .frames = 90, .max_order = 3},
                                         Shape{.first_pfn = 1, .frames = 70, .max_order = 0},
                                         Shape{.first_pfn = 5, .frames = 1, .max_order = 10}));

// Single frames, so that CPUs prepay words: what lies in a word's purse is as free as what is not.
TEST(SnapshotOfPrepaidWords, CountsTheirFreeFrames) {
  const Shape shape{.first_pfn = 96, .frames = 2048, .cpus = 2};
  TestZone zone(shape);
  std::vector<Page> live;
  for (std::uint32_t i = 0; i < 100; ++i) {
    zone.surroundings.cpu = i / 7 % 2;
    live.push_back(zone.alloc(kAtomic, 0));
    ASSERT_EQ(live.back().status, Status::kOk);
    if (i % 3 != 0) continue;
    std::swap(live[i * 31 % live.size()], live.back());
    ASSERT_EQ(zone.free(live.back()), Status::kOk);
    live.pop_back();
    const Snapshot snapshot(*zone);
    ASSERT_EQ(snapshot.zones()[0].free_blocks, count_naively(shape, live));
    ASSERT_EQ(snapshot.zones()[0].free.value, static_cast<std::int64_t>(shape.frames - live.size()));
  }
  // Even a word that is free as a whole, and still in a slot.
  zone.free_all(live);
  EXPECT_EQ(Snapshot(*zone).zones()[0].free_blocks, count_naively(shape, {}));
}

class SnapshotForms : public testing::Test {
 protected:
  static Config config() {
    Config config{};
    config.first_pfn = 100;
    config.zones[LABYRINTH_ZONE_DMA] = {28, 4, 6, 8, 10, 0};
    config.zones[LABYRINTH_ZONE_NORMAL] = {60, 4, 6, 6, 0, 0};
    config.isolated = {32, 0, 0, 0, 0, 0};
    config.rooms[LABYRINTH_SOFTIRQ] = {10, true};
    config.rooms[LABYRINTH_NMI] = {2, false};
    config.devices[1] = {5, false};
    config.devices[6] = {64, true};
    config.max_order = 6;
    config.cpus = 2;
    return config;
  }
  TestMemory memory{config()};
  std::array<char, 2048> buffer{};

  void SetUp() override {
    ASSERT_EQ(memory.alloc(kMemalloc, 2).status, Status::kOk);
    ASSERT_EQ(memory.alloc(kExclusive, 4).status, Status::kOk);
    memory.cpu = 1;
    memory.level = LABYRINTH_SOFTIRQ;
    for (int i = 0; i < 3; ++i) ASSERT_EQ(memory.alloc(kAtomic | kRoom).status, Status::kOk);
    memory.cpu = 0;
    ASSERT_EQ(memory.alloc(kAtomic | kRoom).status, Status::kOk);
    for (int i = 0; i < 2; ++i) ASSERT_EQ(memory.alloc(kAtomic | for_device(6)).status, Status::kOk);
  }
  std::string text() {
    EXPECT_LT(Snapshot(memory.allocator()).write_text(buffer), buffer.size());
    return buffer.data();
  }
  std::string json() {
    EXPECT_LT(Snapshot(memory.allocator()).write_json(buffer), buffer.size());
    return buffer.data();
  }
};

TEST_F(SnapshotForms, TextIsInTheMannerOfZoneinfo) {
  EXPECT_EQ(text(),
            "zone DMA\n"
            "  pages free   28\n"
            "        min    4\n"
            "        low    6\n"
            "        high   8\n"
            "        all    28\n"
            "  protection   0 0 6 6\n"
            "  start_pfn    100\n"
            "  free blocks  0 0 1 1 1 0 0\n"
            "zone Normal\n"
            "  pages free   56\n"
            "        min    4\n"
            "        low    6\n"
            "        high   6\n"
            "        all    60\n"
            "  protection   0 0 0 0\n"
            "  start_pfn    128\n"
            "  free blocks  0 0 2 2 2 0 0\n"
            "zone void\n"
            "  pages free   16\n"
            "        min    0\n"
            "        low    0\n"
            "        high   0\n"
            "        all    32\n"
            "  protection   0 0 0 0\n"
            "  start_pfn    188\n"
            "  free blocks  0 0 2 1 0 0 0\n"
            "rooms softirq\n"
            "  pages free   16\n"
            "        all    20\n"
            "  rooms        2\n"
            "  fewest free  7\n"
            "  start_pfn    220\n"
            "rooms nmi\n"
            "  pages free   4\n"
            "        all    4\n"
            "  rooms        2\n"
            "  fewest free  2\n"
            "  start_pfn    240\n"
            "room device1\n"
            "  pages free   5\n"
            "        all    5\n"
            "  start_pfn    244\n"
            "room device6\n"
            "  pages free   62\n"
            "        all    64\n"
            "  start_pfn    249\n");
}

TEST_F(SnapshotForms, JsonHasTheSameNumbers) {
  EXPECT_EQ(json(),
            "{\"zones\":[{\"name\":\"DMA\",\"start_pfn\":100,\"frames\":28,\"free\":28,\"min\":4,\"low\":6,"
            "\"high\":8,\"protection\":[0,0,6,6],\"free_blocks\":[0,0,1,1,1,0,0]},"
            "{\"name\":\"Normal\",\"start_pfn\":128,\"frames\":60,\"free\":56,\"min\":4,\"low\":6,"
            "\"high\":6,\"protection\":[0,0,0,0],\"free_blocks\":[0,0,2,2,2,0,0]},"
            "{\"name\":\"void\",\"start_pfn\":188,\"frames\":32,\"free\":16,\"min\":0,\"low\":0,"
            "\"high\":0,\"protection\":[0,0,0,0],\"free_blocks\":[0,0,2,1,0,0,0]}],"
            "\"rooms\":[{\"level\":\"softirq\",\"start_pfn\":220,\"rooms\":2,\"frames\":10,\"free\":16,"
            "\"fewest_free\":7},"
            "{\"level\":\"nmi\",\"start_pfn\":240,\"rooms\":2,\"frames\":2,\"free\":4,\"fewest_free\":2}],"
            "\"devices\":[{\"device\":1,\"start_pfn\":244,\"frames\":5,\"free\":5},"
            "{\"device\":6,\"start_pfn\":249,\"frames\":64,\"free\":62}]}\n");
}

TEST_F(SnapshotForms, TruncationIsReportedAndTouchesNothingBeyond) {
  const Snapshot snapshot(memory.allocator());
  for (const auto write : {&Snapshot::write_text, &Snapshot::write_json}) {
    const std::size_t needed = (snapshot.*write)({});
    std::string whole(needed + 1, '#');
    ASSERT_EQ((snapshot.*write)(whole), needed);
    ASSERT_EQ(whole.back(), '\0');
    for (std::size_t size = 0; size <= needed + 2; ++size) {
      std::string small(needed + 8, '#');
      EXPECT_EQ((snapshot.*write)(std::span(small).first(size)), needed);
      EXPECT_EQ(small.find_first_not_of('#', size), std::string::npos) << "wrote beyond " << size;
      if (size == 0) continue;
      const std::size_t written = std::min(needed, size - 1);
      EXPECT_EQ(small.substr(0, written), whole.substr(0, written));
      EXPECT_EQ(small[written], '\0');
    }
  }
}

TEST_F(SnapshotForms, TheCWritersWriteTheSame) {
  const labyrinth_allocator* const handle = memory.allocator().handle();
  std::array<char, 2048> other{};
  EXPECT_EQ(labyrinth_snapshot_text(handle, other.data(), other.size()), text().size());
  EXPECT_EQ(other.data(), text());
  EXPECT_EQ(labyrinth_snapshot_json(handle, other.data(), other.size()), json().size());
  EXPECT_EQ(other.data(), json());
  EXPECT_EQ(labyrinth_snapshot_json(handle, nullptr, 0), json().size());
}

TEST_F(SnapshotForms, AnEmptyAllocatorHasNothingToShow) {
  const Snapshot snapshot{Allocator{}};
  EXPECT_TRUE(snapshot.zones().empty());
  EXPECT_TRUE(snapshot.rooms().empty());
  EXPECT_TRUE(snapshot.devices().empty());
  EXPECT_EQ(snapshot.write_text(buffer), 0u);
  EXPECT_EQ(buffer[0], '\0');
  EXPECT_EQ(snapshot.write_json(buffer), 37u);
  EXPECT_STREQ(buffer.data(), "{\"zones\":[],\"rooms\":[],\"devices\":[]}\n");
  EXPECT_EQ(labyrinth_snapshot_text(nullptr, nullptr, 0), 0u);
}

// M1: under ThreadSanitizer a plain access on either side would be reported.
TEST(SnapshotOfABusyZone, IsPossibleAnytimeAndExactAgainAtRest) {
  constexpr std::uint64_t kFrames = 4096;
  TestZone zone({.frames = kFrames, .cpus = 2});
  std::atomic<bool> stop{false};
  std::vector<std::thread> busy;
  for (std::uint32_t thread = 0; thread < 2; ++thread) {
    busy.emplace_back([&, thread] {
      for (std::uint32_t i = thread; !stop.load(std::memory_order_relaxed); ++i) {
        const Block block = zone->alloc_block(kMemalloc, Order{i % 11});
      }
    });
  }
  for (int round = 0; round < 2000; ++round) {
    const Snapshot snapshot(*zone);
    const ZoneSnapshot& seen = snapshot.zones()[0];
    EXPECT_LE(seen.free.value, static_cast<std::int64_t>(kFrames));
    for (std::uint32_t order = 0; order <= LABYRINTH_MAX_ORDER; ++order) {
      EXPECT_LE(seen.free_blocks[order] << order, kFrames);
    }
  }
  stop.store(true);
  for (std::thread& thread : busy) thread.join();
  EXPECT_EQ(Snapshot(*zone).zones()[0].free_blocks[10], kFrames >> 10);
}

}  // namespace
}  // namespace labyrinth::test
