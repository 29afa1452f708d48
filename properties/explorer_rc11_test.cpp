// The explorer under rc11 against the axioms, and against an enumeration without reduction: the same graphs,
// each once.
#include <gtest/gtest.h>

#include <array>

#include "axioms.hpp"
#include "explorer_fixture.hpp"
#include "labyrinth/machine/random.hpp"

namespace labyrinth::machine::testing {
namespace {

using Kind = AxiomEvent::Kind;

struct Shape {
  std::uint8_t threads = 2;
  std::uint8_t steps = 3;
  unsigned locations = 2;
  bool fences = true;
  bool seq_cst = true;
};

[[nodiscard]] AxiomProgram random_program(std::uint64_t seed, const Shape& shape) {
  std::uint64_t state = seed;
  AxiomProgram program(shape.threads);
  std::uint32_t value = 0;
  for (auto& thread : program) {
    const std::uint32_t count = 1 + random_below(state, shape.steps);
    for (std::uint32_t i = 0; i < count; ++i) {
      AxiomEvent event;
      event.kind = static_cast<Kind>(random_below(state, shape.fences ? 4 : 3));
      event.location = random_below(state, shape.locations);
      event.value = ++value;
      constexpr std::array kReads{kRelaxed, kAcquire, kSeqCst};
      constexpr std::array kWrites{kRelaxed, kRelease, kSeqCst};
      constexpr std::array kBoth{kRelaxed, kAcquire, kRelease, kAcqRel, kSeqCst};
      const std::uint32_t kinds = shape.seq_cst ? 0 : 1;
      if (event.kind == Kind::kRead) {
        event.order = kReads[random_below(state, 3 - kinds)];
      } else if (event.kind == Kind::kWrite) {
        event.order = kWrites[random_below(state, 3 - kinds)];
      } else if (event.kind == Kind::kAdd) {
        event.order = kBoth[random_below(state, 5 - kinds)];
      } else {
        event.order = kBoth[1 + random_below(state, 4 - kinds)];
      }
      thread.push_back(event);
    }
  }
  return program;
}

[[nodiscard]] std::string text(const AxiomProgram& program) {
  std::string out;
  for (const auto& thread : program) {
    out += "\n ";
    for (const AxiomEvent& event : thread) {
      out += ' ' + std::string(1, "RWUF"[static_cast<int>(event.kind)]) +
             std::string(1, "rcalqs"[event.order]);  // relaxed, consume, acquire, release, acq_rel, seq_cst
      if (event.kind != Kind::kFence) out += std::string(1, "xyz"[event.location]);
      if (event.kind == Kind::kWrite || event.kind == Kind::kAdd) out += std::to_string(event.value);
    }
  }
  return out;
}

/// The same program on the machine.
class Runner {
 public:
  Runner(const AxiomProgram& program, unsigned locations) : seen_(program.size()) {
    for (std::size_t t = 0; t < program.size(); ++t) {
      exploration_.task(static_cast<std::uint8_t>(t), [this, thread = program[t], t] {
        for (const AxiomEvent& event : thread) step(event, seen_[t]);
      });
    }
    exploration_.begin([this] {
      locations_.fill(Location{});
      for (auto& seen : seen_) seen.clear();
    });
    exploration_.outcome([this, locations] {
      std::string outcome;
      for (const auto& seen : seen_)
        for (const std::uint32_t value : seen) outcome += std::to_string(value) + ' ';
      outcome += '|';
      for (unsigned l = 0; l < locations; ++l) outcome += ' ' + std::to_string(locations_[l].peek());
      return outcome;
    });
  }
  Explored explore(ExplorerOptions options) {
    options.memory = MemoryModel::kRc11;
    return exploration_.explore(options);
  }

