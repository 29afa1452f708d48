// M1: happens-before as C++20 has it, from the memory orders that the code names; handlers are threads of
// their own.
//
// The machine shows sequentially consistent values only: each test puts the accesses in the order in which
// the reader sees the writer's flag, and asks whether what orders them was said.
#include <gtest/gtest.h>

#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

using model::Clause;

class MachineRace : public ::testing::Test {
 protected:
  Location data_, flag_, other_;
  Scenario scenario_;

  /// Writer on CPU 0, then reader on CPU 1: the default order.
  Clause message(Scenario::Body writer, Scenario::Body reader) {
    Scenario scenario;
    scenario.task(0, std::move(writer)).task(1, std::move(reader));
    return scenario.run(3).violation.clause;
  }
  /// A task interrupted by a hardirq of the same CPU before its `access`-th access.
  Clause interrupted(Scenario::Body task, Scenario::Body handler, std::uint16_t access) {
    Scenario scenario;
    scenario.task(0, std::move(task)).handler(Level::kHardirq, 0, std::move(handler));
    scenario.depart(0, access, Kind::kInterrupt, static_cast<std::uint8_t>(Level::kHardirq));
    const Outcome& outcome = scenario.run();
    EXPECT_EQ(outcome.unmatched, 0);
    return outcome.violation.clause;
  }
};

TEST_F(MachineRace, M1_MessagePassingNeedsReleaseAndAcquire) {
  for (const int store : {kRelaxed, kRelease, kSeqCst}) {
    for (const int load : {kRelaxed, kAcquire, kSeqCst}) {
      const Clause found = message(
          [&] {
            data_.write(1);
            flag_.store(1, store);
          },
          [&] {
            if (flag_.load(load) == 1) data_.read();
          });
      const bool ordered = store != kRelaxed && load != kRelaxed;
      EXPECT_EQ(found, ordered ? Clause::kNone : Clause::M1) << store << ' ' << load;
    }
  }
}

TEST_F(MachineRace, M1_ARaceNamesBothContexts) {
  scenario_.task(0, [] {}).task(0, [&] { data_.write(1); }).task(1, [&] { data_.write(2); });
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.kind, Outcome::Kind::kViolation);
  EXPECT_EQ(outcome.violation.clause, Clause::M1);
  EXPECT_EQ(outcome.violation.context, 2);
  EXPECT_EQ(outcome.violation.call, 2);
  EXPECT_EQ(outcome.violation.other, 1);
}

TEST_F(MachineRace, M1_EveryConflictingPairOfAccessesRacesAndNoOther) {
  enum Access { kRead, kWrite, kLoad, kStore, kModify, kVolatileRead, kVolatileWrite, kCount };
  const auto make = [this](int access) -> Scenario::Body {
    switch (access) {
      case kRead:
        return [this] { data_.read(); };
      case kWrite:
        return [this] { data_.write(1); };
      case kLoad:
        return [this] { data_.load(kSeqCst); };
      case kStore:
        return [this] { data_.store(1, kSeqCst); };
      case kModify:
        return [this] { data_.add(1, kSeqCst); };
      case kVolatileRead:
        return [this] { data_.read_volatile(); };
      default:
        return [this] { data_.write_volatile(1); };
    }
  };
  const auto writes = [](int access) {
    return access == kWrite || access == kStore || access == kModify || access == kVolatileWrite;
  };
  for (int first = 0; first < kCount; ++first) {
    for (int second = 0; second < kCount; ++second) {
      const bool plain = first <= kWrite || second <= kWrite;
      const bool races = plain && (writes(first) || writes(second));
      EXPECT_EQ(message(make(first), make(second)), races ? Clause::M1 : Clause::kNone)
          << first << ' ' << second;
      // The same location, accessed by one context, in any way: no race.
      const auto one = make(first), two = make(second);
      EXPECT_EQ(message([&] { one(), two(); }, [] {}), Clause::kNone) << first << ' ' << second;
    }
  }
}

