// N4 and the rules of interrupts: who may interrupt whom, run to completion, masks, and what an idle CPU
// takes.
#include <gtest/gtest.h>

#include "core.hpp"
#include "labyrinth/machine/machine.h"
#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

constexpr std::uint8_t kSoft = 1, kHard = 2, kNmi = 3;

class MachineInterrupt : public ::testing::Test {
 protected:
  Location x_;
  Scenario scenario_;
  void step(char letter) {
    x_.add(1, kRelaxed);
    scenario_.log += letter;
  }
  Scenario::Body two(char letter) {
    return [this, letter] {
      step(letter);
      step(letter);
    };
  }
};

TEST_F(MachineInterrupt, N4_AHandlerRunsToCompletionOnTopOfTheInterruptedCode) {
  scenario_.task(0, two('t')).task(0, two('u')).handler(Level::kHardirq, 0, two('h'));
  scenario_.depart(0, 2, Kind::kInterrupt, kHard).depart(2, 2, Kind::kTask, 1);
  EXPECT_EQ(scenario_.run().unmatched, 1);
  EXPECT_EQ(scenario_.log, "thhtuu");
}

TEST_F(MachineInterrupt, N4_AnotherCpuMayRunInTheMiddleOfAHandler) {
  scenario_.task(0, two('t')).task(1, two('u')).handler(Level::kHardirq, 0, two('h'));
  scenario_.depart(0, 2, Kind::kInterrupt, kHard).depart(1, 2, Kind::kCpu, 0).depart(2, 2, Kind::kCpu, 1);
  EXPECT_EQ(scenario_.run().unmatched, 0);
  EXPECT_EQ(scenario_.log, "thuhtu") << "cpu 1 comes back into the handler, not into the task below";
}

TEST_F(MachineInterrupt, N4_HandlersNestUpToNmi) {
  scenario_.task(0, two('t'));
  scenario_.handler(Level::kSoftirq, 0, two('s')).handler(Level::kHardirq, 0, two('h'));
  scenario_.handler(Level::kNmi, 0, two('n'));
  scenario_.depart(0, 2, Kind::kInterrupt, kSoft).depart(1, 2, Kind::kInterrupt, kHard);
  scenario_.depart(2, 2, Kind::kInterrupt, kNmi);
  EXPECT_EQ(scenario_.run().unmatched, 0);
  EXPECT_EQ(scenario_.log, "tshnnhst");
}

TEST_F(MachineInterrupt, N4_NeverTheSameOrALowerLevelAndNeverAnotherCpus) {
  for (std::uint8_t running = 1; running <= 3; ++running) {
    for (std::uint8_t arriving = 1; arriving <= 3; ++arriving) {
      Location x;
      Scenario scenario;
      const auto body = [&](char letter) {
        return [&, letter] {
          x.add(1, kRelaxed);
          scenario.log += letter;
        };
      };
      scenario.task(0, body('t')).handler(static_cast<Level>(running), 0, body('r'));
      scenario.handler(static_cast<Level>(arriving), 0, body('a'));
      scenario.depart(0, 1, Kind::kInterrupt, running).depart(1, 1, Kind::kInterrupt, arriving);
      const bool nests = arriving > running;
      EXPECT_EQ(scenario.run().unmatched, nests ? 0 : 1) << int{running} << ' ' << int{arriving};
      EXPECT_EQ(scenario.log, nests ? "art" : "rta") << int{running} << ' ' << int{arriving};
    }
  }
  scenario_.task(0, two('t')).handler(Level::kNmi, 1, two('n')).depart(0, 1, Kind::kInterrupt, kNmi);
  EXPECT_EQ(scenario_.run().unmatched, 1);
  EXPECT_EQ(scenario_.log, "ttnn");
}

