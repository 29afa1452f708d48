// What PCT, POS and SURW promise: bugs of a depth so often, orders as often as one another.
#include "strategy_fixture.hpp"

namespace labyrinth::machine::testing {
namespace {

/// A bug of depth d: it shows if d steps of two tasks alternate, each in its turn.
class Alternation {
 public:
  explicit Alternation(std::uint32_t depth, std::uint32_t idle_steps) {
    program_.begin([this] { turn_ = 0; });
    for (std::uint8_t i = 0; i < 2; ++i) {
      program_.task(i, [this, i, depth, idle_steps] {
        for (std::uint32_t turn = i; turn <= depth; turn += 2) {
          for (std::uint32_t step = 0; step < idle_steps; ++step) static_cast<void>(own_[i].load(kRelaxed));
          shared_.add(1, kSeqCst);
          if (turn_ == turn) ++turn_;
        }
      });
    }
    // The more contexts, the less often.
    for (std::uint8_t i = 2; i < 4; ++i) program_.task(i, [this, i] { own_[i].add(1, kRelaxed); });
    depth_ = depth;
  }
  [[nodiscard]] bool shows() const { return turn_ == depth_ + 1; }
  Sampled& program() { return program_; }

 private:
  std::array<Location, 4> own_{};
  Location shared_;
  std::uint32_t turn_ = 0, depth_ = 0;
  Sampled program_;
};

TEST(Pct, FindsABugOfDepthDAsOftenAsPromised) {
  for (std::uint32_t depth = 1; depth <= 3; ++depth) {
    Alternation bug(depth, 3);
    const Estimate& estimate = bug.program().survey();
    const double contexts = 4;
    double promised = 1 / contexts;
    for (std::uint32_t i = 1; i < depth; ++i) promised /= estimate.points();
    constexpr std::uint64_t kRuns = 20000;
    std::uint64_t found = 0;
    for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
      ASSERT_LE(run(bug.program(), Which::kPct, seed, estimate, depth).accesses, estimate.points());
      found += bug.shows() ? 1 : 0;
    }
    EXPECT_GE(static_cast<double>(found), promised * kRuns) << "depth " << depth;
  }
}

/// A task of four steps, one of another CPU, and a handler of two that can interrupt the task.
class Interrupted : public ::testing::Test {
 protected:
  Interrupted() {
    program_.task(0, [this] {
      for (const char name : {'a', 'b', 'c', 'd'}) step(name);
    });
    program_.task(1, [this] { step('x'); });
    program_.body(Level::kHardirq, 0, [this] {
      step('1');
      step('2');
    });
  }
  void step(char name) {
    location_.add(1, kSeqCst);
    program_.log += name;
  }
  [[nodiscard]] bool before(char one, char other) const {
    return program_.log.find(one) < program_.log.find(other);
  }
  /// How many times what is promised the condition was met.
  double times_promised(std::uint32_t depth, const std::function<bool()>& shows) {
    const Estimate& estimate = program_.survey();
    double promised = kRuns / 3.0;
    for (std::uint32_t i = 1; i < depth; ++i) promised /= estimate.points();
    double found = 0;
    for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
      static_cast<void>(run(program_, Which::kPct, seed, estimate, depth));
      found += shows() ? 1 : 0;
    }
    return found / promised;
  }
  static constexpr std::uint64_t kRuns = 20000;
  Location location_;
  Sampled program_;
};

TEST_F(Interrupted, PctFindsABugWithAHandlerAsOftenAsPromised) {
  EXPECT_GE(times_promised(2, [this] { return before('1', 'x') && before('x', '2'); }), 1);
  EXPECT_GE(times_promised(3, [this] { return before('b', '1') && before('1', 'x') && before('x', '2'); }),
            1);
}

/// The task falls in priority and the handler must not take its turn: that it falls is too late once it has
/// begun.
TEST_F(Interrupted, PctLetsAHandlerFallBeforeItBegins) {
  EXPECT_GE(times_promised(3, [this] { return before('b', 'x') && before('x', 'c') && before('d', '1'); }),
            1);
}

/// With one priority alone, contexts run one after the other, and handlers to their end.
TEST(Pct, OfDepthOneNeverGoesBack) {
  Sampled program;
  std::array<Location, 1> location{};
  for (std::uint8_t i = 0; i < 3; ++i) {
    program.task(i, [&, i] {
      for (int step = 0; step < 4; ++step) {
        location[0].add(1, kSeqCst);
        program.log += static_cast<char>('a' + i);
      }
    });
  }
  const Estimate& estimate = program.survey();
  std::map<std::string, int> orders;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    static_cast<void>(run(program, Which::kPct, seed, estimate, 1));
    ++orders[program.log];
  }
  EXPECT_EQ(orders.size(), 6U);
  for (const auto& [order, times] : orders) EXPECT_NEAR(times, 100, 40) << order;
}

