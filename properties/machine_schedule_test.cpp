// Schedules: what each departure does, where it is possible, and that a run is a pure function of its
// schedule.
#include <gtest/gtest.h>

#include <algorithm>

#include "labyrinth/machine/machine.h"
#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

/// A body of three accesses that writes its letter after each.
Scenario::Body three(Scenario& scenario, Location& location, char letter) {
  return [&scenario, &location, letter] {
    for (int i = 0; i < 3; ++i) {
      location.add(1, kRelaxed);
      scenario.log += letter;
    }
  };
}

class MachineSchedule : public ::testing::Test {
 public:
  Location x_;
  Scenario scenario_;
  MachineSchedule& three_on(std::uint8_t cpu, char letter) {
    scenario_.task(cpu, three(scenario_, x_, letter));
    return *this;
  }
};

TEST_F(MachineSchedule, DefaultOrderIsCpuByCpuTasksThenHandlers) {
  three_on(0, 'a').three_on(1, 'b').three_on(0, 'c');
  scenario_.handler(Level::kHardirq, 0, three(scenario_, x_, 'h'));
  scenario_.handler(Level::kSoftirq, 1, three(scenario_, x_, 's'));
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.kind, Outcome::Kind::kClean);
  EXPECT_EQ(scenario_.log, "aaaccchhhbbbsss");
  EXPECT_EQ(outcome.accesses, 15U);
  EXPECT_EQ(outcome.departure_count, 0);
  EXPECT_EQ(outcome.unmatched, 0);
  EXPECT_EQ(x_.peek(), 15U);
}

TEST_F(MachineSchedule, SwitchesCpuBeforeTheNthAccess) {
  const char* const expected[] = {"bbbaaa", "bbbaaa", "abbbaa", "aabbba"};
  for (std::uint16_t access = 0; access <= 3; ++access) {
    Location x;
    Scenario scenario;
    scenario.task(0, three(scenario, x, 'a'))
        .task(1, three(scenario, x, 'b'))
        .depart(0, access, Kind::kCpu, 1);
    const Outcome& outcome = scenario.run();
    EXPECT_EQ(scenario.log, expected[access]) << access;
    ASSERT_EQ(outcome.departure_count, 1);
    EXPECT_EQ(outcome.departures[0], (Departure{0, access, {Kind::kCpu, 1}}));
  }
}

TEST_F(MachineSchedule, SwitchesBackAndForth) {
  three_on(0, 'a').three_on(1, 'b');
  scenario_.depart(0, 2, Kind::kCpu, 1).depart(0, 3, Kind::kCpu, 1).depart(1, 2, Kind::kCpu, 0);
  EXPECT_EQ(scenario_.run().departure_count, 3);
  EXPECT_EQ(scenario_.log, "ababba");
}

TEST_F(MachineSchedule, SeveralDeparturesAtOnePointHappenInTheirOrder) {
  three_on(0, 'a').three_on(1, 'b').three_on(2, 'c');
  scenario_.depart(0, 2, Kind::kCpu, 1).depart(0, 2, Kind::kCpu, 2).depart(1, 2, Kind::kCpu, 0);
  const Outcome& outcome = scenario_.run(3);
  EXPECT_EQ(scenario_.log, "abcccaabb");
  EXPECT_EQ(outcome.departure_count, 3);
}

TEST_F(MachineSchedule, PreemptsByAnotherTaskOfTheCpu) {
  three_on(0, 'a').three_on(0, 'b');
  scenario_.depart(0, 3, Kind::kTask, 1);
  EXPECT_EQ(scenario_.run().unmatched, 0);
  EXPECT_EQ(scenario_.log, "aabbba");
}

TEST_F(MachineSchedule, ATaskOfAnotherCpuCannotPreempt) {
  three_on(0, 'a').three_on(1, 'b');
  scenario_.depart(0, 3, Kind::kTask, 1);
  EXPECT_EQ(scenario_.run().unmatched, 1);
  EXPECT_EQ(scenario_.log, "aaabbb");
}

