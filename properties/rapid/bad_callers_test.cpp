// Bad callers, by hand: each mistake from each context in which it can be made, with the answer that it must
// get. What is drawn by chance is in the properties double-free, foreign-free, bad-context, bad-unmap and
// wrong-room.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::properties {
namespace {

using machine::CallResult;
using machine::Outcome;
using model::Status;

/// One run of a trace on the reference allocator, and what its calls were answered, by their names.
class Misuse {
 public:
  explicit Misuse(const std::string& text) {
    auto loaded = machine::Target::load(LABYRINTH_TARGET_DIR "/reference.so");
    auto parsed = machine::parse_trace("labyrinth trace 1\n" + text);
    if (const auto* const error = std::get_if<machine::ParseError>(&parsed))
      ADD_FAILURE() << machine::error_text(*error, "trace");
    file_ = std::get<machine::TraceFile>(parsed);
    machine::Machine machine;
    machine.use(std::get<machine::Target>(loaded).table());
    machine::Replay schedule(file_.trace);
    outcome_ = machine.run(file_.trace, schedule);
    EXPECT_EQ(outcome_.kind, Outcome::Kind::kClean) << outcome_.violation.reason << "\n" << text;
  }
  [[nodiscard]] Status of(const std::string& name) const {
    for (std::size_t i = 0; i < file_.names.size(); ++i) {
      if (file_.names[i] != name) continue;
      EXPECT_EQ(outcome_.results[i].state, CallResult::State::kAnswered) << name;
      return static_cast<Status>(outcome_.results[i].status);
    }
    ADD_FAILURE() << "no call is named " << name;
    return Status::kOk;
  }

