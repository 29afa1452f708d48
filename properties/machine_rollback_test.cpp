// A run is a transaction: whatever the target wrote is undone. And what the machine finds in wrong targets on
// the way: X4, X5, N3, M1. The target is hooks_target.cpp's toy.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "arena_bytes.hpp"
#include "core.hpp"
#include "frames.hpp"
#include "machine_fixture.hpp"
#include "program.hpp"

namespace labyrinth::machine::testing {
namespace {

using model::Clause;

/// As hooks_target.cpp has it.
struct ToyGlobals {
  std::uint64_t calls;
  std::uint8_t bytes[64];
  std::uint64_t* heap;
};
enum Way : int { kRight, kReadsLiveFrames, kRelaxedOrders, kDeclaresTooFew, kLeaks };

class MachineRollback : public ::testing::Test {
 protected:
  void SetUp() override {
    void* library = dlopen(LABYRINTH_TARGET_DIR "/hooks_target.so", RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << dlerror();
    table_ = reinterpret_cast<const labyrinth_target* (*)(int)>(dlsym(library, "toy_table"));
    globals_ = reinterpret_cast<ToyGlobals* (*)()>(dlsym(library, "toy_globals"))();
  }
  void use(Way way) { machine_.use(*table_(way)); }

  /// Two CPUs, each of which allocates twice and frees the first; an NMI on CPU 0 that allocates.
  [[nodiscard]] static Trace program() {
    Trace trace;
    trace.geometry = one_zone(2, 8, 1, 2, 3);
    trace.geometry.max_order = 0;
    trace.context_count = 3;
    trace.call_count = 7;
    for (std::uint8_t cpu = 0; cpu < 2; ++cpu) {
      const auto first = static_cast<std::uint8_t>(3 * cpu);
      trace.context_storage[cpu] = {Level::kTask, cpu, first, 3};
      trace.call_storage[first] = {.gfp = model::kAtomic.bits};
      trace.call_storage[first + 1U] = {.gfp = model::kNowait.bits};
      trace.call_storage[first + 2U] = {.op = Op::kFree, .order = kOrderOfHandle, .handle = first};
    }
    trace.context_storage[2] = {Level::kNmi, 0, 6, 1};
    trace.call_storage[6] = {.gfp = model::kAtomic.bits};
    return trace;
  }

  const labyrinth_target* (*table_)(int) = nullptr;
  ToyGlobals* globals_ = nullptr;
  Machine machine_;
};

TEST_F(MachineRollback, StateHeapAndGlobalsOfEachSizeAreAsBeforeTheRun) {
  use(kRight);
  const Trace trace = program();
  GoOn go_on;
  ASSERT_EQ(machine_.run(trace, go_on).kind, Outcome::Kind::kClean);
  const ToyGlobals before = *globals_;
  const auto arena_before = arena_bytes();
  for (std::uint8_t i = 0; i < 16; ++i) EXPECT_EQ(before.bytes[i], i + 1);  // as the object was loaded
  EXPECT_EQ(before.calls, 0U);
  EXPECT_EQ(before.heap, nullptr);
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomWalk walk(seed, 2);
    const Outcome& outcome = machine_.run(trace, walk);
    ASSERT_EQ(outcome.kind, Outcome::Kind::kClean)
        << seed << ' ' << model::name(outcome.violation.clause) << ' ' << outcome.violation.reason;
    ASSERT_EQ(std::memcmp(&before, globals_, sizeof before), 0) << seed;
    ASSERT_EQ(core.shadow.count(), 0U);
    if (seed % 50 == 0) {
      ASSERT_TRUE(arena_bytes() == arena_before) << seed;
    }
  }
}

TEST_F(MachineRollback, ARunThatEndsInTheMiddleIsUndoneToo) {
  use(kDeclaresTooFew);
  const Trace trace = program();
  const ToyGlobals before = *globals_;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomWalk walk(seed, 2);
    ASSERT_EQ(machine_.run(trace, walk).kind, Outcome::Kind::kViolation);
    ASSERT_EQ(std::memcmp(&before, globals_, sizeof before), 0);
  }
  use(kRight);
  GoOn go_on;
  EXPECT_EQ(machine_.run(trace, go_on).kind, Outcome::Kind::kClean);
}

TEST_F(MachineRollback, ARunIsAFunctionOfItsTraceAccessByAccess) {
  use(kRight);
  const Trace trace = program();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::array<std::string, 2> text;
    for (std::string& one : text) {
      Recorder recorder;
      machine_.observe(&recorder);
      RandomWalk walk(seed, 2);
      ASSERT_EQ(machine_.run(trace, walk).kind, Outcome::Kind::kClean);
      machine_.observe(nullptr);
      one = recorder.text;
      for (const AccessRecord& access : recorder.accesses) one += std::to_string(access.address) + ' ';
      for (std::uint8_t call = 0; call < trace.call_count; ++call) {
        one += std::to_string(machine_.outcome().results[call].pfn) + ' ';
      }
    }
    ASSERT_EQ(text[0], text[1]) << seed;
    ASSERT_GT(text[0].size(), 100U);
  }
}

