// Locks under the explorer: mutual exclusion in every execution, waiting loops that end, waits that do not.
#include <gtest/gtest.h>

#include "algorithms/locks.hpp"
#include "explorer_fixture.hpp"
#include "labyrinth/machine/machine.h"

namespace labyrinth::machine::testing {
namespace {

using Times = std::map<std::string, std::uint64_t>;

/// Rounds of a waiting loop that see the same, after which the explorer holds it back.
constexpr std::uint64_t kRounds = 4;

/// Two tasks that each add 1 in two steps, under the lock: "1" is a lost update.
template <class Lock>
[[nodiscard]] Explored increments(ExplorerOptions options = {}) {
  Lock lock;
  Location counter;
  Exploration exploration;
  exploration.begin([&] {
    lock = {};
    counter = {};
  });
  for (std::uint8_t i = 0; i < 2; ++i) {
    exploration.task(i, [&, i] {
      lock.lock(i);
      counter.store(counter.load(kRelaxed) + 1, kRelaxed);
      lock.unlock(i);
    });
  }
  exploration.outcome([&] { return std::to_string(counter.peek()); });
  return exploration.explore(options);
}

template <class Lock>
void excludes(MemoryModel memory) {
  const Explored explored = increments<Lock>({.memory = memory});
  EXPECT_TRUE(explored.complete);
  EXPECT_EQ(explored.outcomes.size(), 1U);
  EXPECT_TRUE(explored.outcomes.contains("2"));
  EXPECT_EQ(explored.traces.size(), explored.counts.executions);
  EXPECT_GT(explored.counts.spins, 0U);
}

template <class Lock>
void excludes() {
  excludes<Lock>(MemoryModel::kSc);
  excludes<Lock>(MemoryModel::kRc11);
}

template <class Lock>
void loses_an_update(bool complete = true, MemoryModel memory = MemoryModel::kSc) {
  const Explored explored = increments<Lock>({.memory = memory});
  EXPECT_EQ(explored.complete, complete);
  EXPECT_TRUE(explored.outcomes.contains("1"));
  EXPECT_TRUE(explored.outcomes.contains("2"));
}

/// What is right under sc, and relies on orders that it does not name.
template <class Lock>
void loses_an_update_under_rc11() {
  excludes<Lock>(MemoryModel::kSc);
  loses_an_update<Lock>(true, MemoryModel::kRc11);
}

/// Either task comes first, and the other looks in vain 0 to 4 times: 2 * 5.
TEST(ExplorerLock, OfExchangesHasAnExecutionForEachLook) {
  const Explored explored = increments<ExchangeLock>();
  EXPECT_TRUE(explored.complete);
  EXPECT_EQ(explored.outcomes, (Times{{"2", 2 * (kRounds + 1)}}));
}

/// The same: who draws first has the lock, and the other looks.
TEST(ExplorerLock, OfTicketsHasAnExecutionForEachLook) {
  const Explored explored = increments<TicketLock<Tickets::kCorrect>>();
  EXPECT_TRUE(explored.complete);
  EXPECT_EQ(explored.outcomes, (Times{{"2", 2 * (kRounds + 1)}}));
}

/// Who draws the same ticket and looks after the first one has left also waits for good.
TEST(ExplorerLock, OfTicketsDrawnInTwoStepsLosesAnUpdate) {
  loses_an_update<TicketLock<Tickets::kInTwoSteps>>(false);
}

TEST(ExplorerLock, OfPetersonExcludes) { excludes<PetersonLock<Peterson::kCorrect>>(); }
TEST(ExplorerLock, OfPetersonWithTheTurnGivenFirstLosesAnUpdate) {
  loses_an_update<PetersonLock<Peterson::kTurnFirst>>();
}

/// Who waits for good is no execution; that the search is not complete says so.
TEST(ExplorerLock, OfPetersonWithoutATurnHangs) {
  const Explored explored = increments<PetersonLock<Peterson::kNoTurn>>({.depth = 100});
  EXPECT_GT(explored.counts.cut, 0U);
  EXPECT_FALSE(explored.complete);
  EXPECT_FALSE(explored.outcomes.contains("1"));
}

TEST(ExplorerLock, OfExchangesExcludes) { excludes<ExchangeLock>(); }
TEST(ExplorerLock, OfTicketsExcludes) { excludes<TicketLock<Tickets::kCorrect>>(); }
TEST(ExplorerLock, OfTicketsThatAreNotAcquiredLosesAnUpdateUnderRc11) {
  loses_an_update_under_rc11<TicketLock<Tickets::kLooksRelaxed>>();
}
TEST(ExplorerLock, OfPetersonWithoutSeqCstLosesAnUpdateUnderRc11) {
  loses_an_update_under_rc11<PetersonLock<Peterson::kReleaseAcquire>>();
}

TEST(ExplorerLock, OfDekkerExcludes) { excludes<DekkerLock<Dekker::kCorrect>>(); }
TEST(ExplorerLock, OfDekkerThatLooksOnceLosesAnUpdate) { loses_an_update<DekkerLock<Dekker::kLooksOnce>>(); }

/// What counts as spinning is the same in all equivalent runs. The locks guard nothing here, which keeps the
/// enumeration of Dekker's below a hundred thousand runs.
template <class Lock>
void searches_as_an_enumeration_does() {
  Lock lock;
  Exploration exploration;
  exploration.begin([&] { lock = {}; });
  for (std::uint8_t i = 0; i < 2; ++i) {
    exploration.task(i, [&, i] {
      lock.lock(i);
      lock.unlock(i);
    });
  }
  const Explored reduced = exploration.explore();
  const Explored all = exploration.explore({.reduces = false});
  EXPECT_TRUE(reduced.complete && all.complete);
  EXPECT_EQ(reduced.counts.executions, all.traces.size());
  for (const auto& [trace, log] : all.traces) ASSERT_TRUE(reduced.traces.contains(trace));
}

TEST(ExplorerWait, HasTheTracesOfAnEnumeration) {
  searches_as_an_enumeration_does<ExchangeLock>();
  searches_as_an_enumeration_does<TicketLock<Tickets::kCorrect>>();
  searches_as_an_enumeration_does<PetersonLock<Peterson::kCorrect>>();
  searches_as_an_enumeration_does<DekkerLock<Dekker::kCorrect>>();
}

/// A loop that gives up by itself does so before it is held back, if its rounds are few enough: it sees the
/// flag at one of n looks, or gives up, and then the other task sees that or does not.
TEST(ExplorerWait, ThatGivesUpInTimeIsSeenToGiveUp) {
  for (unsigned n = 1; n < kRounds; ++n) {
    Location flag;
    Location gave_up;
    std::uint32_t seen = 0;
    Exploration exploration;
    exploration.begin([&] { flag = gave_up = {}; });
    exploration.task(0, [&, n] {
      for (unsigned i = 0; i < n; ++i) {
        if (flag.load(kSeqCst) != 0) return;
      }
      gave_up.store(1, kSeqCst);
    });
    exploration.task(1, [&] {
      flag.store(1, kSeqCst);
      seen = gave_up.load(kSeqCst);
    });
    exploration.outcome([&] { return std::to_string(seen); });
    const Explored explored = exploration.explore();
    EXPECT_TRUE(explored.complete);
    EXPECT_EQ(explored.outcomes, (Times{{"0", n + 1}, {"1", 1}})) << n;
  }
}

/// A loop that reads n locations a round, each before or after it is written, n being at most four.
TEST(ExplorerWait, ForSeveralLocationsEnds) {
  for (unsigned n = 1; n <= 4; ++n) {
    std::array<Location, 4> flags;
    Exploration exploration;
    exploration.begin([&] { flags.fill(Location{}); });
    exploration.task(0, [&, n] {
      for (unsigned i = 0; i < n; ++i) flags[i].store(1, kRelease);
    });
    exploration.task(1, [&, n] {
      for (std::uint32_t sum = 0; sum != n;) {
        sum = 0;
        for (unsigned i = 0; i < n; ++i) sum += flags[i].load(kAcquire);
      }
    });
    const Explored explored = exploration.explore();
    EXPECT_TRUE(explored.complete) << n;
    EXPECT_GT(explored.counts.spins, 0U) << n;
    if (n == 1) {
      EXPECT_EQ(explored.counts.executions, kRounds + 1);
    }
  }
}

TEST(ExplorerWait, ForWhatNobodyWritesIsCutOff) {
  Location flag;
  Exploration exploration;
  exploration.begin([&] { flag = {}; });
  exploration.task(0, [&] {
    while (flag.load(kAcquire) == 0) {
    }
  });
  const Explored explored = exploration.explore({.depth = 50});
  EXPECT_EQ(explored.counts.cut, 1U);
  EXPECT_FALSE(explored.complete);
}

/// The machine's spinlocks: who waits takes no steps until the lock is given back.
class ExplorerSpinlock : public ::testing::Test {
 protected:
  ExplorerSpinlock() {
    exploration.begin([this] {
      locks[0] = locks[1] = {};
      counter = {};
    });
    exploration.outcome([this] { return std::to_string(counter.peek()); });
  }
  Exploration::Body under_lock(bool masks = false) {
    return [this, masks] {
      if (masks) static_cast<void>(labyrinth_machine_irq_save());
      labyrinth_machine_spin_lock(&locks[0]);
      counter.store(counter.load(kRelaxed) + 1, kRelaxed);
      labyrinth_machine_spin_unlock(&locks[0]);
      if (masks) labyrinth_machine_irq_restore(true);
    };
  }
  Exploration::Body under_both(unsigned first) {
    return [this, first] {
      labyrinth_machine_spin_lock(&locks[first]);
      labyrinth_machine_spin_lock(&locks[1 - first]);
      labyrinth_machine_spin_unlock(&locks[1 - first]);
      labyrinth_machine_spin_unlock(&locks[first]);
    };
  }
  Exploration exploration;
  labyrinth_machine_spinlock locks[2]{};
  Location counter;
};

/// Either task comes first; the other finds the lock taken, once, or does not.
TEST_F(ExplorerSpinlock, ExcludesTasks) {
  exploration.task(0, under_lock()).task(1, under_lock());
  const Explored explored = exploration.explore();
  EXPECT_TRUE(explored.complete);
  EXPECT_TRUE(explored.violations.empty());
  EXPECT_EQ(explored.outcomes, (Times{{"2", 4}}));
}

/// Before the task has the lock, or after it: fine. Before any of its three steps that hold it: N1.
TEST_F(ExplorerSpinlock, ThatAHandlerWantsOfWhatItInterruptedIsN1) {
  exploration.task(0, under_lock()).handler(Level::kHardirq, 0, under_lock());
  const Explored explored = exploration.explore();
  EXPECT_TRUE(explored.complete);
  EXPECT_EQ(explored.outcomes, (Times{{"2", 2}}));
  EXPECT_EQ(explored.violations.size(), 1U);
  EXPECT_TRUE(explored.violations.contains(model::Clause::N1));
}

TEST_F(ExplorerSpinlock, UnderAMaskIsFreeForHandlers) {
  exploration.task(0, under_lock(true)).handler(Level::kHardirq, 0, under_lock());
  const Explored explored = exploration.explore();
  EXPECT_TRUE(explored.complete);
  EXPECT_TRUE(explored.violations.empty());
  EXPECT_EQ(explored.outcomes, (Times{{"2", 2}}));
}

/// A handler that makes its own loop of it spins for good, which cuts the run off.
TEST_F(ExplorerSpinlock, OfItsOwnThatAHandlerWantsHangs) {
  ExchangeLock lock;
  exploration.begin([&] { lock = {}; });
  for (const Level level : {Level::kTask, Level::kHardirq}) {
    exploration.handler(level, 0, [&] {
      lock.lock(0);
      lock.unlock(0);
    });
  }
  const Explored explored = exploration.explore({.depth = 50});
  EXPECT_EQ(explored.counts.executions, 2U);
  EXPECT_EQ(explored.counts.cut, 1U);
}

TEST_F(ExplorerSpinlock, TakenInOneOrderIsFree) {
  exploration.task(0, under_both(0)).task(1, under_both(0));
  const Explored explored = exploration.explore();
  EXPECT_TRUE(explored.complete);
  EXPECT_TRUE(explored.violations.empty());
}

TEST_F(ExplorerSpinlock, TakenInOppositeOrdersIsN1) {
  exploration.task(0, under_both(0)).task(1, under_both(1));
  const Explored explored = exploration.explore();
  EXPECT_TRUE(explored.complete);
  EXPECT_TRUE(explored.violations.contains(model::Clause::N1));
  EXPECT_TRUE(explored.outcomes.contains("0"));
}

}  // namespace
}  // namespace labyrinth::machine::testing
