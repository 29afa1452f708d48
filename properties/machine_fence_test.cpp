// M1: fences. Thread fences order contexts of any CPU, signal fences only a handler with the code it
// interrupts.
#include <gtest/gtest.h>

#include "machine_race_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

class MachineFence : public MachineRace {};

TEST_F(MachineFence, M1_ThreadFencesOrderRelaxedAccesses) {
  for (int fences = 0; fences < 4; ++fences) {
    const Clause found = message(
        [&] {
          data_.write(1);
          if ((fences & 1) != 0) __tsan_atomic_thread_fence(kRelease);
          flag_.store(1, kRelaxed);
        },
        [&] {
          flag_.load(kRelaxed);
          if ((fences & 2) != 0) __tsan_atomic_thread_fence(kAcquire);
          data_.read();
        });
    EXPECT_EQ(found, fences == 3 ? Clause::kNone : Clause::M1) << fences;
  }
}

TEST_F(MachineFence, M1_AFenceOrdersOnlyWhatIsOnItsRightSide) {
  EXPECT_EQ(message(
                [&] {
                  __tsan_atomic_thread_fence(kRelease);
                  data_.write(1);
                  flag_.store(1, kRelaxed);
                },
                [&] {
                  flag_.load(kAcquire);
                  data_.read();
                }),
            Clause::M1);
  EXPECT_EQ(message(
                [&] {
                  data_.write(1);
                  flag_.store(1, kRelease);
                },
                [&] {
                  flag_.load(kRelaxed);
                  data_.read();
                  __tsan_atomic_thread_fence(kAcquire);
                }),
            Clause::M1);
}

TEST_F(MachineFence, M1_FencesPairWithReleaseStoresAndAcquireLoads) {
  for (const bool fence_first : {false, true}) {
    EXPECT_EQ(message(
                  [&] {
                    data_.write(1);
                    if (fence_first) __tsan_atomic_thread_fence(kAcqRel);
                    flag_.store(1, fence_first ? kRelaxed : kRelease);
                  },
                  [&] {
                    flag_.load(fence_first ? kAcquire : kRelaxed);
                    if (!fence_first) __tsan_atomic_thread_fence(kSeqCst);
                    data_.read();
                  }),
              Clause::kNone);
  }
}

TEST_F(MachineFence, M1_SignalFencesOrderAHandlerWithTheCodeItInterrupts) {
  for (int fences = 0; fences < 4; ++fences) {
    const auto task = [&, fences] {
      data_.write(1);
      if ((fences & 1) != 0) __tsan_atomic_signal_fence(kRelease);
      flag_.store(1, kRelaxed);
      other_.load(kRelaxed);
    };
    const auto handler = [&, fences] {
      flag_.load(kRelaxed);
      if ((fences & 2) != 0) __tsan_atomic_signal_fence(kAcquire);
      data_.read();
    };
    EXPECT_EQ(interrupted(task, handler, 2), fences == 3 ? Clause::kNone : Clause::M1) << fences;
    EXPECT_EQ(message(task, handler), Clause::M1) << "signal fences order no two CPUs";
  }
}

TEST_F(MachineFence, M1_SignalFencesPairWithReleaseStoresAcquireLoadsAndThreadFences) {
  enum class How { kAtomic, kThreadFence, kSignalFence };
  for (const How writer : {How::kAtomic, How::kThreadFence, How::kSignalFence}) {
    for (const How reader : {How::kAtomic, How::kThreadFence, How::kSignalFence}) {
      const auto task = [&, writer] {
        data_.write(1);
        if (writer == How::kThreadFence) __tsan_atomic_thread_fence(kRelease);
        if (writer == How::kSignalFence) __tsan_atomic_signal_fence(kRelease);
        flag_.store(1, writer == How::kAtomic ? kRelease : kRelaxed);
        other_.load(kRelaxed);
      };
      const auto handler = [&, reader] {
        flag_.load(reader == How::kAtomic ? kAcquire : kRelaxed);
        if (reader == How::kThreadFence) __tsan_atomic_thread_fence(kAcquire);
        if (reader == How::kSignalFence) __tsan_atomic_signal_fence(kAcquire);
        data_.read();
      };
      EXPECT_EQ(interrupted(task, handler, 2), Clause::kNone)
          << static_cast<int>(writer) << ' ' << static_cast<int>(reader);
      const bool signal = writer == How::kSignalFence || reader == How::kSignalFence;
      EXPECT_EQ(message(task, handler), signal ? Clause::M1 : Clause::kNone)
          << static_cast<int>(writer) << ' ' << static_cast<int>(reader);
    }
  }
}

}  // namespace
}  // namespace labyrinth::machine::testing
