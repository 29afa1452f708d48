// Real threads: exclusive ownership while all CPUs allocate and free every order, and nothing lost
// afterwards.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

thread_local std::uint32_t this_cpu = 0;

class Ownership {
 public:
  explicit Ownership(const Shape& shape) : first_(shape.first_pfn), owned_(shape.frames) {}

  void take(const Page& page) { mark(page, 0, 1); }
  void give(const Page& page) { mark(page, 1, 0); }

 private:
  // Plain accesses: under ThreadSanitizer a race on them is a missing happens-before between two owners (M1).
  void mark(const Page& page, char from, char to) {
    for (std::uint64_t f = 0; f < (1u << page.order.value); ++f) {
      char& owned = owned_[page.pfn.value - first_ + f];
      if (owned != from) ADD_FAILURE() << "X1: frame " << page.pfn.value + f << " has two owners";
      owned = to;
    }
  }

  std::uint64_t first_;
  std::vector<char> owned_;
};

void run_threads(const Shape& shape, std::uint32_t threads, int calls, std::size_t hold) {
  TestZone plain(shape);  // only for its checks at the end
  Surroundings surroundings;
  Config config = config_of(shape, surroundings);
  config.port.cpu = [](void*) { return this_cpu; };
  const std::size_t size = Allocator::metadata_size(config);
  const Metadata metadata = make_metadata(size);
  const Allocator allocator = Allocator::init(config, metadata.get(), size);
  ASSERT_TRUE(allocator);

  Ownership ownership(shape);
  const auto body = [&](std::uint32_t cpu) {
    this_cpu = cpu;
    std::mt19937 random(cpu + 1);
    std::vector<Page> mine;
    for (int i = 0; i < calls; ++i) {
      // Bogus frees all the time: they must neither succeed nor disturb (X3). Orders above the zone's are
      // never live.
      EXPECT_EQ(
          allocator.free_page(Pfn{shape.first_pfn + random() % shape.frames}, Order{shape.max_order + 1}),
          Status::kBadArgument);
      if (mine.size() < hold && random() % 2 == 0) {
        const auto order =
            random() % 3 == 0 ? 0 : static_cast<std::uint32_t>(random() % (shape.max_order + 1));
        Page page;
        allocator.alloc_page(kMemalloc, Order{order}, page);
        if (page.status == Status::kOk) {
          ownership.take(page);
          mine.push_back(page);
        } else {
          EXPECT_NE(page.status, Status::kBadArgument);
          if (order == 0) {
            EXPECT_NE(page.status, Status::kFragmented);
          }
        }
      } else if (!mine.empty()) {
        std::swap(mine[random() % mine.size()], mine.back());
        ownership.give(mine.back());
        EXPECT_EQ(allocator.free_page(mine.back().pfn, mine.back().order), Status::kOk);
        mine.pop_back();
      }
    }
    for (const Page& page : mine) {
      ownership.give(page);
      EXPECT_EQ(allocator.free_page(page.pfn, page.order), Status::kOk);
    }
  };
  std::vector<std::thread> running;
  for (std::uint32_t cpu = 0; cpu < threads; ++cpu) running.emplace_back(body, cpu);
  for (std::thread& thread : running) thread.join();

  EXPECT_EQ(allocator.free_frames().value, static_cast<std::int64_t>(shape.frames));
  for (std::uint32_t order = 0; order <= shape.max_order; ++order) {
    std::vector<Block> blocks;
    for (;;) {
      Block block = allocator.alloc_block(kMemalloc, Order{order});
      if (!block) break;
      blocks.push_back(std::move(block));
    }
    EXPECT_EQ(blocks.size(), plain.blocks_in_zone(order)) << "X4: order " << order;
  }
}

TEST(Threads, X1_X3_X4_M1_AllOrdersInSeveralChunks) {
  run_threads({.first_pfn = 1000, .frames = 8192, .cpus = 8}, 8, 60000, 64);
}

TEST(Threads, X1_X3_X4_M1_OneWordForAll) {
  run_threads({.first_pfn = 5, .frames = 32, .max_order = 5, .cpus = 1}, 8, 60000, 4);
}

TEST(Threads, X1_X3_X4_M1_ManySmallChunks) {
  run_threads({.first_pfn = 31, .frames = 70 * 32, .max_order = 5, .cpus = 2}, 8, 60000, 200);
}

}  // namespace
}  // namespace labyrinth::test