TEST_F(MachineRace, M1_ThreadFencesOrderRelaxedAccesses) {
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

TEST_F(MachineRace, M1_AFenceOrdersOnlyWhatIsOnItsRightSide) {
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

TEST_F(MachineRace, M1_FencesPairWithReleaseStoresAndAcquireLoads) {
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

TEST_F(MachineRace, M1_SignalFencesOrderAHandlerWithTheCodeItInterrupts) {
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

TEST_F(MachineRace, M1_SignalFencesPairWithReleaseStoresAcquireLoadsAndThreadFences) {
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

TEST_F(MachineRace, M1_AHandlerAndTheCodeItInterruptsRaceWithoutAtomics) {
  EXPECT_EQ(interrupted(
                [&] {
                  data_.write(1);
                  other_.load(kRelaxed);
                  data_.write(2);
                },
                [&] { data_.write(3); }, 1),
            Clause::M1);
  EXPECT_EQ(interrupted(
                [&] {
                  other_.load(kRelaxed);
                  data_.read();
                },
                [&] { data_.write(3); }, 1),
            Clause::M1)
      << "after the handler too";
}

TEST_F(MachineRace, M1_ReadModifyWritesOfOthersGoOnWithAReleaseSequence) {
  for (const bool rmw : {true, false}) {
    Scenario scenario;
    scenario.task(0, [&] {
      data_.write(1);
      flag_.store(1, kRelease);
    });
    scenario.task(1,
                  [&, rmw] { rmw ? static_cast<void>(flag_.add(1, kRelaxed)) : flag_.store(2, kRelaxed); });
    scenario.task(2, [&] {
      EXPECT_EQ(flag_.load(kAcquire), 2U);
      data_.read();
    });
    EXPECT_EQ(scenario.run(3).violation.clause, rmw ? Clause::kNone : Clause::M1) << rmw;
  }
}

TEST_F(MachineRace, M1_ARelaxedStoreOfTheSameThreadBreaksItsReleaseSequence) {
  EXPECT_EQ(message(
                [&] {
                  data_.write(1);
                  flag_.store(1, kRelease);
                  flag_.store(2, kRelaxed);  // C++20, unlike C++11
                },
                [&] {
                  flag_.load(kAcquire);
                  data_.read();
                }),
            Clause::M1);
}

TEST_F(MachineRace, M1_AFailedCompareExchangeReleasesNothing) {
  const auto write_and_exchange = [&](std::uint32_t expected) {
    return [&, expected] {
      data_.write(1);
      flag_.compare_exchange(expected, 1, false);
    };
  };
  const auto read = [&] {
    flag_.load(kAcquire);
    data_.read();
  };
  flag_.store(0, kRelaxed);
  EXPECT_EQ(message(write_and_exchange(7), read), Clause::M1);
  EXPECT_EQ(message(write_and_exchange(0), read), Clause::kNone);
}

TEST_F(MachineRace, M1_HappensBeforeIsTransitiveAndNotSymmetric) {
  Scenario scenario;
  scenario.task(0, [&] {
    data_.write(1);
    flag_.store(1, kRelease);
  });
  scenario.task(1, [&] {
    flag_.load(kAcquire);
    other_.store(1, kRelease);
  });
  scenario.task(2, [&] {
    other_.load(kAcquire);
    data_.write(2);
  });
  EXPECT_EQ(scenario.run(3).violation.clause, Clause::kNone);
  EXPECT_EQ(message(
                [&] {
                  flag_.store(1, kRelease);
                  data_.write(1);  // after the release
                },
                [&] {
                  flag_.load(kAcquire);
                  data_.read();
                }),
            Clause::M1);
}

TEST_F(MachineRace, M1_TheOwnStackIsNobodyElses) {
  scenario_.task(0, [&] {
    Location local;
    local.write(1);
    other_.load(kRelaxed);
    local.write(2);
  });
  scenario_.task(1, [] {
    Location local;
    local.write(1);
  });
  EXPECT_EQ(scenario_.run().violation.clause, Clause::kNone);
}

}  // namespace
}  // namespace labyrinth::machine::testing
