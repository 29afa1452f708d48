// Loops that poll and give up after a number of rounds, beside contexts that could go on: an execution for
// each round at which these come in, as many as an enumeration of all orders finds.
#include <gtest/gtest.h>

#include "explorer_fixture.hpp"
#include "labyrinth/machine/machine.h"

namespace labyrinth::machine::testing {
namespace {

using Times = std::map<std::string, std::uint64_t>;
constexpr auto kRc11 = MemoryModel::kRc11;

[[gnu::noinline]] void count_one_more(Location& at) { at.write(at.read() + 1); }
[[gnu::noinline]] bool has_come_to(unsigned end, Location& at) { return at.read() >= end; }

/// One context polls a flag, so often, and says if it has given up; others set the flag.
class ExplorerPollOnce : public ::testing::Test {
 protected:
  ExplorerPollOnce() {
    exploration.begin([this] {
      flag = other = gave_up = Location{};
      seen = 0;
    });
    exploration.outcome([this] { return std::to_string(gave_up.peek()) + std::to_string(seen); });
  }
  Exploration::Body poll(unsigned rounds) {
    return [this, rounds] {
      for (unsigned i = 0; i < rounds; ++i) {
        if (flag.load(kAcquire) != 0) return;
      }
      gave_up.store(1, kRelease);
    };
  }
  Exploration::Body set() {
    return [this] {
      flag.store(1, kRelease);
      seen = gave_up.load(kAcquire);
    };
  }
  /// The reduced search, which has to be complete, and to have the traces of an enumeration.
  Explored explore(const ExplorerOptions& options = {}, bool enumerates = true) {
    if (!enumerates) {
      Explored explored = exploration.explore(options);
      EXPECT_TRUE(explored.complete);
      return explored;
    }
    ExplorerOptions unreduced = options;
    unreduced.reduces = false;
    const Explored all = exploration.explore(unreduced);
    Explored explored = exploration.explore(options);
    EXPECT_TRUE(all.complete);
    EXPECT_TRUE(explored.complete);
    EXPECT_EQ(explored.traces.size(), all.traces.size());
    for (const auto& [trace, log] : all.traces) EXPECT_TRUE(explored.traces.contains(trace));
    return explored;
  }
  Exploration exploration;
  Location flag, other, gave_up;
  std::uint32_t seen = 0;
};

/// Rounds of the loop.
constexpr unsigned kEnumerated = 10;  ///< Of more, the enumeration takes minutes.
class ExplorerPoll : public ExplorerPollOnce, public ::testing::WithParamInterface<unsigned> {};
class ExplorerPollLong : public ExplorerPoll {};  ///< Of more rounds than are always followed.

/// It sees the flag at one of n looks, or gives up, before the other task looks for that or after it.
TEST_P(ExplorerPoll, GivesUpBesideATaskThatCouldGoOn) {
  exploration.task(0, poll(GetParam())).task(1, set());
  const Explored explored = explore();
  EXPECT_EQ(explored.outcomes, (Times{{"00", GetParam()}, {"10", 1}, {"11", 1}}));
  EXPECT_EQ(explored.counts.spins, 0U);
}

/// Each look sees the flag or not, whenever it comes, until one has; and the other task what is said, or not.
TEST_P(ExplorerPoll, GivesUpBesideATaskThatCouldGoOnUnderRc11) {
  exploration.task(0, poll(GetParam())).task(1, set());
  const Explored explored = explore({.memory = kRc11}, GetParam() <= kEnumerated);
  EXPECT_EQ(explored.outcomes, (Times{{"00", GetParam()}, {"10", 1}, {"11", 1}}));
}

TEST_P(ExplorerPoll, GivesUpInAHandlerOfAnotherCpu) {
  exploration.handler(Level::kHardirq, 0, poll(GetParam())).task(1, set());
  const Explored explored = explore();
  EXPECT_EQ(explored.outcomes, (Times{{"00", GetParam()}, {"10", 1}, {"11", 1}}));
}

TEST_P(ExplorerPoll, GivesUpBelowAHandlerThatCouldCome) {
  exploration.task(0, poll(GetParam())).handler(Level::kHardirq, 0, set());
  const Explored explored = explore();
  EXPECT_EQ(explored.outcomes, (Times{{"00", GetParam()}, {"10", 1}, {"11", 1}}));
}

/// Two flags are read in each round, and set one after the other.
TEST_P(ExplorerPoll, GivesUpHavingReadTwoLocationsARound) {
  exploration.task(0, [this] {
    for (unsigned i = 0; i < GetParam(); ++i) {
      if (flag.load(kAcquire) + other.load(kAcquire) == 2) return;
    }
    gave_up.store(1, kRelease);
  });
  exploration.task(1, [this] {
    other.store(1, kRelease);
    flag.store(1, kRelease);
    seen = gave_up.load(kAcquire);
  });
  const Explored explored = explore({}, GetParam() <= kEnumerated);
  EXPECT_TRUE(explored.outcomes.contains("10") && explored.outcomes.contains("11"));
  EXPECT_EQ(explored.counts.spins, 0U);
}

/// Its counter is in no register when it looks.
TEST_P(ExplorerPoll, GivesUpAsOftenAsItsStackSays) {
  exploration.task(0, [this, end = GetParam()] {
    for (volatile unsigned round = 0; round < end; round = round + 1) {
      if (flag.load(kAcquire) != 0) return;
    }
    gave_up.store(1, kRelease);
  });
  exploration.task(1, set());
  EXPECT_EQ(explore().outcomes, (Times{{"00", GetParam()}, {"10", 1}, {"11", 1}}));
}

/// Its counter is no variable of its own, and leaves nothing behind where it looks.
TEST_P(ExplorerPoll, GivesUpAsOftenAsMemorySays) {
  exploration.task(0, [this] {
    for (other.write(0); !has_come_to(GetParam(), other); count_one_more(other)) {
      if (flag.load(kAcquire) != 0) return;
    }
    gave_up.store(1, kRelease);
  });
  exploration.task(1, set());
  EXPECT_EQ(explore().outcomes, (Times{{"00", GetParam()}, {"10", 1}, {"11", 1}}));
}

/// What reads the same location so often without a loop does not spin.
TEST_F(ExplorerPollOnce, WithoutALoopIsNoSpinning) {
  exploration.task(0, [this] {
    static_cast<void>(flag.load(kAcquire) + flag.load(kAcquire) + flag.load(kAcquire) + flag.load(kAcquire) +
                      flag.load(kAcquire) + flag.load(kAcquire));
    gave_up.store(1, kRelease);
  });
  exploration.task(1, set());
  EXPECT_EQ(explore().counts.spins, 0U);
}

/// The last look that is followed may still be the last but one.
TEST_P(ExplorerPollLong, IsNotFollowedFartherThanItIsSaid) {
  exploration.task(0, poll(GetParam())).task(1, set());
  const auto rounds = static_cast<std::uint16_t>(GetParam() - 1);
  const Explored some = exploration.explore({.rounds = rounds});
  EXPECT_FALSE(some.complete);
  EXPECT_GT(some.counts.loops, 0U);
  EXPECT_FALSE(some.outcomes.contains("10"));
  const Explored all = exploration.explore({.rounds = static_cast<std::uint16_t>(rounds + 2)});
  EXPECT_TRUE(all.complete);
  EXPECT_TRUE(all.outcomes.contains("10"));
}

/// Nobody can tell that it never ends: its counter could be looked at.
TEST_F(ExplorerPollOnce, WhoseRoundsAreCountedWithoutEndIsInconclusive) {
  exploration.task(0, [this] {
    for (other.write(0); flag.load(kAcquire) == 0;) other.write(other.read() + 1);
  });
  exploration.task(1, set());
  const Explored explored = exploration.explore();
  EXPECT_FALSE(explored.complete);
  EXPECT_GT(explored.counts.loops, 0U);
}

/// With nobody beside it, it goes on anyway, and nothing is left out.
TEST_P(ExplorerPoll, GivesUpWithNobodyBesideIt) {
  exploration.task(0, poll(GetParam()));
  EXPECT_EQ(explore({.rounds = kFewestExplorerRounds}).outcomes, (Times{{"10", 1}}));
}

std::string rounds_of(const ::testing::TestParamInfo<unsigned>& test) { return std::to_string(test.param); }

INSTANTIATE_TEST_SUITE_P(Rounds, ExplorerPoll, ::testing::Values(3U, 6U, 10U, 100U), rounds_of);
INSTANTIATE_TEST_SUITE_P(Rounds, ExplorerPollLong,
                         ::testing::Values(kFewestExplorerRounds + 1U, 6U, 10U, 100U), rounds_of);

}  // namespace
}  // namespace labyrinth::machine::testing
