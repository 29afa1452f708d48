// Two contexts and the order between them: the fixture of machine_race_test.cpp and machine_fence_test.cpp.
#pragma once

#include <gtest/gtest.h>

#include <utility>

#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {

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

}  // namespace labyrinth::machine::testing