 private:
  void step(const AxiomEvent& event, std::vector<std::uint32_t>& seen) {
    Location& at = locations_[event.location];
    switch (event.kind) {
      case Kind::kRead:
        seen.push_back(at.load(event.order));
        break;
      case Kind::kWrite:
        at.store(event.value, event.order);
        break;
      case Kind::kAdd:
        seen.push_back(at.add(event.value, event.order));
        break;
      case Kind::kFence:
        __tsan_atomic_thread_fence(event.order);
        break;
    }
  }
  std::array<Location, 3> locations_{};
  std::vector<std::vector<std::uint32_t>> seen_;
  Exploration exploration_;
};

/// `most`: runs a graph, at most; redundant ones count, though they are given up early.
void same_as_axioms(std::uint64_t seeds, const Shape& shape, bool enumerates, double most = 1.2) {
  std::uint64_t runs = 0;
  std::uint64_t graphs = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const AxiomProgram program = random_program(seed * 977 + shape.threads * 31U + shape.steps, shape);
    const AxiomGraphs expected = Axioms(program, shape.locations).graphs();
    Runner runner(program, shape.locations);
    const auto agree = [&](const Explored& explored) {
      std::set<std::string> outcomes;
      for (const auto& [outcome, times] : explored.outcomes) outcomes.insert(outcome);
      ASSERT_TRUE(explored.complete);
      ASSERT_EQ(outcomes, expected.outcomes) << "seed " << seed << text(program);
      ASSERT_EQ(explored.traces.size(), expected.graphs) << "seed " << seed << text(program);
    };
    if (enumerates) {
      agree(runner.explore({.reduces = false}));
      if (::testing::Test::HasFatalFailure()) return;
    }
    const Explored reduced = runner.explore({});
    agree(reduced);
    if (::testing::Test::HasFatalFailure()) return;
    runs += reduced.counts.executions + reduced.counts.redundant;
    graphs += expected.graphs;
  }
  EXPECT_LE(static_cast<double>(runs), most * static_cast<double>(graphs));
}

TEST(ExplorerRc11, HasTheGraphsOfRelaxedAndReleaseAcquire) {
  same_as_axioms(500, {.threads = 2, .steps = 3, .fences = false, .seq_cst = false}, true);
}
TEST(ExplorerRc11, HasTheGraphsOfFences) {
  same_as_axioms(500, {.threads = 2, .steps = 3, .seq_cst = false}, true);
}
TEST(ExplorerRc11, HasTheGraphsOfSeqCst) { same_as_axioms(500, {.threads = 2, .steps = 3}, true); }
TEST(ExplorerRc11, HasTheGraphsOfThreeThreads) { same_as_axioms(300, {.threads = 3, .steps = 2}, false); }

/// What the reads see, thread by thread, over all executions; and that the axioms agree.
[[nodiscard]] std::set<std::string> reads(const AxiomProgram& program) {
  const Explored explored = Runner(program, 3).explore({});
  EXPECT_TRUE(explored.complete);
  EXPECT_EQ(explored.counts.executions, Axioms(program, 3).graphs().graphs);
  std::set<std::string> seen;
  for (const auto& [outcome, times] : explored.outcomes) seen.insert(outcome.substr(0, outcome.find('|')));
  return seen;
}

constexpr unsigned kX = 0, kY = 1;
[[nodiscard]] AxiomEvent read(unsigned location, int order) { return {Kind::kRead, order, location, 0}; }
[[nodiscard]] AxiomEvent write(unsigned location, int order, std::uint32_t value = 1) {
  return {Kind::kWrite, order, location, value};
}
[[nodiscard]] AxiomEvent add(unsigned location, int order) { return {Kind::kAdd, order, location, 1}; }
[[nodiscard]] AxiomEvent fence(int order) { return {Kind::kFence, order, 0, 0}; }

TEST(ExplorerRc11, FencesPassMessages) {
  const AxiomProgram with{{write(kX, kRelaxed), fence(kRelease), write(kY, kRelaxed)},
                          {read(kY, kRelaxed), fence(kAcquire), read(kX, kRelaxed)}};
  EXPECT_FALSE(reads(with).contains("1 0 "));
  const AxiomProgram without{with[0], {read(kY, kRelaxed), read(kX, kRelaxed)}};
  EXPECT_TRUE(reads(without).contains("1 0 "));
}

TEST(ExplorerRc11, SeqCstFencesOrderStoresBeforeLoads) {
  const auto sb = [](int order) {
    return AxiomProgram{{write(kX, kRelaxed), fence(order), read(kY, kRelaxed)},
                        {write(kY, kRelaxed), fence(order), read(kX, kRelaxed)}};
  };
  EXPECT_TRUE(reads(sb(kAcqRel)).contains("0 0 "));
  EXPECT_FALSE(reads(sb(kSeqCst)).contains("0 0 "));
}

/// RC11's weakening for POWER: between seq_cst reads of relaxed writes fences have to stand on both sides.
TEST(ExplorerRc11, SeqCstFencesMakeReadersAgree) {
  const auto iriw = [](int order) {
    return AxiomProgram{{write(kX, kRelaxed)},
                        {write(kY, kRelaxed)},
                        {read(kX, kRelaxed), fence(order), read(kY, kRelaxed)},
                        {read(kY, kRelaxed), fence(order), read(kX, kRelaxed)}};
  };
  EXPECT_TRUE(reads(iriw(kAcqRel)).contains("1 0 1 0 "));
  EXPECT_FALSE(reads(iriw(kSeqCst)).contains("1 0 1 0 "));
}

/// Z6.U of the paper: a seq_cst write and a read-modify-write between do not order what surrounds them.
TEST(ExplorerRc11, SeqCstAccessesMixedWithOthersAreWeakerThanInC11) {
  const AxiomProgram z6u{{write(kX, kSeqCst), write(kY, kRelease)},
                         {add(kY, kSeqCst), read(kY, kRelaxed)},
                         {write(kY, kSeqCst, 3), read(kX, kSeqCst)}};
  EXPECT_TRUE(reads(z6u).contains("1 3 0 "));
}

/// C++20: others' plain stores end a release sequence; read-modify-writes go on with it.
TEST(ExplorerRc11, ReleaseSequencesGoOnWithReadModifyWrites) {
  const AxiomProgram updated{{write(kX, kRelaxed), write(kY, kRelease)},
                             {add(kY, kRelaxed)},
                             {read(kY, kAcquire), read(kX, kRelaxed)}};
  EXPECT_FALSE(reads(updated).contains("1 2 0 "));
  const AxiomProgram stored{updated[0], {read(kY, kRelaxed), write(kY, kRelaxed, 2)}, updated[2]};
  EXPECT_TRUE(reads(stored).contains("1 2 0 "));
}

/// n read-modify-writes of one location come in n! orders, whatever their memory orders.
TEST(ExplorerRc11, UpdatesComeInEveryOrder) {
  std::uint64_t factorial = 1;
  for (std::size_t n = 1; n <= kMaxCpus; ++n) {
    factorial *= n;
    const AxiomProgram program(n, {add(kX, kRelaxed)});
    const Explored explored = Runner(program, 1).explore({});
    EXPECT_EQ(explored.counts.executions, factorial);
    EXPECT_EQ(explored.counts.redundant, 0U);
  }
}

/// n writers: n! modification orders, though none of them is seen by anyone.
TEST(ExplorerRc11, WritesComeInEveryOrder) {
  std::uint64_t factorial = 1;
  for (std::size_t n = 1; n <= kMaxCpus; ++n) {
    factorial *= n;
    AxiomProgram program;
    for (std::uint32_t i = 1; i <= n; ++i) program.push_back({write(kX, kRelaxed, i)});
    EXPECT_EQ(Runner(program, 1).explore({}).counts.executions, factorial);
  }
}

/// A handler is a thread of its own: what it interrupts is ordered for it by signal fences alone.
TEST(ExplorerRc11, HandlersSeeInOrderWhatSignalFencesOrder) {
  for (const bool fences : {false, true}) {
    Location x;
    Location y;
    std::string seen;
    Exploration exploration;
    exploration.begin([&] { x = y = {}; });
    exploration.task(0, [&] {
      x.store(1, kRelaxed);
      if (fences) __tsan_atomic_signal_fence(kRelease);
      y.store(1, kRelaxed);
    });
    exploration.handler(Level::kHardirq, 0, [&] {
      seen = std::to_string(y.load(kRelaxed));
      if (fences) __tsan_atomic_signal_fence(kAcquire);
      seen += std::to_string(x.load(kRelaxed));
    });
    exploration.outcome([&] { return seen; });
    const Explored explored = exploration.explore({.memory = MemoryModel::kRc11});
    EXPECT_TRUE(explored.complete);
    EXPECT_EQ(explored.outcomes.contains("10"), !fences);
    EXPECT_EQ(explored.outcomes.size(), fences ? 3U : 4U);
  }
}

/// A weak compare-exchange of a value that agrees succeeds, or fails for nothing.
TEST(ExplorerRc11, WeakExchangesFailForNothing) {
  Location x;
  bool done = false;
  Exploration exploration;
  exploration.begin([&] { x = {}; });
  exploration.task(0, [&] { done = x.compare_exchange(0, 1, true, kRelaxed, kRelaxed); });
  exploration.outcome([&] { return done ? "done" : "failed"; });
  const Explored explored = exploration.explore({.memory = MemoryModel::kRc11});
  EXPECT_EQ(explored.outcomes, (std::map<std::string, std::uint64_t>{{"done", 1}, {"failed", 1}}));
}

/// What comes after the last access that is kept cannot be judged, and is not guessed.
TEST(ExplorerRc11, SaysWhenSeqCstHasMoreToOrderThanItKeeps) {
  for (const bool seq_cst : {false, true}) {
    Location x;
    Location y;
    Exploration exploration;
    exploration.begin([&] { x = y = {}; });
    exploration.task(0, [&] {
      y.store(1, seq_cst ? kSeqCst : kRelaxed);
      for (unsigned i = 0; i < 300; ++i) static_cast<void>(x.load(kRelaxed));
    });
    const Explored explored = exploration.explore({.memory = MemoryModel::kRc11});
    EXPECT_EQ(explored.complete, !seq_cst);
  }
}

/// Once it has got what it waited for, a context may miss other things again.
TEST(ExplorerRc11, WhoHasWaitedSeesTheLastOnlyOfThat) {
  Location flag;
  Location lock;
  Location x;
  std::uint32_t rounds = 0;
  std::string seen;
  Exploration exploration;
  exploration.begin([&] { flag = lock = x = {}; });
  exploration.task(0, [&] {
    x.store(1, kRelaxed);
    flag.store(1, kRelaxed);
  });
  exploration.task(1, [&] {
    for (rounds = 0; flag.load(kRelaxed) == 0;) ++rounds;
    lock.store(1, kRelaxed);
    seen = (rounds >= 4 ? "waited " : "") + std::to_string(x.load(kRelaxed));
  });
  exploration.outcome([&] { return seen; });
  const Explored explored = exploration.explore({.memory = MemoryModel::kRc11});
  EXPECT_TRUE(explored.complete);
  EXPECT_TRUE(explored.outcomes.contains("waited 0"));
  EXPECT_TRUE(explored.outcomes.contains("waited 1"));
}

/// Cells of different sizes at one place are beyond this: said, and not guessed.
TEST(ExplorerRc11, SaysWhereItDoesNotReach) {
  alignas(8) std::uint64_t both = 0;
  Exploration exploration;
  exploration.task(0, [&] {
    static_cast<void>(__tsan_atomic64_load(&both, kRelaxed));
    static_cast<void>(__tsan_atomic32_load(reinterpret_cast<std::uint32_t*>(&both) + 1, kRelaxed));
  });
  EXPECT_FALSE(exploration.explore({.memory = MemoryModel::kRc11}).complete);
}

}  // namespace
}  // namespace labyrinth::machine::testing