/// Pearson's statistic over the orders there are, each as likely as any other; divided by the degrees of
/// freedom, so that it is about 1 where they are.
double chi_square(Sampled& program, Which which, std::uint64_t runs = 20000) {
  const std::map<std::string, std::uint64_t> all = program.all_orders();
  const Estimate& estimate = program.survey();
  std::map<std::string, std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < runs; ++seed) {
    static_cast<void>(run(program, which, seed, estimate));
    // The walk moves tasks to other CPUs too.
    if (which != Which::kWalk) EXPECT_TRUE(all.contains(program.log)) << program.log;
    ++seen[program.log];
  }
  const double expected = static_cast<double>(runs) / static_cast<double>(all.size());
  double sum = 0;
  for (const auto& [order, ignored] : all) {
    const double off = static_cast<double>(seen[order]) - expected;
    sum += off * off / expected;
  }
  return sum / static_cast<double>(all.size() - 1);
}

TEST(Surw, TakesEveryOrderOfTwoTasksAsOften) {
  Orders orders;
  orders.context(Level::kTask, 0, 6).context(Level::kTask, 1, 2);
  EXPECT_LT(chi_square(orders.program, Which::kSurw), 1.7);
  EXPECT_GT(chi_square(orders.program, Which::kWalk), 100);
}

/// What only one context touches has no say in how often an order comes.
TEST(Surw, LeavesAsideWhatIsNotInteresting) {
  Orders orders;
  orders.context(Level::kTask, 0, 3, 6).context(Level::kTask, 1, 3).context(Level::kTask, 1, 2, 1);
  EXPECT_LT(chi_square(orders.program, Which::kSurw), 1.5);
  EXPECT_GT(chi_square(orders.program, Which::kWalk), 100);
}

TEST(Surw, TakesEveryPlaceOfAHandlerAsOften) {
  Orders orders;
  orders.context(Level::kTask, 0, 5).context(Level::kSoftirq, 0, 2);
  EXPECT_LT(chi_square(orders.program, Which::kSurw), 2);
  orders.context(Level::kHardirq, 0, 3).context(Level::kTask, 1, 2);
  EXPECT_LT(chi_square(orders.program, Which::kSurw, 60000), 1.5);
}

TEST(Pos, TakesEveryOrderOfOneStepEachAsOften) {
  Orders orders;
  orders.context(Level::kTask, 0, 1).context(Level::kTask, 1, 1).context(Level::kTask, 2, 1);
  orders.context(Level::kTask, 3, 1);
  EXPECT_LT(chi_square(orders.program, Which::kPos), 1.8);
  EXPECT_GT(chi_square(orders.program, Which::kWalk), 100);
}

/// Who has lost a race does not go on losing. With both beginnings as steps, the definition gives the order
/// a b a a probability of 0.15 (by simulating it); were the loser's priority kept, it would be 0.10.
TEST(Pos, DrawsThePriorityOfWhoLostARaceAnew) {
  Orders orders;
  orders.context(Level::kTask, 0, 2).context(Level::kTask, 1, 1);
  const Estimate& estimate = orders.program.survey();
  std::map<std::string, int> times;
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    static_cast<void>(run(orders.program, Which::kPos, seed, estimate));
    ++times[orders.program.log];
  }
  EXPECT_NEAR(times["aba"], 20000 * 0.15, 300);
  EXPECT_NEAR(times["baa"], 20000 * 0.5, 300);
}

/// Of two steps that race, the one behind a dozen unrelated ones must have its chance to be the first: a coin
/// for each step gives it one in 2^12.
TEST(Pos, UnrelatedStepsHardlyDecideARace) {
  Location own;
  Location shared;
  Sampled program;
  program.task(0, [&] {
    for (int step = 0; step < 12; ++step) static_cast<void>(own.load(kRelaxed));
    shared.add(1, kSeqCst);
    program.log += 'a';
  });
  program.task(1, [&] {
    shared.add(1, kSeqCst);
    program.log += 'b';
  });
  const Estimate& estimate = program.survey();
  const auto share = [&](auto run_one) {
    int first = 0;
    for (std::uint64_t seed = 0; seed < 20000; ++seed) {
      run_one(seed);
      first += program.log == "ab" ? 1 : 0;
    }
    return first / 20000.0;
  };
  const double pos =
      share([&](std::uint64_t seed) { static_cast<void>(run(program, Which::kPos, seed, estimate)); });
  // Where nothing is interesting, SURW throws a coin for each step.
  const auto nothing = std::make_unique<Survey>(false);
  const Estimate& blind = nothing->finish(program.run(*nothing));
  const double coin =
      share([&](std::uint64_t seed) { static_cast<void>(run(program, Which::kSurw, seed, blind)); });
  EXPECT_GT(pos, 1.0 / 16);
  EXPECT_LT(coin, pos / 10);
}

}  // namespace
}  // namespace labyrinth::machine::testing
