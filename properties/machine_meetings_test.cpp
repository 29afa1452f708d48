// Meetings: fuzzers are told which accesses of different contexts a schedule brought together.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

using Counters = std::array<std::uint8_t, kMeetingCounters>;

class MachineMeetings : public ::testing::Test {
 protected:
  MachineMeetings() { machine_.count_meetings(counters_); }
  ~MachineMeetings() override {
    static Counters unread;  // The machine is the process's, and goes on counting.
    machine_.count_meetings(unread);
  }

  /// What the run left, with the counters at zero again.
  Counters counted(Scenario& scenario) {
    counters_.fill(0);
    static_cast<void>(scenario.run());
    return counters_;
  }
  static auto number(const Counters& counters) { return std::count(counters.begin(), counters.end(), 1); }

  Machine machine_;
  Counters counters_{};
  Location x_, y_;
};

TEST_F(MachineMeetings, OneContextMeetsNobody) {
  Scenario scenario;
  scenario.task(0, [this] {
    x_.store(1, kRelaxed);
    x_.add(1, kRelaxed);
    static_cast<void>(x_.load(kRelaxed));
  });
  EXPECT_EQ(number(counted(scenario)), 0);
}

TEST_F(MachineMeetings, AtOtherLocationsNobodyIsMet) {
  Scenario scenario;
  scenario.task(0, [this] { x_.store(1, kRelaxed); }).task(1, [this] { y_.store(1, kRelaxed); });
  EXPECT_EQ(number(counted(scenario)), 0);
}

TEST_F(MachineMeetings, TwoReadsAreNone) {
  Scenario scenario;
  for (const std::uint8_t cpu : {std::uint8_t{0}, std::uint8_t{1}})
    scenario.task(cpu, [this] { static_cast<void>(x_.load(kRelaxed)); });
  EXPECT_EQ(number(counted(scenario)), 0);
}

TEST_F(MachineMeetings, WhoReadsWhatAnotherWroteMeetsIt) {
  Scenario scenario;
  scenario.task(0, [this] { x_.store(1, kRelaxed); }).task(1, [this] {
    static_cast<void>(x_.load(kRelaxed));
  });
  EXPECT_EQ(number(counted(scenario)), 1);
}

TEST_F(MachineMeetings, ReadersInBetweenDoNotHideTheWriter) {
  Scenario scenario;
  scenario.task(0, [this] { x_.store(1, kRelaxed); });
  for (const std::uint8_t cpu : {std::uint8_t{1}, std::uint8_t{2}})
    scenario.task(cpu, [this] { static_cast<void>(x_.load(kRelaxed)); });
  counters_.fill(0);
  static_cast<void>(scenario.run(3));
  // The second reader's place in the code is the first one's.
  EXPECT_EQ(number(counters_), 1);
}

TEST_F(MachineMeetings, WhoWritesWhatAnotherReadMeetsIt) {
  Scenario scenario;
  scenario.task(0, [this] { static_cast<void>(x_.load(kRelaxed)); }).task(1, [this] {
    x_.store(1, kRelaxed);
  });
  EXPECT_EQ(number(counted(scenario)), 1);
}

TEST_F(MachineMeetings, APlaceInAnUnfinishedCallIsAnotherMeeting) {
  const auto with = [this](bool preempted) {
    Scenario scenario;
    scenario.task(0, [this] {
      x_.store(1, kRelaxed);
      y_.store(1, kRelaxed);
    });
    scenario.task(1, [this] { static_cast<void>(x_.load(kRelaxed)); });
    if (preempted) scenario.depart(0, 2, Kind::kCpu, 1);
    return counted(scenario);
  };
  const Counters after = with(false);
  const Counters within = with(true);
  EXPECT_EQ(number(after), 1);
  EXPECT_EQ(number(within), 1);
  EXPECT_NE(after, within);
}

TEST_F(MachineMeetings, TheSameAccessesInAnotherOrderAreOthers) {
  const auto with = [this](std::uint16_t access) {
    Scenario scenario;
    scenario.task(0, [this] {
      static_cast<void>(x_.load(kRelaxed));
      x_.store(1, kRelaxed);
    });
    scenario.handler(Level::kHardirq, 0, [this] { x_.add(1, kRelaxed); });
    if (access != 0) scenario.depart(0, access, Kind::kInterrupt, static_cast<std::uint8_t>(Level::kHardirq));
    return counted(scenario);
  };
  const Counters late = with(0);
  const Counters first = with(1);
  const Counters between = with(2);
  EXPECT_NE(late, first);
  EXPECT_NE(late, between);
  EXPECT_NE(first, between);
  EXPECT_EQ(number(late), 1);
  EXPECT_EQ(number(first), 2) << "both the load and the store come after the handler's write";
  EXPECT_EQ(number(between), 2) << "it came after the load, and the store after it";
  EXPECT_EQ(between, with(2)) << "the same schedule brings the same together";
}

TEST_F(MachineMeetings, VolatilesMeetToo) {
  Scenario scenario;
  scenario.task(0, [this] { x_.write_volatile(1); }).task(1, [this] {
    static_cast<void>(x_.read_volatile());
  });
  EXPECT_EQ(number(counted(scenario)), 1);
}

}  // namespace
}  // namespace labyrinth::machine::testing