 private:
  machine::TraceFile file_;
  Outcome outcome_;
};

constexpr const char* kHandlers[] = {"softirq", "hardirq", "nmi"};

TEST(BadCallers, X3_OfTwoFreesOfABlockOneSucceedsWhereverTheHandlerMakesTheOther) {
  for (const char* const level : kHandlers) {
    for (int access = 0; access <= 4; ++access) {
      const Misuse run(fmt::format(
          "machine cpus=1 frames=64 zone=normal:64 min=0 low=0 high=0\ntask 0 cpu 0\n  a = alloc atomic "
          "order=1\n  free a\n{0} cpu 0\n  free a\n  b = alloc atomic order=1\n"
          "schedule\n  at free.a access {1}: {0}\n",
          level, access));
      const bool first = run.of("free.a") == Status::kOk;
      const bool second = run.of("free.a.2") == Status::kOk;
      // The handler's alloc can have the same block again, and the stale free then frees that: X3 says so.
      EXPECT_TRUE(first || second) << level << " at " << access;
      EXPECT_EQ(run.of("b"), Status::kOk);
    }
  }
}

TEST(BadCallers, X3_WhatIsNoLiveBlockIsABadArgumentFromEveryLevel) {
  for (const char* const level : {"task 0", "softirq", "hardirq", "nmi"}) {
    const Misuse run(
        fmt::format("machine cpus=1 frames=8 zone=normal:8 min=0 low=0 high=0 first_pfn=16\n{} cpu 0\n"
                    "  a = alloc atomic order=2\n"
                    "  free a order=1\n  free a+1 order=0\n  free a order=3\n  free a+1\n"
                    "  outside = free pfn=15 order=0\n  behind = free pfn=24 order=0\n"
                    "  far = free pfn=18446744073709551615 order=0\n  huge = free pfn=16 order=254\n"
                    "  free a\n  free a\n",
                    level));
    for (const char* const name :
         {"free.a", "free.a.2", "free.a.3", "free.a.4", "outside", "behind", "far", "huge"})
      EXPECT_EQ(run.of(name), Status::kBadArgument) << name << " in " << level;
    EXPECT_EQ(run.of("free.a.5"), Status::kOk) << level;
    EXPECT_EQ(run.of("free.a.6"), Status::kBadArgument) << level;
  }
}

TEST(BadCallers, C1_WhatMaySleepIsABadContextInEveryHandler) {
  for (const char* const level : kHandlers) {
    const Misuse run(
        fmt::format("machine cpus=1 frames=8 zone=normal:8 min=0 low=0 high=0\n{} cpu 0\n"
                    "  a = alloc kernel order=0\n  b = bulk kernel count=2\n  c = exact direct frames=3\n"
                    "  d = alloc kernel|nofail order=0\n  e = alloc nowait order=0\n",
                    level));
    for (const char* const name : {"a", "b", "c", "d"}) EXPECT_EQ(run.of(name), Status::kBadContext) << level;
    EXPECT_EQ(run.of("e"), Status::kOk) << level;
  }
}

TEST(BadCallers, C1_WhatMaySleepIsABadContextBehindEveryMaskAndServedBeforeAndAfter) {
  for (const char* const mask : {"irq", "bh", "preempt"}) {
    const Misuse run(
        fmt::format("machine cpus=1 frames=8 zone=normal:8 min=0 low=0 high=0\ntask 0 cpu 0\n"
                    "  a = alloc kernel order=0\n  {0} disable\n  {0} disable\n  b = alloc kernel order=0\n"
                    "  {0} enable\n  c = alloc kernel order=0\n  {0} enable\n  d = alloc kernel order=0\n",
                    mask));
    EXPECT_EQ(run.of("a"), Status::kOk) << mask;
    EXPECT_EQ(run.of("b"), Status::kBadContext) << mask;
    EXPECT_EQ(run.of("c"), Status::kBadContext) << mask;
    EXPECT_EQ(run.of("d"), Status::kOk) << mask;
  }
}

TEST(BadCallers, C2_UnmappingOutOfOrderTheWrongWayTwiceOrOfAnotherContextIsABadArgument) {
  const Misuse run(
      "machine cpus=1\nzone normal frames=4 min=0 low=0 high=0 unmapped\nmap slots=1 depth=2\n"
      "task 0 cpu 0\n  a = alloc atomic order=2\n  m = map_local a\n  n = map_atomic a+1\n  deep = map_local "
      "a+2\n"
      "  early = unmap_local m\n  way = unmap_local n\n  right = unmap_atomic n\n  twice = unmap_atomic n\n"
      "  last = unmap_local m\n  empty = unmap_local m\n"
      "hardirq cpu 0\n  other = unmap_atomic n\n  o = map_local a+3\n"
      "schedule\n  at early access 0: hardirq\n");
  for (const char* const name : {"early", "way", "twice", "empty", "other"})
    EXPECT_EQ(run.of(name), Status::kBadArgument) << name;
  EXPECT_EQ(run.of("deep"), Status::kExhausted);
  for (const char* const name : {"right", "last", "o"}) EXPECT_EQ(run.of(name), Status::kOk) << name;
}

TEST(BadCallers, E4_NobodyIsServedFromARoomThatIsNotTheirs) {
  const Misuse run(
      "machine cpus=2\nzone normal frames=1 min=0 low=0 high=0\nroom hardirq frames=1\n"
      "task 0 cpu 0\n  tasks = alloc atomic|room order=0\n"
      "hardirq cpu 0\n  a = alloc atomic|room order=0\n  second = alloc atomic|room order=0\n"
      "  large = alloc atomic|room order=1\n  device = alloc atomic|device0 order=0\n  isolated = alloc "
      "atomic|room|exclusive order=0\n"
      "hardirq cpu 1\n  b = alloc atomic|room order=0\n"
      "softirq cpu 1\n  soft = alloc atomic|room order=0\n");
  for (const char* const name : {"tasks", "large", "device", "isolated", "soft"})
    EXPECT_EQ(run.of(name), Status::kBadArgument) << name;
  EXPECT_EQ(run.of("a"), Status::kOk);
  EXPECT_EQ(run.of("b"), Status::kOk);
  EXPECT_EQ(run.of("second"), Status::kExhausted);
}

}  // namespace
}  // namespace labyrinth::properties