TEST_F(MachineInterrupt, N4_MasksHoldBackWhatTheySayAndDeliverLaterWhenAsked) {
  struct Case {
    bool irq;
    std::uint8_t level;
    bool held;
  };
  for (const Case& one : {Case{true, kSoft, true}, Case{true, kHard, true}, Case{true, kNmi, false},
                          Case{false, kSoft, true}, Case{false, kHard, false}, Case{false, kNmi, false}}) {
    Location x;
    Scenario scenario;
    const auto step = [&](char letter) {
      x.add(1, kRelaxed);
      scenario.log += letter;
    };
    scenario.task(0, [&] {
      one.irq ? static_cast<void>(labyrinth_machine_irq_save()) : labyrinth_machine_bh_disable();
      step('m');
      one.irq ? labyrinth_machine_irq_restore(true) : labyrinth_machine_bh_enable();
      step('o');
      step('o');
    });
    scenario.handler(static_cast<Level>(one.level), 0, [&] { step('h'); });
    scenario.depart(0, 1, Kind::kInterrupt, one.level).depart(0, 3, Kind::kInterrupt, one.level);
    EXPECT_EQ(scenario.run().unmatched, 1) << one.irq << int{one.level};
    EXPECT_EQ(scenario.log, one.held ? "moho" : "hmoo") << one.irq << int{one.level};
  }
}

TEST_F(MachineInterrupt, AnIdleCpuTakesWhatTheScheduleDidNotPlaceInProgramOrder) {
  scenario_.handler(Level::kSoftirq, 0, two('s')).handler(Level::kNmi, 0, two('n')).task(0, two('t'));
  scenario_.handler(Level::kHardirq, 1, two('h'));
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(scenario_.log, "ttssnnhh");
}

TEST_F(MachineInterrupt, HandlersOfAnIdleCpuNestAndInterleaveToo) {
  scenario_.handler(Level::kSoftirq, 1, two('s')).handler(Level::kNmi, 1, two('n')).task(0, two('t'));
  scenario_.depart(0, 2, Kind::kInterrupt, kNmi).depart(1, 2, Kind::kCpu, 0).depart(2, 1, Kind::kCpu, 1);
  EXPECT_EQ(scenario_.run().unmatched, 0);
  EXPECT_EQ(scenario_.log, "snttns");
}

TEST_F(MachineInterrupt, ATaskThatMigratesOntoACpuBetweenItsHandlersRunsThere) {
  scenario_.handler(Level::kHardirq, 1, two('h')).task(0, two('t'));
  scenario_.depart(0, 2, Kind::kCpu, 0).depart(1, 1, Kind::kCpu, 1).depart(1, 2, Kind::kMigrate, 1);
  EXPECT_EQ(scenario_.run().unmatched, 1) << "not while the handler runs there";
  EXPECT_EQ(scenario_.log, "htth");
}

TEST_F(MachineInterrupt, MasksThatAHandlerLeavesClosedAreOpenedWhenItReturns) {
  std::vector<bool> may_sleep;
  scenario_.task(0, [&] {
    step('t');
    may_sleep.push_back(labyrinth_machine_may_sleep());
    step('t');
  });
  scenario_.handler(Level::kSoftirq, 0, [&] {
    static_cast<void>(labyrinth_machine_irq_save());
    labyrinth_machine_bh_disable();
    labyrinth_machine_preempt_disable();
    step('s');
  });
  scenario_.handler(Level::kHardirq, 0, [&] { step('h'); });
  scenario_.depart(0, 1, Kind::kInterrupt, kSoft).depart(0, 2, Kind::kInterrupt, kHard);
  scenario_.depart(1, 1, Kind::kInterrupt, kHard);
  EXPECT_EQ(scenario_.run().unmatched, 1);
  EXPECT_EQ(scenario_.log, "stht");
  EXPECT_EQ(may_sleep, std::vector<bool>{true});
}

TEST_F(MachineInterrupt, MasksThatAHandlerOpensAreClosedAgainWhenItReturns) {
  bool may_sleep = true;
  scenario_.task(0, [&] {
    static_cast<void>(labyrinth_machine_irq_save());
    step('t');
    may_sleep = labyrinth_machine_may_sleep();
    step('t');
  });
  scenario_.handler(Level::kNmi, 0, [&] {
    labyrinth_machine_irq_restore(true);
    step('n');
  });
  scenario_.handler(Level::kHardirq, 0, [&] { step('h'); });
  scenario_.depart(0, 1, Kind::kInterrupt, kNmi).depart(0, 2, Kind::kInterrupt, kHard);
  EXPECT_EQ(scenario_.run().unmatched, 1);
  EXPECT_EQ(scenario_.log, "ntth");
  EXPECT_FALSE(may_sleep);
}

