// C3 with a real thread and real signals: a wake-up is never lost, and a handler may send it.
#include "labyrinth/reclaimer.hpp"

#include <sys/time.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <thread>
#include <vector>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

thread_local std::atomic<bool> in_handler{false};

// 256 frames: min 16, low 64, high 128; and a cache that any thread or handler puts frames into and any
// shrinker takes out of: a word per frame of the zone.
class Cached {
 public:
  Cached() : slots_(kFrames) {
    Config config{};
    config.zones[LABYRINTH_ZONE_NORMAL] = {kFrames, 16, 64, 128, 0, 0};
    config.max_order = 0;
    config.cpus = 1;
    Port& port = config.port;
    port.self = this;
    port.cpu = [](void*) { return 0U; };
    port.may_sleep = [](void*) { return !in_handler.load(std::memory_order_relaxed); };
    port.set_reclaiming = userland::set_reclaiming;
    port.wait = userland::wait;
    port.wake_reclaimer = [](void* self) { static_cast<Cached*>(self)->reclaimer.wake(); };
    const std::size_t size = Allocator::metadata_size(config);
    metadata_ = make_metadata(size);
    allocator = Allocator::init(config, metadata_.get(), size);
    EXPECT_EQ(labyrinth_register_shrinker(allocator.handle(), &shrinker_), LABYRINTH_OK);
  }

  ~Cached() { reclaimer.stop(); }
  Cached(const Cached&) = delete;
  Cached& operator=(const Cached&) = delete;

  // Allocates a frame and puts it into the cache.
  bool fill_one(Gfp gfp) {
    Page page;
    allocator.alloc_page(gfp, Order{0}, page);
    if (page.status == Status::kOk) slots_[page.pfn.value].store(true, std::memory_order_release);
    return page.status == Status::kOk;
  }
  [[nodiscard]] std::int64_t free_frames() const { return allocator.free_frames().value; }
  [[nodiscard]] bool becomes(std::int64_t frames) const {
    for (int i = 0; i < 20000 && free_frames() < frames; ++i) userland::wait(nullptr);
    return free_frames() >= frames;
  }

  static constexpr std::uint64_t kFrames = 256;
  Reclaimer reclaimer;
  Allocator allocator;
  std::atomic<std::uint64_t> wrong{0};  // frees that were refused, shrinkers in handlers

 private:
  std::uint64_t scan(std::uint64_t frames) {
    if (in_handler.load(std::memory_order_relaxed)) wrong.fetch_add(1);
    std::uint64_t given = 0;
    for (std::uint64_t pfn = 0; pfn < kFrames && given < frames; ++pfn) {
      if (!slots_[pfn].exchange(false, std::memory_order_acq_rel)) continue;
      if (allocator.free_page(Pfn{pfn}, Order{0}) != Status::kOk) wrong.fetch_add(1);
      ++given;
    }
    return given;
  }

  std::vector<std::atomic<bool>> slots_;
  Metadata metadata_;
  labyrinth_shrinker shrinker_{
      this, [](void* self, std::uint64_t frames) { return static_cast<Cached*>(self)->scan(frames); }};
};

TEST(Reclaimer, C3_IsWokenBelowLowAndStopsAtHigh) {
  Cached memory;
  ASSERT_TRUE(memory.reclaimer.start(memory.allocator.handle()));
  EXPECT_FALSE(memory.reclaimer.start(memory.allocator.handle())) << "it runs already";
  for (int round = 0; round < 300; ++round) {
    while (memory.free_frames() >= 64) ASSERT_TRUE(memory.fill_one(kNowait));
    ASSERT_TRUE(memory.becomes(128)) << "a wake-up was lost in round " << round;
  }
  EXPECT_GE(memory.reclaimer.balances(), 300u);
  memory.reclaimer.stop();
  memory.reclaimer.stop();
  EXPECT_EQ(memory.wrong.load(), 0u);
}

TEST(Reclaimer, C3_AWakeUpBeforeTheStartCounts) {
  Cached memory;
  while (memory.free_frames() >= 64) ASSERT_TRUE(memory.fill_one(kNowait));
  ASSERT_TRUE(memory.reclaimer.start(memory.allocator.handle()));
  EXPECT_TRUE(memory.becomes(128));
}

Cached* interrupted = nullptr;

void interrupt(int) {
  in_handler.store(true, std::memory_order_relaxed);
  static_cast<void>(interrupted->fill_one(kAtomic));
  in_handler.store(false, std::memory_order_relaxed);
}

// Handlers take frames below the low mark and wake; the threads they interrupt reclaim directly meanwhile.
TEST(Reclaimer, N1_N4_C3_HandlersWakeAndDoNotReclaim) {
  Cached memory;
  interrupted = &memory;
  ASSERT_TRUE(memory.reclaimer.start(memory.allocator.handle()));
  struct sigaction action{};
  action.sa_handler = interrupt;
  ASSERT_EQ(sigaction(SIGALRM, &action, nullptr), 0);
  const itimerval every{{0, 100}, {0, 100}};
  ASSERT_EQ(setitimer(ITIMER_REAL, &every, nullptr), 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&memory] {
      for (int k = 0; k < 20000; ++k)
        static_cast<void>(memory.fill_one(k % 8 == 0 ? kKernel | kNofail : kKernel));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const itimerval never{};
  ASSERT_EQ(setitimer(ITIMER_REAL, &never, nullptr), 0);
  ASSERT_NE(signal(SIGALRM, SIG_IGN), SIG_ERR);
  while (memory.free_frames() >= 64) static_cast<void>(memory.fill_one(kNowait));
  EXPECT_TRUE(memory.becomes(128));
  memory.reclaimer.stop();
  EXPECT_EQ(memory.wrong.load(), 0u);
}

// A shrinker that comes and goes while others run it: after it is gone nobody is in it.
TEST(Reclaimer, UnregisteredMeansNobodyIsInIt) {
  Cached memory;
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!over.load()) static_cast<void>(memory.fill_one(kKernel));
    });
  }
  struct Passing {
    std::atomic<bool> registered{false};
    std::atomic<std::uint64_t> runs{0}, late{0};
  } passing;
  const labyrinth_shrinker shrinker{&passing, [](void* self, std::uint64_t) -> std::uint64_t {
                                      Passing& mine = *static_cast<Passing*>(self);
                                      mine.runs.fetch_add(1);
                                      sched_yield();
                                      if (!mine.registered.load()) mine.late.fetch_add(1);
                                      return 0;
                                    }};
  // The memory's own shrinker comes first, so that this one is asked when that one has too little.
  for (int i = 0; i < 2000; ++i) {
    passing.registered.store(true);
    ASSERT_EQ(labyrinth_register_shrinker(memory.allocator.handle(), &shrinker), LABYRINTH_OK);
    while (memory.free_frames() >= 16 && memory.fill_one(kNowait)) {
    }
    Page page;
    memory.allocator.alloc_page(kKernel | kNoretry, Order{0}, page);
    if (page.status == Status::kOk) static_cast<void>(memory.allocator.free_page(page.pfn, page.order));
    while (labyrinth_unregister_shrinker(memory.allocator.handle(), &shrinker) != LABYRINTH_OK) sched_yield();
    passing.registered.store(false);
  }
  over.store(true);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passing.late.load(), 0u);
}

}  // namespace
}  // namespace labyrinth::test
