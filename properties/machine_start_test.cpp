// Blocks that live from the start: every run begins with them, on the reference allocator, which chooses its
// frames itself; a target that cannot be brought there is refused, and says so.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "arena_bytes.hpp"
#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/strategies.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "program.hpp"

namespace labyrinth::machine {
namespace {

class MachineStart : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loaded = Target::load(LABYRINTH_TARGET_DIR "/reference.so");
    ASSERT_TRUE(std::holds_alternative<Target>(loaded)) << std::get<std::string>(loaded);
    table_ = std::get<Target>(loaded).table();
    machine_.use(table_);
  }
  static Trace parsed(const std::string& lines) {
    auto result = parse_trace("labyrinth trace 1\nmachine cpus=2 frames=128 max_order=6\n" + lines);
    if (const auto* error = std::get_if<ParseError>(&result)) ADD_FAILURE() << error_text(*error, "text");
    return std::get<TraceFile>(result).trace;
  }
  const Outcome& run(const Trace& trace) {
    Replay replay(trace);
    return machine_.run(trace, replay);
  }

  labyrinth_target table_{};
  Machine machine_;
};

TEST_F(MachineStart, TheirFramesAreTakenAndTheirOwnersCanFreeThem) {
  const Trace trace = parsed(
      "a = live pfn=64 order=6\nb = live pfn=0 order=5\nc = live pfn=37 order=0\ntask 0 cpu 0\n"
      "d = alloc memalloc order=6\ne = alloc memalloc order=4\nfree a\nf = alloc memalloc order=6\nfree "
      "b\nfree c\n"
      "task 1 cpu 1\nfree pfn=37 order=1\nfree b\n");
  const Outcome& outcome = run(trace);
  ASSERT_EQ(outcome.kind, Outcome::Kind::kClean) << outcome.violation.reason << outcome.limit;
  const auto status = [&](std::size_t call) { return outcome.results[call].status; };
  EXPECT_EQ(status(3), LABYRINTH_TARGET_EXHAUSTED);
  EXPECT_EQ(outcome.results[4].pfn, 48U) << "the one place that is left";
  EXPECT_EQ(status(5), LABYRINTH_TARGET_OK);
  EXPECT_EQ(outcome.results[6].pfn, 64U);
  EXPECT_EQ(status(7), LABYRINTH_TARGET_OK);
  EXPECT_EQ(status(8), LABYRINTH_TARGET_OK);
  EXPECT_EQ(status(9), LABYRINTH_TARGET_BAD_ARGUMENT) << "no such block";
  EXPECT_EQ(status(10), LABYRINTH_TARGET_BAD_ARGUMENT) << "freed already";
}

TEST_F(MachineStart, TheyAreNoStepsAndNoDecisions) {
  const std::string program = "task 0 cpu 0\nx = alloc memalloc order=0\nfree x\n";
  const std::uint32_t alone = run(parsed(program)).accesses;
  EXPECT_EQ(run(parsed("a = live pfn=127 order=0\n" + program)).accesses, alone);
}

TEST_F(MachineStart, EveryRunBeginsWithThemWhateverRanBetween) {
  const Trace live = parsed("a = live pfn=3 order=0\ntask 0 cpu 0\nx = alloc memalloc order=0\nfree a\n");
  const Trace other = parsed("a = live pfn=5 order=0\ntask 0 cpu 0\nfree a\ny = alloc memalloc order=6\n");
  const Trace none = parsed("task 0 cpu 0\nx = alloc memalloc order=0\n");
  ASSERT_EQ(run(live).kind, Outcome::Kind::kClean);
  const auto first = testing::arena_bytes();
  ASSERT_EQ(run(live).kind, Outcome::Kind::kClean);
  EXPECT_TRUE(testing::arena_bytes() == first);
  for (const Trace* const between : {&other, &none, &other}) {
    ASSERT_EQ(run(*between).kind, Outcome::Kind::kClean);
    ASSERT_EQ(run(live).kind, Outcome::Kind::kClean);
    EXPECT_EQ(machine_.outcome().results[2].status, LABYRINTH_TARGET_OK);
  }
}