TEST_F(MachineSchedule, PreemptionAndMigrationAreHeldBackByEveryMask) {
  struct Mask {
    void (*close)();
    void (*open)();
  };
  const Mask masks[] = {
      {[] { labyrinth_machine_preempt_disable(); }, [] { labyrinth_machine_preempt_enable(); }},
      {[] { labyrinth_machine_bh_disable(); }, [] { labyrinth_machine_bh_enable(); }},
      {[] { static_cast<void>(labyrinth_machine_irq_save()); }, [] { labyrinth_machine_irq_restore(true); }}};
  for (const Mask& mask : masks) {
    Location x;
    Scenario scenario;
    scenario.task(0, [&] {
      mask.close();
      x.add(1, kRelaxed);  // 1: not here
      scenario.log += 'a';
      mask.close();
      mask.open();
      x.add(1, kRelaxed);  // 2: nor here, masks nest
      scenario.log += 'a';
      mask.open();
      x.add(1, kRelaxed);  // 3: here
      scenario.log += 'a';
    });
    scenario.task(0, three(scenario, x, 'b')).task(1, three(scenario, x, 'c'));
    scenario.depart(0, 1, Kind::kTask, 1).depart(0, 1, Kind::kMigrate, 1);
    scenario.depart(0, 2, Kind::kTask, 1).depart(0, 2, Kind::kMigrate, 1);
    scenario.depart(0, 3, Kind::kTask, 1);
    EXPECT_EQ(scenario.run().unmatched, 4);
    EXPECT_EQ(scenario.log, "aabbbaccc");
  }
}

TEST_F(MachineSchedule, AHandlerIsNotPreemptedByTasks) {
  scenario_.handler(Level::kSoftirq, 0, three(scenario_, x_, 's'));
  three_on(0, 'a').three_on(0, 'b');
  scenario_.depart(0, 2, Kind::kTask, 2).depart(0, 3, Kind::kMigrate, 1).depart(1, 2, Kind::kInterrupt, 1);
  EXPECT_EQ(scenario_.run().unmatched, 2);
  EXPECT_EQ(scenario_.log, "asssaabbb");
}

