// M1: happens-before as C++20 has it, from the memory orders that the code names; handlers are threads of
// their own.
//
// The machine shows sequentially consistent values only: each test puts the accesses in the order in which
// the reader sees the writer's flag, and asks whether what orders them was said.
#include <gtest/gtest.h>

#include "machine_race_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

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

TEST_F(MachineRace, M1_AReadModifyWriteIsOnlyWhatItsOrderSays) {
  for (const int writer : {kRelaxed, kAcquire, kRelease, kAcqRel, kSeqCst}) {
    for (const int reader : {kRelaxed, kAcquire, kRelease, kAcqRel, kSeqCst}) {
      const Clause found = message(
          [&] {
            data_.write(1);
            flag_.add(1, writer);
          },
          [&] {
            flag_.add(1, reader);
            data_.read();
          });
      const bool ordered = writer >= kRelease && (reader == kAcquire || reader >= kAcqRel);
      EXPECT_EQ(found, ordered ? Clause::kNone : Clause::M1) << writer << ' ' << reader;
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
