// X6, X4 on real threads: some free where they may not sleep, all drain, and each block is unmapped once.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

constexpr std::uint64_t kFrames = 256;

thread_local bool may_sleep_here = true;

// Which frames are mapped, and how often a mapping was changed into what it was already.
struct Mappings {
  std::array<std::atomic<bool>, kFrames> mapped{};
  std::atomic<std::uint32_t> wrong{0};

  bool set(std::uint64_t pfn, std::uint64_t frames, bool to) {
    if (!to && !may_sleep_here) wrong.fetch_add(1);
    for (std::uint64_t i = pfn; i < pfn + frames; ++i) {
      // Relaxed: the allocator must have ordered the two calls itself, or the race sanitizer says so
      // elsewhere.
      if (mapped[i].exchange(to, std::memory_order_relaxed) == to) wrong.fetch_add(1);
    }
    return true;
  }
};

Mappings& of(void* self) { return *static_cast<Mappings*>(self); }

TEST(LimboThreads, X6_X4_EachBlockIsUnmappedOnceAndNoneIsLost) {
  Mappings mappings;
  Config config{};
  config.isolated = {kFrames, 0, 0, 0, 0, 0};
  config.max_order = 7;
  config.cpus = 4;
  Port& port = config.port;
  port.self = &mappings;
  port.cpu = [](void*) { return std::uint32_t{0}; };
  port.may_sleep = [](void*) { return may_sleep_here; };
  port.poison = [](void*, std::uint64_t, std::uint64_t) {};
  port.is_poisoned = [](void*, std::uint64_t, std::uint64_t) { return true; };
  port.unmap = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
    return of(self).set(pfn, frames, false);
  };
  port.remap = [](void* self, std::uint64_t pfn, std::uint64_t frames) {
    return of(self).set(pfn, frames, true);
  };
  const std::size_t size = Allocator::metadata_size(config);
  const Metadata metadata = make_metadata(size);
  const Allocator allocator = Allocator::init(config, metadata.get(), size);
  ASSERT_TRUE(allocator);

  std::atomic<std::uint64_t> drained_in_all{0};
  const auto work = [&](std::uint32_t seed) {
    std::vector<Page> held;
    const auto free_one = [&] {
      EXPECT_EQ(allocator.free_page(held.front().pfn, held.front().order), Status::kOk);
      held.erase(held.begin());
    };
    for (std::uint32_t i = 0; i < 20000; ++i) {
      seed = seed * 1664525 + 1013904223;
      may_sleep_here = (seed >> 24 & 1U) != 0;
      if ((seed >> 25 & 7U) == 0) {
        std::uint64_t drained = 0;
        static_cast<void>(allocator.drain(seed >> 29, drained));
        drained_in_all.fetch_add(drained);
      } else if (held.size() < 8) {
        Page page;
        allocator.alloc_page((may_sleep_here ? kKernel : kAtomic) | kExclusive, Order{seed >> 28 & 7U}, page);
        if (page.status == Status::kOk) {
          held.push_back(page);
        } else if (!held.empty()) {
          free_one();  // or all might hold what the others wait for, and none would ever free
        }
      } else {
        free_one();
      }
    }
    for (const Page& page : held) EXPECT_EQ(allocator.free_page(page.pfn, page.order), Status::kOk);
    may_sleep_here = true;
  };
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i <= 4; ++i) threads.emplace_back(work, i * 77);
  for (std::thread& thread : threads) thread.join();

  std::uint64_t drained = 0;
  EXPECT_EQ(allocator.drain(UINT64_MAX, drained), Status::kOk);
  EXPECT_GT(drained_in_all.load(), 0u);
  EXPECT_EQ(mappings.wrong.load(), 0u);
  for (const auto& mapped : mappings.mapped) EXPECT_FALSE(mapped.load());
  for (std::uint32_t i = 0; i < 2; ++i) {
    Page page;
    allocator.alloc_page(kMemalloc | kExclusive, Order{7}, page);
    EXPECT_EQ(page.status, Status::kOk) << "everything is free again";
  }
}

}  // namespace
}  // namespace labyrinth::test
