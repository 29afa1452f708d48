// Real threads map and unmap few frames in fewer slots: an address always reaches its frame, and no slot is
// lost.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "mapping_fixture.hpp"

namespace labyrinth::test {
namespace {

constexpr std::uint32_t kThreads = 6;
constexpr std::uint32_t kSlots = 3;

thread_local std::uint32_t this_context = 0;

TEST(Threads, C2_M1_MappingsReachTheirFramesAndNoSlotIsLost) {
  TestMapper mapper(kSlots, 2, [](MapperConfig& config) {
    config.port.context = [](void* self) { return &static_cast<TestMapper*>(self)->stacks[this_context]; };
    config.port.may_sleep = [](void*) { return true; };
    config.port.preempt_disable = [](void*) {};
    config.port.preempt_enable = [](void*) {};
  });
  std::atomic<std::uint32_t> served{0};
  const auto body = [&](std::uint32_t number) {
    this_context = number;
    std::mt19937 random(number + 1);
    for (int i = 0; i < 100000; ++i) {
      const std::uint64_t pfn = kHigh + random() % (kSlots + 2);
      // Bogus ones all the time: of frames that nobody maps.
      EXPECT_EQ(mapper->unmap(Pfn{kHigh + 20}), Status::kBadArgument);
      const LocalMapping local = mapper->map_local(Pfn{pfn});
      EXPECT_EQ(mapper.reached_by(local.address()), pfn);
      const Mapped mapped = mapper->map(Pfn{pfn});
      if (mapped.status != Status::kOk) {
        EXPECT_TRUE(mapped.status == Status::kExhausted || mapped.status == Status::kContended);
        continue;
      }
      ++served;
      EXPECT_EQ(mapper.reached_by(mapped.address), pfn);
      const Mapped again = mapper->map(Pfn{pfn});
      if (again.status == Status::kOk) {
        EXPECT_EQ(again.address, mapped.address);
        while (mapper->unmap(Pfn{pfn}) == Status::kContended) {
        }
      } else {
        EXPECT_EQ(again.status, Status::kContended) << "its own slot is there";
      }
      EXPECT_EQ(mapper.reached_by(mapped.address), pfn);
      Status status = mapper->unmap(Pfn{pfn});
      while (status == Status::kContended) status = mapper->unmap(Pfn{pfn});
      EXPECT_EQ(status, Status::kOk);
    }
  };
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < kThreads; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(served.load(), 1000u);
  for (std::uint64_t i = 0; i < kSlots + 2; ++i) {
    EXPECT_EQ(mapper->unmap(Pfn{kHigh + i}), Status::kBadArgument) << "nothing is left";
  }
  for (std::uint64_t i = 0; i < kSlots; ++i) EXPECT_EQ(mapper->map(Pfn{kHigh + 30 + i}).status, Status::kOk);
  EXPECT_EQ(mapper->map(Pfn{kHigh + 40}).status, Status::kExhausted);
}

}  // namespace
}  // namespace labyrinth::test
