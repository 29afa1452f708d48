// PCT, POS and SURW as strategies: the same seed does the same, what interrupts and masks forbid does not
// happen, what was done can be replayed, and no run is caught in a loop or ends before its end.
#include "labyrinth/machine/machine.h"
#include "strategy_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

std::string departures(const Outcome& outcome) {
  std::string text;
  for (std::uint8_t i = 0; i < outcome.departure_count; ++i) {
    const Departure& departure = outcome.departures[i];
    text += std::to_string(departure.call) + '@' + std::to_string(departure.access) + ':' +
            std::to_string(static_cast<int>(departure.decision.kind)) + '.' +
            std::to_string(departure.decision.argument) + ' ';
  }
  return text;
}

constexpr std::array<Which, 3> kNew{Which::kPct, Which::kPos, Which::kSurw};

/// Tasks that share CPUs and locations, and handlers of three levels among them.
class Crowd : public ::testing::Test {
 protected:
  Crowd() {
    program_.begin([this] { locations_ = {}; });
    for (std::uint8_t i = 0; i < 4; ++i) {
      program_.task(i % 2, [this, i] {
        for (std::uint8_t step = 0; step < 6; ++step) touch(i, static_cast<std::uint8_t>(i + step));
      });
    }
    for (const Level level : {Level::kSoftirq, Level::kHardirq, Level::kNmi, Level::kHardirq}) {
      program_.body(level, static_cast<std::uint8_t>(handlers_ % 2), [this, i = handlers_] {
        touch(i, i);
        touch(i, 0);
      });
      ++handlers_;
    }
  }
  void touch(std::uint8_t context, std::uint8_t location) {
    const std::uint32_t before = locations_[location % locations_.size()].add(1U + context, kSeqCst);
    program_.log += std::to_string(context) + '.' + std::to_string(before) + ' ';
  }

  std::array<Location, 3> locations_{};
  Sampled program_;
  std::uint8_t handlers_ = 4;
};

TEST_F(Crowd, TheSameSeedDoesTheSameAndAnotherSomethingElse) {
  const Estimate& estimate = program_.survey();
  for (const Which which : kNew) {
    std::map<std::string, int> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const std::string first = departures(run(program_, which, seed, estimate, 3, seed % 4 == 0));
      const std::string log = program_.log;
      ASSERT_EQ(departures(run(program_, which, seed, estimate, 3, seed % 4 == 0)), first);
      ASSERT_EQ(program_.log, log);
      ++seen[first];
    }
    EXPECT_GT(seen.size(), 190U);
  }
}

TEST_F(Crowd, TheSurveyOfAProgramIsAlwaysTheSame) {
  const Estimate& estimate = program_.survey();
  const std::uint32_t points = estimate.points();
  const std::uint32_t interesting = estimate.interesting(0);
  // 4 tasks of 6 accesses, 4 handlers of 2; 8 beginnings of bodies and 4 of handlers.
  EXPECT_EQ(points, 4U * 6 + 4 * 2 + 8 + 4);
  EXPECT_EQ(interesting, 6U);
  static_cast<void>(program_.survey());
  EXPECT_EQ(estimate.points(), points);
  EXPECT_EQ(estimate.interesting(0), interesting);
}

TEST_F(Crowd, WhatWasDoneReplaysToTheSame) {
  const Estimate& estimate = program_.survey();
  for (const Which which : kNew) {
    std::uint64_t departed = 0;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
      const Outcome done = run(program_, which, seed, estimate, 3, seed % 4 == 0);
      const std::string log = program_.log;
      ASSERT_EQ(done.unmatched, 0) << departures(done);
      Trace trace;
      trace.call_count = trace.context_count = static_cast<std::uint8_t>(program_.contexts());
      for (std::uint8_t call = 0; call < trace.call_count; ++call) {  // as files have them: by call
        for (std::uint8_t i = 0; i < done.departure_count; ++i) {
          if (done.departures[i].call == call)
            trace.departure_storage[trace.departure_count++] = done.departures[i];
        }
      }
      Replay replay(trace);
      const Outcome& again = program_.run(replay);
      ASSERT_EQ(program_.log, log);
      ASSERT_EQ(departures(again), departures(done));
      departed += done.departure_count;
    }
    EXPECT_GT(departed, 500U);
  }
}

