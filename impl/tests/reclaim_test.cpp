// E2, N1, C1, C3 of the sleeping side: shrinkers, rounds of direct reclaim, NORETRY and NOFAIL, background
// reclaim.
#include "labyrinth/reclaim.h"

#include <deque>
#include <functional>

#include "memory_fixture.hpp"

namespace labyrinth::test {
namespace {

// NORMAL with 64 frames: min 4, low 8, high 16.
Config with_marks() {
  Config config{};
  config.zones[LABYRINTH_ZONE_NORMAL] = {64, 4, 8, 16, 0, 0};
  config.max_order = 6;
  config.cpus = 1;
  return config;
}

// An allocator and a cache that gives back blocks, oldest first.
class Reclaim : public ::testing::Test {
 protected:
  explicit Reclaim(const Config& config = with_marks()) {
    Config with_port = config;
    with_port.port.self = this;
    with_port.port.cpu = [](void*) { return 0U; };
    with_port.port.may_sleep = [](void* self) { return of(self).may_sleep; };
    with_port.port.set_reclaiming = [](void* self, bool on) {
      return std::exchange(of(self).reclaiming, on);
    };
    with_port.port.wake_reclaimer = [](void* self) { ++of(self).wakes; };
    with_port.port.wait = [](void* self) { of(self).waited(); };
    const std::size_t size = Allocator::metadata_size(with_port);
    metadata_ = make_metadata(size);
    allocator_ = Allocator::init(with_port, metadata_.get(), size);
    EXPECT_EQ(labyrinth_register_shrinker(handle(), &shrinker_), LABYRINTH_OK);
  }

  [[nodiscard]] labyrinth_allocator* handle() const { return allocator_.handle(); }
  Page alloc(Gfp gfp, std::uint32_t order = 0) {
    Page page;
    allocator_.alloc_page(gfp, Order{order}, page);
    return page;
  }
  Status free(const Page& page) { return allocator_.free_page(page.pfn, page.order); }
  // Takes so many frames, for the cache to hold.
  void cache(int frames) {
    for (int i = 0; i < frames; ++i) cached.push_back(alloc(kMemalloc));
  }
  [[nodiscard]] std::int64_t free_frames() const { return allocator_.free_frames().value; }

  bool may_sleep = true;
  bool reclaiming = false;
  int wakes = 0;
  int waits = 0;
  std::deque<Page> cached;
  std::vector<std::uint64_t> asked;       // what the cache was asked for, call by call
  std::function<void()> in_scan = [] {};  // what it does besides
  std::function<void()> waited = [this] { ++waits; };

 private:
  static Reclaim& of(void* self) { return *static_cast<Reclaim*>(self); }
  std::uint64_t scan(std::uint64_t frames) {
    asked.push_back(frames);
    in_scan();
    std::uint64_t given = 0;
    for (; given < frames && !cached.empty(); ++given) {
      EXPECT_EQ(free(cached.front()), Status::kOk);
      cached.pop_front();
    }
    return given;
  }

