// The std::pmr resource: which block a request takes, what a refusal and a wrong deallocation do, containers,
// and containers in a signal handler that interrupts the same containers' owner.
#include "labyrinth/memory_resource.hpp"

#include <gtest/gtest.h>
#include <sys/time.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <limits>
#include <list>
#include <string>
#include <vector>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

constexpr std::size_t kFrame = 4096;
constexpr std::size_t kPoolFrames = 256;
constexpr std::uint64_t kFirst = 512;

// 1 MiB, aligned to all of it.
alignas(kFrame* kPoolFrames) std::byte memory[kFrame * kPoolFrames];

class Resource : public testing::Test {
 protected:
  TestZone zone{Shape{.first_pfn = kFirst, .frames = kPoolFrames, .max_order = 6, .min = 16, .low = 20}};
  PageAddress address{memory, Pfn{kFirst}};
  PageResource resource{*zone, address};

  [[nodiscard]] std::int64_t taken() const {
    return static_cast<std::int64_t>(kPoolFrames) - zone->free_frames().value;
  }
  static bool is_inside(void* p) { return p >= memory && p < memory + sizeof memory; }
};

TEST_F(Resource, TakesTheSmallestBlockThatHoldsTheBytesAndIsAligned) {
  struct Case {
    std::size_t bytes, alignment;
    std::int64_t frames;
  };
  for (const Case& c : {Case{0, 1, 1}, Case{1, 1, 1}, Case{kFrame, 16, 1}, Case{kFrame + 1, 16, 2},
                        Case{3 * kFrame, 8, 4}, Case{64 * kFrame, 8, 64}, Case{1, kFrame, 1},
                        Case{1, 2 * kFrame, 2}, Case{1, 64 * kFrame, 64}, Case{5 * kFrame, 2 * kFrame, 8}}) {
    void* const p = resource.allocate(c.bytes, c.alignment);
    EXPECT_TRUE(is_inside(p));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p) % c.alignment, 0u);
    EXPECT_EQ(taken(), c.frames) << c.bytes << " bytes aligned to " << c.alignment;
    resource.deallocate(p, c.bytes, c.alignment);
    EXPECT_EQ(taken(), 0);
  }
}

TEST_F(Resource, ThrowsBadAllocOnRefusalAndLosesNothing) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  for (const std::size_t bytes : {64 * kFrame + 1, kMost, kMost - kFrame}) {
    EXPECT_THROW(static_cast<void>(resource.allocate(bytes, 1)), std::bad_alloc);
    EXPECT_EQ(resource.try_allocate(bytes, 1), nullptr);
  }
  EXPECT_THROW(static_cast<void>(resource.allocate(1, 128 * kFrame)), std::bad_alloc);
  std::vector<void*> all;
  while (void* const p = resource.try_allocate(kFrame)) all.push_back(p);
  EXPECT_THROW(static_cast<void>(resource.allocate(1, 1)), std::bad_alloc);
  // E1: GFP_ATOMIC may go down to 3/8 of min.
  EXPECT_EQ(all.size(), kPoolFrames - 6);
  for (void* const p : all) resource.deallocate(p, kFrame);
  zone.expect_nothing_is_lost();
}

TEST_F(Resource, RefusesAnAlignmentThatTheAddressesCannotKeep) {
  // Frame 512 one frame into the array: pfn and address no longer agree beyond a frame.
  PageResource shifted(*zone, {memory + kFrame, Pfn{kFirst}});
  EXPECT_THROW(static_cast<void>(shifted.allocate(1, 2 * kFrame)), std::bad_alloc);
  void* const p = shifted.allocate(2 * kFrame, kFrame);
  EXPECT_EQ(p, memory + kFrame);
  shifted.deallocate(p, 2 * kFrame, kFrame);
  EXPECT_EQ(taken(), 0);
}