TEST_F(MachineInterrupt, MasksThatATaskLeavesClosedEndWithIt) {
  scenario_.task(0, [&] {
    static_cast<void>(labyrinth_machine_irq_save());
    labyrinth_machine_preempt_disable();
    step('t');
  });
  scenario_.task(0, [&] {
    step('u');
    EXPECT_TRUE(labyrinth_machine_may_sleep());
  });
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(scenario_.log, "tu");
}

TEST_F(MachineInterrupt, C1_SituationAndMaySleepInEachContext) {
  std::vector<model::Situation> seen;
  std::vector<bool> sleeps;
  std::vector<std::uint32_t> levels;
  const auto look = [&] {
    x_.add(1, kRelaxed);
    seen.push_back(core.situation());
    sleeps.push_back(labyrinth_machine_may_sleep());
    levels.push_back(labyrinth_machine_level());
  };
  labyrinth_machine_spinlock lock{};
  scenario_.task(0, [&] {
    look();
    const bool on = labyrinth_machine_irq_save();
    EXPECT_TRUE(on);
    EXPECT_FALSE(labyrinth_machine_irq_save());
    look();
    labyrinth_machine_irq_restore(false);
    look();
    labyrinth_machine_irq_restore(on);
    labyrinth_machine_bh_disable();
    look();
    labyrinth_machine_bh_enable();
    labyrinth_machine_preempt_disable();
    look();
    labyrinth_machine_preempt_enable();
    labyrinth_machine_spin_lock(&lock);
    look();
    labyrinth_machine_spin_unlock(&lock);
    look();
  });
  for (std::uint8_t level = 1; level <= 3; ++level) scenario_.handler(static_cast<Level>(level), 0, look);
  EXPECT_EQ(scenario_.run().kind, Outcome::Kind::kClean);
  EXPECT_EQ(sleeps, (std::vector<bool>{true, false, false, false, false, false, true, false, false, false}));
  EXPECT_EQ(levels, (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0, 0, 1, 2, 3}));
  ASSERT_EQ(seen.size(), 10U);
  EXPECT_TRUE(seen[1].interrupts_off && seen[2].interrupts_off && !seen[3].interrupts_off);
  EXPECT_TRUE(seen[3].bottom_halves_off && !seen[4].bottom_halves_off);
  EXPECT_TRUE(seen[4].preemption_off && seen[5].preemption_off && !seen[6].preemption_off);
  for (std::size_t i = 7; i < 10; ++i) EXPECT_EQ(static_cast<std::size_t>(seen[i].level), i - 6);
}

TEST_F(MachineInterrupt, C1_SleepingInAHandlerOrUnderAMaskIsReported) {
  for (std::uint8_t level = 0; level <= 3; ++level) {
    Scenario scenario;
    scenario.handler(static_cast<Level>(level), 0, [] { labyrinth_machine_sleep(); });
    const Outcome& outcome = scenario.run();
    EXPECT_EQ(outcome.violation.clause, level == 0 ? model::Clause::kNone : model::Clause::C1) << int{level};
  }
  scenario_.task(0, [] {
    labyrinth_machine_preempt_disable();
    labyrinth_machine_sleep();
  });
  EXPECT_EQ(scenario_.run().violation.clause, model::Clause::C1);
}

TEST(MachineOutsideOfRuns, QuestionsAreAnsweredAsInATaskThatMaySleep) {
  EXPECT_EQ(labyrinth_machine_cpu(), 0U);
  EXPECT_EQ(labyrinth_machine_level(), 0U);
  EXPECT_TRUE(labyrinth_machine_may_sleep());
  EXPECT_TRUE(labyrinth_machine_irq_save());
  labyrinth_machine_irq_restore(true);
  labyrinth_machine_sleep();
}

}  // namespace
}  // namespace labyrinth::machine::testing