/// Interrupts off, then preemption off; what may come anyway must, somewhere, in every strategy.
TEST(Strategies, RespectMasks) {
  Location location;
  Sampled program;
  const auto step = [&](char name) {
    location.add(1, kSeqCst);
    program.log += name;
  };
  program.task(0, [&] {
    step('a');
    static_cast<void>(labyrinth_machine_irq_save());
    step('b');
    step('c');
    labyrinth_machine_irq_restore(true);
    step('d');
    labyrinth_machine_preempt_disable();
    step('e');
    step('f');
    labyrinth_machine_preempt_enable();
    step('g');
  });
  program.task(0, [&] { step('t'); });
  program.task(1, [&] { step('u'); });
  program.body(Level::kHardirq, 0, [&] { step('H'); });
  program.body(Level::kNmi, 0, [&] { step('N'); });
  const Estimate& estimate = program.survey();
  for (const Which which : kNew) {
    std::map<std::string, int> between_b_c;
    std::map<std::string, int> between_e_f;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
      const Outcome& outcome = run(program, which, seed, estimate);
      ASSERT_EQ(outcome.kind, Outcome::Kind::kClean);
      ASSERT_EQ(outcome.unmatched, 0);
      ASSERT_EQ(program.log.size(), 11U);
      const auto part = [&](char from, char to) {
        const std::size_t begin = program.log.find(from) + 1;
        return program.log.substr(begin, program.log.find(to) - begin);
      };
      ++between_b_c[part('b', 'c')];
      ++between_e_f[part('e', 'f')];
    }
    const auto holds = [](const std::map<std::string, int>& parts, char name) {
      return std::any_of(parts.begin(), parts.end(),
                         [&](const auto& entry) { return entry.first.find(name) != std::string::npos; });
    };
    EXPECT_FALSE(holds(between_b_c, 'H'));
    EXPECT_FALSE(holds(between_b_c, 't'));
    EXPECT_FALSE(holds(between_e_f, 't'));
    EXPECT_TRUE(holds(between_b_c, 'N'));
    EXPECT_TRUE(holds(between_b_c, 'u'));
    EXPECT_TRUE(holds(between_e_f, 'H'));
    EXPECT_TRUE(holds(between_e_f, 'u'));
  }
}

/// A schedule holds 128 departures; they must not all be spent on the first steps of a long run.
TEST(Strategies, ReachTheEndOfALongRun) {
  Orders orders;
  orders.context(Level::kTask, 0, 500).context(Level::kTask, 1, 500);
  const Estimate& estimate = orders.program.survey();
  for (const Which which : {Which::kPos, Which::kSurw}) {
    int late = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      ASSERT_LE(run(orders.program, which, seed, estimate).departure_count, kMaxDepartures);
      const std::string end = orders.program.log.substr(750);
      int switches = 0;
      for (std::size_t i = 1; i < end.size(); ++i) switches += end[i] != end[i - 1] ? 1 : 0;
      late += switches > 40 ? 1 : 0;
    }
    EXPECT_GT(late, 10);
  }
}

/// A loop that waits for another task ends, whatever the priorities.
TEST(Strategies, AreNotCaughtInALoopThatWaits) {
  Location flag;
  Sampled program;
  program.begin([&] { flag = Location{}; });
  program.task(0, [&] { flag.store(1, kSeqCst); });
  program.task(1, [&] {
    while (flag.load(kSeqCst) == 0) {
    }
    program.log += "seen";
  });
  const Estimate& estimate = program.survey();
  for (const Which which : kNew) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
      ASSERT_EQ(run(program, which, seed, estimate).kind, Outcome::Kind::kClean);
      ASSERT_EQ(program.log, "seen");
    }
  }
}

}  // namespace
}  // namespace labyrinth::machine::testing