TEST_F(MachineSchedule, MigrationChangesTheCpuNumberAndNothingElse) {
  std::vector<std::uint32_t> cpus;
  scenario_.task(0, [&] {
    for (int i = 0; i < 3; ++i) {
      cpus.push_back(labyrinth_machine_cpu());
      x_.add(1, kRelaxed);
      cpus.push_back(labyrinth_machine_cpu());
      scenario_.log += 'a';
    }
  });
  three_on(1, 'b').three_on(0, 'c');
  scenario_.depart(0, 2, Kind::kMigrate, 1);
  EXPECT_EQ(scenario_.run().unmatched, 0);
  EXPECT_EQ(cpus, (std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(scenario_.log, "aaabbbccc");
}

TEST_F(MachineSchedule, MigrationPreemptsTheTaskOfTheOtherCpuWhichGoesOnLater) {
  three_on(0, 'a').three_on(1, 'b');
  // a runs one access, then b runs one, then a migrates on top of b, is preempted by b, and ends after it.
  scenario_.depart(0, 2, Kind::kCpu, 1).depart(0, 2, Kind::kMigrate, 1).depart(0, 3, Kind::kTask, 1);
  scenario_.depart(1, 2, Kind::kCpu, 0);
  EXPECT_EQ(scenario_.run().unmatched, 0);
  EXPECT_EQ(scenario_.log, "ababba");
}

TEST_F(MachineSchedule, CannotMigrateOntoACpuThatMayNotBePreempted) {
  three_on(0, 'a');
  scenario_.task(1, [&] {
    labyrinth_machine_preempt_disable();
    x_.add(1, kRelaxed);
    scenario_.log += 'b';
    labyrinth_machine_preempt_enable();
  });
  scenario_.depart(0, 1, Kind::kCpu, 1).depart(0, 1, Kind::kMigrate, 1).depart(1, 1, Kind::kCpu, 0);
  EXPECT_EQ(scenario_.run().unmatched, 1);
  EXPECT_EQ(scenario_.log, "aaab");
}

TEST_F(MachineSchedule, ImpossibleDeparturesAreCountedAndChangeNothing) {
  three_on(0, 'a').three_on(1, 'b');
  scenario_.depart(0, 0, Kind::kCpu, 0)
      .depart(0, 1, Kind::kCpu, 3)
      .depart(0, 1, Kind::kCpu, 200)
      .depart(0, 2, Kind::kTask, 0)
      .depart(0, 2, Kind::kTask, 77)
      .depart(0, 2, Kind::kInterrupt, 2)
      .depart(0, 2, Kind::kInterrupt, 0)
      .depart(0, 3, Kind::kInterrupt, 99)
      .depart(0, 3, Kind::kMigrate, 0)
      .depart(0, 3, Kind::kMigrate, 2)
      .depart(0, 3, Kind::kSpurious)
      .depart(1, 1, Kind::kCpu, 0);
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(outcome.kind, Outcome::Kind::kClean);
  EXPECT_EQ(outcome.unmatched, 12);
  EXPECT_EQ(outcome.departure_count, 0);
  EXPECT_EQ(scenario_.log, "aaabbb");
}

TEST_F(MachineSchedule, WeakCompareExchangeFailsSpuriouslyOnceAndOnlyWhereTold) {
  std::vector<bool> answers;
  scenario_.task(0, [&] {
    answers.push_back(x_.compare_exchange(0, 1, true));   // 1: told to fail
    answers.push_back(x_.compare_exchange(0, 1, true));   // 2: not told
    answers.push_back(x_.compare_exchange(1, 2, false));  // 3: strong, told in vain
    x_.load(kRelaxed);                                    // 4: a load, told in vain
    answers.push_back(x_.compare_exchange(2, 3, true));   // 5: not told
  });
  scenario_.depart(0, 1, Kind::kSpurious).depart(0, 3, Kind::kSpurious).depart(0, 4, Kind::kSpurious);
  const Outcome& outcome = scenario_.run();
  EXPECT_EQ(answers, (std::vector<bool>{false, true, true, true}));
  EXPECT_EQ(outcome.departure_count, 1);
  EXPECT_EQ(outcome.unmatched, 2);
  EXPECT_EQ(x_.peek(), 3U);
}

/// Asks at the accesses given and writes down where it was asked.
class Asker final : public Strategy {
 public:
  [[nodiscard]] std::uint32_t first(std::uint8_t call) noexcept override { return call == 0 ? 2 : kNeverAsk; }
  [[nodiscard]] Choice choose(const Point& point) noexcept override {
    asked.push_back(point.access);
    cpus.push_back(point.cpus());
    contexts.push_back(point.context);
    return {{}, point.access == 2 ? 5 : kNeverAsk};
  }
  std::vector<std::uint32_t> asked, cpus, contexts;
};

TEST_F(MachineSchedule, AStrategyIsAskedWhereItSaidAndNowhereElse) {
  scenario_.task(0, [&] {
    for (int i = 0; i < 9; ++i) x_.add(1, kRelaxed);
  });
  three_on(1, 'b');
  Asker asker;
  EXPECT_EQ(scenario_.run(asker).kind, Outcome::Kind::kClean);
  EXPECT_EQ(asker.asked, (std::vector<std::uint32_t>{2, 5}));
  EXPECT_EQ(asker.cpus, (std::vector<std::uint32_t>{2, 2}));
  EXPECT_EQ(asker.contexts, (std::vector<std::uint32_t>{0, 0}));
}

TEST_F(MachineSchedule, RandomWalkIsAFunctionOfItsSeedAndItsDeparturesReplayToTheSameRun) {
  three_on(0, 'a').three_on(0, 'b').three_on(1, 'c');
  scenario_.handler(Level::kHardirq, 0, three(scenario_, x_, 'h'));
  scenario_.handler(Level::kNmi, 1, three(scenario_, x_, 'n'));
  std::vector<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::string text[3];
    std::string log[3];
    Trace trace;
    trace.call_count = trace.context_count = 5;
    for (int round = 0; round < 2; ++round) {
      x_.store(0, kRelaxed);
      Recorder recorder;
      scenario_.observe(&recorder);
      RandomWalk walk(seed, 2);
      const Outcome& outcome = scenario_.run(walk);
      ASSERT_EQ(outcome.kind, Outcome::Kind::kClean);
      ASSERT_EQ(outcome.unmatched, 0);
      text[round] = recorder.text;
      log[round] = scenario_.log;
      trace.departure_count = outcome.departure_count;
      trace.departure_storage = outcome.departures;
    }
    const auto earlier = [](const Departure& a, const Departure& b) {
      return a.call != b.call ? a.call < b.call : a.access < b.access;
    };
    auto* const all = trace.departure_storage.data();
    for (auto* at = all; at != all + trace.departure_count; ++at) {  // stable
      std::rotate(std::upper_bound(all, at, *at, earlier), at, at + 1);
    }
    x_.store(0, kRelaxed);
    Recorder recorder;
    scenario_.observe(&recorder);
    Replay replay(trace);
    ASSERT_EQ(scenario_.run(replay).unmatched, 0) << seed;
    ASSERT_EQ(text[0], text[1]) << seed;
    ASSERT_EQ(text[0], recorder.text) << seed;
    ASSERT_EQ(log[0], scenario_.log) << seed;
    seen.push_back(log[0]);
  }
  scenario_.observe(nullptr);
  std::sort(seen.begin(), seen.end());
  EXPECT_GT(std::unique(seen.begin(), seen.end()) - seen.begin(), 150) << "a walk that walks nowhere";
}

}  // namespace
}  // namespace labyrinth::machine::testing
