// N4: a signal handler, the user's stand-in for an interrupt, calls into the zone that it interrupted.
#include <gtest/gtest.h>
#include <sys/time.h>

#include <atomic>
#include <csignal>

#include "zone_fixture.hpp"

namespace labyrinth::test {
namespace {

Allocator interrupted_zone;
std::atomic<std::uint32_t> interrupts{0};
std::atomic<std::uint32_t> surprises{0};

// Interrupts allocate what they can and free it again; a lone interrupt never meets a conflict of its own
// making.
void interrupt(int) {
  const std::uint32_t n = interrupts.fetch_add(1, std::memory_order_relaxed);
  Page page;
  interrupted_zone.alloc_page(kAtomic | kMemalloc, Order{n % 7}, page);
  if (page.status == Status::kOk) {
    if (interrupted_zone.free_page(page.pfn, page.order) != Status::kOk) surprises.fetch_add(1);
  } else if (page.status == Status::kContended) {
    surprises.fetch_add(1);  // E3: whoever was interrupted took no step during this call
  }
}

TEST(Signals, N4_X4_E3_CallsNestInInterruptedCalls) {
  TestZone zone({.first_pfn = 7, .frames = 300, .max_order = 6});
  interrupted_zone = *zone;
  struct sigaction action{};
  action.sa_handler = interrupt;
  ASSERT_EQ(sigaction(SIGALRM, &action, nullptr), 0);
  const itimerval every{{0, 50}, {0, 50}};
  ASSERT_EQ(setitimer(ITIMER_REAL, &every, nullptr), 0);
  for (std::uint32_t i = 0; i < 300000; ++i) {
    const Page page = zone.alloc(kMemalloc, i % 7);
    if (page.status == Status::kOk) {
      EXPECT_EQ(zone.free(page), Status::kOk);
    }
  }
  const itimerval never{};
  ASSERT_EQ(setitimer(ITIMER_REAL, &never, nullptr), 0);
  ASSERT_NE(signal(SIGALRM, SIG_IGN), SIG_ERR);
  EXPECT_GT(interrupts.load(), 0u);
  EXPECT_EQ(surprises.load(), 0u);
  zone.expect_nothing_is_lost();
}

}  // namespace
}  // namespace labyrinth::test