TEST_F(MachineStart, X1_E2_AnySetOfThemLeavesExactlyTheOtherFrames) {
  std::uint64_t seed = 1;
  for (int round = 0; round < 300; ++round) {
    Trace trace = parsed("");
    trace.geometry.first_pfn = random_below(seed, 2) * 40;
    trace.geometry.zones[0].frames = random_below(seed, 2) * 24;
    std::uint64_t left = trace.geometry.frames();
    for (std::uint32_t tries = random_below(seed, 40); tries != 0; --tries) {
      Call& call = trace.call_storage[trace.call_count];
      call = {.op = Op::kLive, .order = static_cast<std::uint8_t>(random_below(seed, 7))};
      call.pfn = (trace.geometry.first_pfn + random_below(seed, 152)) >> call.order << call.order;
      if (misplaced(trace, trace.call_count) != nullptr) continue;
      ++trace.call_count;
      left -= std::uint64_t{1} << call.order;
    }
    const std::uint8_t live = trace.call_count;
    trace.context_count = 1;
    trace.context_storage[0] = {model::Level::kTask, 0, live, 0};
    for (std::uint32_t size = 1; size <= 255 && trace.call_count < kMaxCalls; ++size) {
      trace.call_storage[trace.call_count++] = {
          .op = Op::kBulk, .gfp = model::kMemalloc.bits, .pfn = left > 20 ? left / 4 : 1};
      ++trace.context_storage[0].calls;
      if (left == 0) break;
      left -= left > 20 ? left / 4 : 1;
    }
    ASSERT_EQ(validate(trace), std::nullopt);
    const Outcome& outcome = run(trace);
    const std::string text = print_trace({trace, {}, {}, {}, {}});
    // The checker judges every answer by what is free, and the draining all that is lost.
    ASSERT_EQ(outcome.kind, Outcome::Kind::kClean) << outcome.violation.reason << outcome.limit << text;
    for (std::uint8_t i = 0; i < live; ++i) ASSERT_EQ(outcome.results[i].pfn, trace.call_storage[i].pfn);
  }
}

TEST_F(MachineStart, ATargetThatCannotBeBroughtThereIsRefusedAndSaysSo) {
  const Trace trace = parsed("a = live pfn=3 order=0\ntask 0 cpu 0\nx = alloc memalloc order=0\n");
  labyrinth_target without = table_;
  without.alloc = [](void*, std::uint32_t, std::uint32_t, labyrinth_target_answer* answer) {
    *answer = {LABYRINTH_TARGET_EXHAUSTED, 0, 0};
  };
  labyrinth_target twice = table_;
  twice.alloc = [](void*, std::uint32_t, std::uint32_t, labyrinth_target_answer* answer) {
    *answer = {LABYRINTH_TARGET_OK, 0, 1};
  };
  for (const labyrinth_target* const bad : {&without, &twice}) {
    machine_.use(*bad);
    for (int times = 0; times < 2; ++times) {
      EXPECT_EQ(run(trace).kind, Outcome::Kind::kRefused);
      EXPECT_STREQ(machine_.outcome().limit,
                   "the target cannot be brought to the blocks that live from the start");
    }
  }
  machine_.use(table_);
  EXPECT_EQ(run(trace).kind, Outcome::Kind::kClean);
}

TEST_F(MachineStart, X5_TheirOwnersHaveWrittenIntoThem) {
  const Trace trace = parsed(
      "a = live pfn=3 order=0\ntask 0 cpu 0\nfree a\nx = bulk memalloc|zero count=64\ny = bulk memalloc|zero "
      "count=64\n");
  EXPECT_EQ(run(trace).kind, Outcome::Kind::kClean);
  labyrinth_target sloppy = table_;  // as if asked for frames of any content
  static void (*right)(void*, std::uint32_t, std::uint32_t, std::uint64_t*, labyrinth_target_answer*) =
      nullptr;
  right = table_.alloc_bulk;
  sloppy.alloc_bulk = [](void* self, std::uint32_t gfp, std::uint32_t count, std::uint64_t* pfns,
                         labyrinth_target_answer* answer) {
    right(self, gfp & ~LABYRINTH_TARGET_ZERO, count, pfns, answer);
  };
  machine_.use(sloppy);
  EXPECT_EQ(run(trace).kind, Outcome::Kind::kViolation);
  EXPECT_EQ(machine_.outcome().violation.clause, model::Clause::X5);
}

}  // namespace
}  // namespace labyrinth::machine