TEST_F(Resource, C1_RefusesARequestThatMaySleepWhereItMustNot) {
  PageResource sleeper(*zone, address, kKernel);
  resource.deallocate(sleeper.allocate(1), 1);
  zone.surroundings.may_sleep = false;
  EXPECT_THROW(static_cast<void>(sleeper.allocate(1)), std::bad_alloc);
}

TEST_F(Resource, X3_EndsTheProgramOnADeallocationOfAnythingElse) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  void* const p = resource.allocate(4 * kFrame);
  EXPECT_DEATH(resource.deallocate(p, 2 * kFrame), "");
  EXPECT_DEATH(resource.deallocate(static_cast<std::byte*>(p) + kFrame, 4 * kFrame), "");
  EXPECT_DEATH(resource.deallocate(static_cast<std::byte*>(p) + 16, 4 * kFrame), "");
  EXPECT_EQ(taken(), 4);
  resource.deallocate(p, 4 * kFrame);
  EXPECT_DEATH(resource.deallocate(p, 4 * kFrame), "");
}

TEST_F(Resource, IsEqualToWhateverCanFreeItsBlocks) {
  TestZone other_zone(zone.shape());
  EXPECT_TRUE(resource.is_equal(PageResource(*zone, address, kKernel)));
  EXPECT_FALSE(resource.is_equal(PageResource(*other_zone, address)));
  EXPECT_FALSE(resource.is_equal(PageResource(*zone, {memory + kFrame, Pfn{kFirst}})));
  EXPECT_FALSE(resource.is_equal(*std::pmr::new_delete_resource()));
}

TEST_F(Resource, CarriesContainers) {
  {
    std::pmr::vector<int> numbers(&resource);
    for (int i = 0; i < 20000; ++i) numbers.push_back(i);
    for (int i = 0; i < 20000; ++i) ASSERT_EQ(numbers[static_cast<std::size_t>(i)], i);
    EXPECT_TRUE(is_inside(numbers.data()));
    std::pmr::monotonic_buffer_resource small(kFrame, &resource);
    std::pmr::list<std::pmr::string> words(&small);
    for (int i = 0; i < 100; ++i) words.emplace_back(100, static_cast<char>('a' + i % 26));
    EXPECT_TRUE(is_inside(&words.front()));
    EXPECT_TRUE(is_inside(words.back().data()));
    EXPECT_GT(taken(), 32);
  }
  EXPECT_EQ(taken(), 0);
  zone.expect_nothing_is_lost();
}

PageResource* interrupted_resource = nullptr;
std::atomic<std::uint32_t> interrupts{0};
std::atomic<std::uint32_t> surprises{0};

void fill(std::uint32_t n) {
  std::pmr::vector<std::uint32_t> numbers(interrupted_resource);
  for (std::uint32_t i = 0; i < 3000; ++i) numbers.push_back(n + i);
  for (std::uint32_t i = 0; i < 3000; ++i) {
    if (numbers[i] != n + i) surprises.fetch_add(1);
  }
}

TEST_F(Resource, N4_X5_ServesASignalHandlerThatInterruptsIt) {
  interrupted_resource = &resource;
  struct sigaction action{};
  action.sa_handler = [](int) { fill(interrupts.fetch_add(1) * 1000); };
  ASSERT_EQ(sigaction(SIGALRM, &action, nullptr), 0);
  const itimerval every{{0, 500}, {0, 500}};
  ASSERT_EQ(setitimer(ITIMER_REAL, &every, nullptr), 0);
  for (std::uint32_t i = 0; i < 20000 || interrupts.load() < 100; ++i) fill(i);
  const itimerval never{};
  ASSERT_EQ(setitimer(ITIMER_REAL, &never, nullptr), 0);
  ASSERT_NE(signal(SIGALRM, SIG_IGN), SIG_ERR);
  EXPECT_EQ(surprises.load(), 0u);
  EXPECT_EQ(taken(), 0);
  zone.expect_nothing_is_lost();
}

}  // namespace
}  // namespace labyrinth::test