TEST_F(MachineRollback, AnotherGeometryInBetweenChangesNothing) {
  use(kRight);
  const Trace trace = program();
  Trace other = trace;
  other.geometry.normal().frames = 5;
  GoOn go_on;
  std::array<std::uint32_t, 2> accesses{};
  for (std::uint32_t& count : accesses) {
    count = machine_.run(trace, go_on).accesses;
    ASSERT_EQ(machine_.run(other, go_on).kind, Outcome::Kind::kClean);
  }
  EXPECT_EQ(accesses[0], accesses[1]);
  other.geometry.normal().frames = 65;
  EXPECT_EQ(machine_.run(other, go_on).kind, Outcome::Kind::kRefused);
  EXPECT_EQ(machine_.run(trace, go_on).kind, Outcome::Kind::kClean);
}

TEST_F(MachineRollback, X5_ReadingAFrameThatIsLiveIsAViolationAndOneThatIsFreeIsNot) {
  use(kReadsLiveFrames);
  const Trace trace = program();
  GoOn go_on;
  const Outcome& outcome = machine_.run(trace, go_on);
  EXPECT_EQ(outcome.violation.clause, Clause::X5);
  EXPECT_EQ(outcome.violation.call, 1) << "the first call finds frame 0 free";
  EXPECT_EQ(outcome.violation.seen, 0);
}

TEST_F(MachineRollback, M1_HandingFramesOverWithRelaxedOperationsIsARace) {
  const Trace trace = program();
  for (const Way way : {kRight, kRelaxedOrders}) {
    use(way);
    int races = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      RandomWalk walk(seed, 2);
      const Outcome& outcome = machine_.run(trace, walk);
      if (outcome.kind == Outcome::Kind::kClean) continue;
      ASSERT_EQ(outcome.violation.clause, Clause::M1) << outcome.violation.reason;
      ASSERT_STREQ(std::strstr(outcome.violation.reason, "new owner"),
                   "new owner is not ordered after its last one by happens-before; frame");
      EXPECT_NE(outcome.violation.other, kNoCall);
      ++races;
    }
    EXPECT_EQ(races > 20, way == kRelaxedOrders) << races;
    EXPECT_EQ(races == 0, way == kRight) << races;
  }
}

TEST_F(MachineRollback, N3_MoreStepsThanDeclaredAreAViolation) {
  use(kDeclaresTooFew);
  GoOn go_on;
  const Trace trace = program();
  const Outcome& outcome = machine_.run(trace, go_on);
  EXPECT_EQ(outcome.violation.clause, Clause::N3);
  EXPECT_EQ(outcome.violation.call, 0);
  EXPECT_EQ(outcome.violation.permitted, 2);
  EXPECT_EQ(outcome.violation.seen, 3);
}

TEST_F(MachineRollback, X4_AFrameThatIsLostIsFoundByDraining) {
  use(kLeaks);
  const Trace trace = program();
  GoOn go_on;
  const Outcome& outcome = machine_.run(trace, go_on);
  EXPECT_EQ(outcome.violation.clause, Clause::X4);
  EXPECT_EQ(outcome.violation.call, kNoCall);
  Machine careless({.drain = false});
  EXPECT_EQ(careless.run(trace, go_on).kind, Outcome::Kind::kClean);
}

TEST_F(MachineRollback, X3_DoubleFreesByTwoCpusAreTheCallersBugAndNoRace) {
  use(kRight);
  Trace trace = program();
  trace.context_count = 2;
  trace.call_count = 4;
  trace.context_storage[0] = {Level::kTask, 0, 0, 2};
  trace.context_storage[1] = {Level::kTask, 1, 2, 2};
  trace.call_storage[1] = {.op = Op::kFree, .order = kOrderOfHandle, .handle = 0};
  trace.call_storage[2] = {.op = Op::kFree, .order = kOrderOfHandle, .handle = 0};
  trace.call_storage[3] = {.gfp = model::kAtomic.bits};
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    RandomWalk walk(seed, 2);
    const Outcome& outcome = machine_.run(trace, walk);
    ASSERT_EQ(outcome.kind, Outcome::Kind::kClean)
        << seed << ' ' << model::name(outcome.violation.clause) << ' ' << outcome.violation.reason;
  }
}

}  // namespace
}  // namespace labyrinth::machine::testing
