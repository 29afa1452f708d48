// N4: a signal handler, the user's stand-in for an interrupt, calls into the objects that it interrupted.
#include <gtest/gtest.h>
#include <sys/time.h>

#include <atomic>
#include <csignal>

#include "object_fixture.hpp"

namespace labyrinth::test {
namespace {

Objects interrupted_objects;
std::atomic<std::uint32_t> interrupts{0};
std::atomic<std::uint32_t> surprises{0};

// Interrupts allocate what they can and free it again; a lone interrupt never meets a conflict of its own
// making.
void interrupt(int) {
  const std::uint32_t n = interrupts.fetch_add(1, std::memory_order_relaxed);
  const ObjectAnswer answer = interrupted_objects.kmalloc(kAtomic | kMemalloc, Bytes{16u << (n % 10)});
  if (n % 3 == 0) interrupted_objects.trim();
  if (answer.status == Status::kOk) {
    if (interrupted_objects.kfree(answer.address) != Status::kOk) surprises.fetch_add(1);
    if (interrupted_objects.kfree(Address{answer.address.value + 8}) != Status::kBadArgument) {
      surprises.fetch_add(1);
    }
  } else if (answer.status == Status::kContended) {
    surprises.fetch_add(1);  // E3: whoever was interrupted took no step during this call
  }
}

TEST(ObjectSignals, N4_X4_E3_CallsNestInInterruptedCalls) {
  TestObjects objects({.first_pfn = 7, .frames = 100});
  interrupted_objects = *objects;
  struct sigaction action{};
  action.sa_handler = interrupt;
  ASSERT_EQ(sigaction(SIGALRM, &action, nullptr), 0);
  const itimerval every{{0, 50}, {0, 50}};
  ASSERT_EQ(setitimer(ITIMER_REAL, &every, nullptr), 0);
  for (std::uint32_t i = 0; i < 300000; ++i) {
    const ObjectAnswer answer = objects->kmalloc(kMemalloc, Bytes{16u << (i % 10)});
    if (answer.status == Status::kOk) {
      EXPECT_EQ(objects->kfree(answer.address), Status::kOk);
    }
  }
  const itimerval never{};
  ASSERT_EQ(setitimer(ITIMER_REAL, &never, nullptr), 0);
  ASSERT_NE(signal(SIGALRM, SIG_IGN), SIG_ERR);
  EXPECT_GT(interrupts.load(), 0u);
  EXPECT_EQ(surprises.load(), 0u);
  objects.expect_nothing_is_lost();
}

}  // namespace
}  // namespace labyrinth::test
