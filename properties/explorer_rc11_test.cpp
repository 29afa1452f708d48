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
  ::testing::Test::RecordProperty("runs_per_graph", std::to_string(static_cast<double>(runs) / static_cast<double>(graphs)));
}

TEST(ExplorerRc11, HasTheGraphsOfRelaxedAndReleaseAcquire) {
  same_as_axioms(500, {.threads = 2, .steps = 3, .fences = false, .seq_cst = false}, true);
}
TEST(ExplorerRc11, HasTheGraphsOfFences) {
  same_as_axioms(500, {.threads = 2, .steps = 3, .seq_cst = false}, true);
}
TEST(ExplorerRc11, HasTheGraphsOfSeqCst) { same_as_axioms(500, {.threads = 2, .steps = 3}, true); }
TEST(ExplorerRc11, HasTheGraphsOfThreeThreads) {
  same_as_axioms(300, {.threads = 3, .steps = 2}, false);
}

}  // namespace
}  // namespace labyrinth::machine::testing