  labyrinth_shrinker shrinker_{this, [](void* self, std::uint64_t frames) { return of(self).scan(frames); }};
  Metadata metadata_;
  Allocator allocator_;
};

TEST_F(Reclaim, E2_WhoMaySleepIsServedFromWhatShrinkersGiveBack) {
  cache(60);
  const Page page = alloc(kKernel);
  EXPECT_EQ(page.status, Status::kOk);
  EXPECT_TRUE(page.wake);
  EXPECT_EQ(asked, std::vector<std::uint64_t>{1}) << "floor 4 + 1 asked for, 4 free: one is missing";
  EXPECT_EQ(free_frames(), 4) << "no more was given back than was needed";
  EXPECT_FALSE(reclaiming) << "the mark is gone again";
}

TEST_F(Reclaim, E2_ItAsksForMoreEachRoundAndForEverythingInTheEnd) {
  cache(60);
  // Frames of order 5 are wanted and none comes free before all are back.
  std::reverse(cached.begin(), cached.begin() + 32);
  for (int i = 0; i < 32; i += 2)
    std::swap(cached[static_cast<std::size_t>(i)], cached[static_cast<std::size_t>(59 - i)]);
  EXPECT_EQ(alloc(kKernel, 5).status, Status::kOk);
  for (std::size_t i = 1; i < asked.size(); ++i) EXPECT_GE(asked[i], 2 * asked[i - 1]);
  asked.clear();
  cached.clear();
  in_scan = [this] { cached.push_back(alloc(kMemalloc | kDirectReclaim)); };
  EXPECT_EQ(alloc(kKernel, 6).status, Status::kExhausted);
  ASSERT_EQ(asked.size(), LABYRINTH_RECLAIM_ROUNDS) << "each round seemed to give one frame back";
  EXPECT_EQ(asked.back(), UINT64_MAX);
}

TEST_F(Reclaim, E2_RefusedOnlyWhenShrinkersHaveNothingLeft) {
  cache(3);
  std::vector<Page> taken;
  for (Page page = alloc(kKernel); page.status == Status::kOk; page = alloc(kKernel)) taken.push_back(page);
  EXPECT_EQ(taken.size(), 60u) << "all but the frames below min";
  EXPECT_TRUE(cached.empty());
  EXPECT_EQ(alloc(kKernel).status, Status::kExhausted);
}

TEST_F(Reclaim, N1_AtomicRequestsAskNobody) {
  cache(60);
  for (const Gfp gfp : {kNowait, kNowait | kNomemalloc, Gfp{}})
    EXPECT_EQ(alloc(gfp).status, Status::kExhausted);
  while (alloc(kAtomic).status == Status::kOk) {
  }
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(cached.size(), 60u);
  may_sleep = false;
  EXPECT_EQ(alloc(kKernel).status, Status::kBadContext);
  EXPECT_EQ(alloc(kKernel | kNofail).status, Status::kBadContext);
  EXPECT_TRUE(asked.empty());
}

TEST_F(Reclaim, NoretryGoesOneRound) {
  cache(60);
  EXPECT_EQ(alloc(kKernel | kNoretry, 3).status, Status::kOk);
  EXPECT_EQ(asked.size(), 1u);
  asked.clear();
  std::swap(cached[0], cached[40]);
  EXPECT_NE(alloc(kKernel | kNoretry, 4).status, Status::kOk) << "one round did not free 16 in a row";
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_GE(asked[0], 16u);
  EXPECT_FALSE(cached.empty());
}

TEST_F(Reclaim, NofailWaitsUntilItIsServed) {
  std::vector<Page> taken;
  for (Page page = alloc(kMemalloc); page.status == Status::kOk; page = alloc(kMemalloc))
    taken.push_back(page);
  waited = [&] {
    ++waits;
    EXPECT_EQ(free(taken.back()), Status::kOk);
    taken.pop_back();
  };
  EXPECT_EQ(alloc(kKernel | kNofail).status, Status::kOk);
  EXPECT_EQ(waits, 5) << "four frames for the floor, and one for itself";
}

TEST_F(Reclaim, X2_NofailMustBeAbleToWaitAndToBeServed) {
  EXPECT_EQ(alloc(kNowait | kNofail).status, Status::kBadArgument) << "may not sleep";
  EXPECT_EQ(alloc(kKernel | kNofail | kNoretry).status, Status::kBadArgument) << "contradicts itself";
  EXPECT_EQ(alloc(kKernel | kNofail, 6).status, Status::kBadArgument) << "64 frames, of which 4 are kept";
  EXPECT_EQ(alloc(kKernel | kMemalloc | kNofail, 6).status, Status::kOk);
  EXPECT_EQ(waits, 0);
  EXPECT_TRUE(asked.empty());
}

TEST_F(Reclaim, WhatAShrinkerAllocatesDoesNotReclaimAgain) {
  cache(60);
  Status inner = Status::kOk;
  in_scan = [&] { inner = alloc(kKernel).status; };
  EXPECT_EQ(alloc(kKernel).status, Status::kOk);
  EXPECT_EQ(asked.size(), 1u) << "and not asked again from within";
  EXPECT_EQ(inner, Status::kExhausted);
  EXPECT_FALSE(reclaiming);
}

TEST_F(Reclaim, C3_WakesTheReclaimerExactlyWhenItSaysSo) {
  std::vector<Page> taken;
  for (int i = 0; i < 56; ++i) {
    taken.push_back(alloc(kNowait));
    EXPECT_FALSE(taken.back().wake);
  }
  EXPECT_EQ(wakes, 0);
  EXPECT_TRUE(alloc(kNowait).wake);
  EXPECT_EQ(wakes, 1);
  EXPECT_FALSE(alloc(kMemalloc).wake) << "not asked for";
  EXPECT_EQ(wakes, 1);
}

TEST_F(Reclaim, C3_BalanceStopsAtHighOrWhenNothingIsLeft) {
  cache(60);
  EXPECT_EQ(labyrinth_balance(handle()), LABYRINTH_OK);
  EXPECT_EQ(free_frames(), 16);
  asked.clear();
  EXPECT_EQ(labyrinth_balance(handle()), LABYRINTH_OK);
  EXPECT_TRUE(asked.empty());
  cached.resize(2);
  while (alloc(kMemalloc).status == Status::kOk) {
  }
  EXPECT_EQ(labyrinth_balance(handle()), LABYRINTH_EXHAUSTED);
  EXPECT_EQ(free_frames(), 2);
  may_sleep = false;
  EXPECT_EQ(labyrinth_balance(handle()), LABYRINTH_BAD_CONTEXT);
  EXPECT_EQ(labyrinth_balance(nullptr), LABYRINTH_BAD_ARGUMENT);
}

TEST_F(Reclaim, ShrinkersComeAndGoExactly) {
  labyrinth_shrinker other{nullptr, [](void*, std::uint64_t) -> std::uint64_t { return 0; }};
  EXPECT_EQ(labyrinth_unregister_shrinker(handle(), &other), LABYRINTH_BAD_ARGUMENT);
  for (unsigned i = 1; i < LABYRINTH_MAX_SHRINKERS; ++i) {
    EXPECT_EQ(labyrinth_register_shrinker(handle(), &other), LABYRINTH_OK);
  }
  EXPECT_EQ(labyrinth_register_shrinker(handle(), &other), LABYRINTH_EXHAUSTED);
  for (unsigned i = 1; i < LABYRINTH_MAX_SHRINKERS; ++i) {
    EXPECT_EQ(labyrinth_unregister_shrinker(handle(), &other), LABYRINTH_OK);
  }
  EXPECT_EQ(labyrinth_unregister_shrinker(handle(), &other), LABYRINTH_BAD_ARGUMENT);
  const labyrinth_shrinker none{};
  EXPECT_EQ(labyrinth_register_shrinker(handle(), &none), LABYRINTH_BAD_ARGUMENT);
  EXPECT_EQ(labyrinth_register_shrinker(nullptr, &other), LABYRINTH_BAD_ARGUMENT);
  EXPECT_EQ(labyrinth_register_shrinker(handle(), nullptr), LABYRINTH_BAD_ARGUMENT);
  may_sleep = false;
  EXPECT_EQ(labyrinth_register_shrinker(handle(), &other), LABYRINTH_BAD_CONTEXT);
  EXPECT_EQ(labyrinth_unregister_shrinker(handle(), &other), LABYRINTH_BAD_CONTEXT);
}

TEST_F(Reclaim, AShrinkerThatRunsIsNotUnregistered) {
  labyrinth_shrinker self{};
  struct Of {
    labyrinth_allocator* allocator;
    labyrinth_shrinker* shrinker;
    labyrinth_status status;
  } of{handle(), &self, LABYRINTH_OK};
  self = {&of, [](void* arg, std::uint64_t) -> std::uint64_t {
            Of& mine = *static_cast<Of*>(arg);
            mine.status = labyrinth_unregister_shrinker(mine.allocator, mine.shrinker);
            return 0;
          }};
  ASSERT_EQ(labyrinth_register_shrinker(handle(), &self), LABYRINTH_OK);
  cached.clear();
  while (alloc(kMemalloc).status == Status::kOk) {
  }
  EXPECT_EQ(alloc(kKernel).status, Status::kExhausted);
  EXPECT_EQ(of.status, LABYRINTH_CONTENDED);
  EXPECT_EQ(labyrinth_unregister_shrinker(handle(), &self), LABYRINTH_OK);
}

TEST(ReclaimWithoutAPort, NothingIsReclaimedAndNofailIsRefused) {
  Config config = with_marks();
  TestMemory memory(config);
  const labyrinth_shrinker shrinker{nullptr, [](void*, std::uint64_t) -> std::uint64_t { return 1; }};
  EXPECT_EQ(labyrinth_register_shrinker(memory.allocator().handle(), &shrinker), LABYRINTH_BAD_ARGUMENT);
  EXPECT_EQ(memory.alloc(kKernel | kNofail).status, Status::kBadArgument);
  EXPECT_EQ(memory.take_all(kKernel).size(), 60u);
  EXPECT_EQ(labyrinth_balance(memory.allocator().handle()), LABYRINTH_EXHAUSTED);
}

}  // namespace
}  // namespace labyrinth::test
