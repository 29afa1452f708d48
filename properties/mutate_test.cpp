// Mutations of traces for the fuzzers: what they make is valid, and what they look like.
#include "mutate.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "labyrinth/machine/trace_binary.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "meetings.hpp"
#include "outline.hpp"
#include "trace_generator.hpp"

namespace labyrinth::fuzz {
namespace {

using machine::Decision;
using machine::Op;
using machine::Trace;

/// Traces as the fuzzers have them.
std::vector<Trace> some_traces(int count) {
  properties::TraceGenerator generator(11);
  std::vector<Trace> traces;
  while (static_cast<int>(traces.size()) < count) {
    const Trace trace = generator.next();
    std::vector<std::uint8_t> bytes(machine::kMaxEncodedSize);
    if (machine::encode_trace(trace, bytes) != 0) traces.push_back(trace);
  }
  return traces;
}

Trace parsed(const char* text) {
  const auto read = machine::parse_trace(text);
  return std::get<machine::TraceFile>(read).trace;
}

TEST(Mutate, AnOutlineIsTheTraceThatItWasMadeOf) {
  for (const Trace& trace : some_traces(2000)) {
    Trace again = trace;
    Outline(trace).apply(again);
    ASSERT_TRUE(machine::same(trace, again));
  }
}

TEST(Mutate, EveryEditKeepsATraceValidAndMostChangeIt) {
  int changed = 0;
  int edits = 0;
  std::uint64_t chance = 5;
  for (const Trace& trace : some_traces(2000)) {
    if (trace.context_count == 0) continue;
    Trace edited = trace;
    for (int i = 0; i < 20; ++i) {
      const Trace before = edited;
      edit(edited, nullptr, chance);
      const auto flaw = machine::validate(edited);
      ASSERT_FALSE(flaw) << *flaw;
      ++edits;
      if (!machine::same(before, edited)) ++changed;
    }
  }
  EXPECT_GT(changed * 10, edits * 8) << changed << " of " << edits;
}

TEST(Mutate, X3_FreesBecomeWildOnes) {
  const Trace trace =
      parsed("labyrinth trace 1\nmachine frames=64\ntask 0 cpu 0\n  a = alloc atomic order=0\n  free a\n");
  int elsewhere = 0;
  int beside = 0;
  int again = 0;
  std::uint64_t chance = 3;
  for (int i = 0; i < 2000; ++i) {
    Trace edited = trace;
    edit(edited, nullptr, chance);
    int frees = 0;
    for (const machine::Call& call : edited.calls()) {
      if (call.op != Op::kFree) continue;
      if (call.handle == machine::kNoHandle) ++elsewhere;
      if (call.handle != machine::kNoHandle && call.pfn != 0) ++beside;
      if (call.handle != machine::kNoHandle && call.pfn == 0) ++frees;
    }
    if (edited.calls().size() == 3 && frees == 2) ++again;
  }
  EXPECT_GT(elsewhere, 20);
  EXPECT_GT(beside, 20);
  EXPECT_GT(again, 20);
}

TEST(Mutate, SplicingKeepsATraceValidAndBringsCallsOver) {
  const std::vector<Trace> traces = some_traces(1000);
  std::uint64_t chance = 5;
  int longer = 0;
  for (std::size_t i = 1; i < traces.size(); ++i) {
    Trace spliced = traces[i];
    splice(spliced, traces[i - 1], chance);
    const auto flaw = machine::validate(spliced);
    ASSERT_FALSE(flaw) << *flaw;
    if (spliced.call_count > traces[i].call_count) ++longer;
  }
  EXPECT_GT(longer, 500);
}

TEST(Mutate, AFreeGoesWithItsAllocAndTheOthersStillMeanTheirs) {
  Trace trace = parsed(
      "labyrinth trace 1\nmachine frames=64\ntask 0 cpu 0\n  a = alloc atomic order=0\n  b = alloc atomic "
      "order=1\n"
      "  free a\n  free b\nschedule\n  at free.b access 1: spurious\n");
  Outline outline(trace);
  outline.erase(0);
  outline.apply(trace);
  ASSERT_EQ(trace.call_count, 2);
  EXPECT_EQ(trace.call_storage[0].order, 1);
  EXPECT_EQ(trace.call_storage[1].op, Op::kFree);
  EXPECT_EQ(trace.call_storage[1].handle, 0);
  ASSERT_EQ(trace.departure_count, 1);
  EXPECT_EQ(trace.departure_storage[0].call, 1);
}

TEST(Mutate, DeparturesAtOnePointStayInTheirOrder) {
  Trace trace = parsed(
      "labyrinth trace 1\nmachine cpus=2 frames=64\ntask 0 cpu 0\n  a = alloc atomic order=0\nhardirq cpu 0\n"
      "  b = alloc atomic order=0\ntask 1 cpu 1\n  c = alloc atomic order=0\n");
  Outline outline(trace);
  outline.add({1, 2, {Decision::Kind::kInterrupt, 2}});
  outline.add({1, 1, {Decision::Kind::kCpu, 1}});
  outline.add({1, 2, {Decision::Kind::kCpu, 1}});
  outline.apply(trace);
  ASSERT_EQ(trace.departure_count, 3);
  EXPECT_EQ(trace.departure_storage[0].access, 1);
  EXPECT_EQ(trace.departure_storage[1].decision.kind, Decision::Kind::kInterrupt);
  EXPECT_EQ(trace.departure_storage[2].decision.kind, Decision::Kind::kCpu);
}

TEST(Mutate, OneSeedMakesOneMutation) {
  for (const Trace& trace : some_traces(50)) {
    std::vector<std::uint8_t> one(machine::kMaxEncodedSize);
    const std::size_t size = machine::encode_trace(trace, one);
    std::vector<std::uint8_t> other = one;
    const std::size_t mutated = mutate(one, size, nullptr, 7);
    EXPECT_EQ(mutated, mutate(other, size, nullptr, 7));
    EXPECT_EQ(one, other);
  }
}

/// What meetings are drawn for a program on the reference allocator.
std::vector<machine::Departure> meetings(const char* text) {
  const auto loaded = machine::Target::load(LABYRINTH_TARGET_DIR "/reference.so");
  machine::Machine machine;
  machine.use(std::get<machine::Target>(loaded).table());
  const Trace trace = parsed(text);
  Meetings look;
  std::vector<machine::Departure> drawn;
  for (std::uint64_t chance = 0; chance < 50; ++chance) {
    std::uint64_t state = chance;
    look.look(machine, trace);
    const auto departure = look.draw(trace, state);
    if (departure) drawn.push_back(*departure);
  }
  return drawn;
}

TEST(Mutate, ContextsMeetBeforeAnAccessOfOneThatLetsTheOtherGo) {
  const auto cpus = meetings(
      "labyrinth trace 1\nmachine cpus=2 frames=64\ntask 0 cpu 0\n  a = alloc atomic order=0\ntask 1 cpu 1\n"
      "  b = alloc atomic order=0\n");
  ASSERT_EQ(cpus.size(), 50U);
  for (const machine::Departure& departure : cpus) {
    EXPECT_GE(departure.access, 1);
    EXPECT_EQ(departure.decision,
              (Decision{Decision::Kind::kCpu, static_cast<std::uint8_t>(1 - departure.call)}));
  }
  const auto interrupts = meetings(
      "labyrinth trace 1\nmachine frames=64\ntask 0 cpu 0\n  a = alloc atomic order=0\nhardirq cpu 0\n"
      "  b = alloc atomic order=0\n");
  ASSERT_EQ(interrupts.size(), 50U);
  bool seen = false;
  for (const machine::Departure& departure : interrupts)
    seen = seen || departure.decision == Decision{Decision::Kind::kInterrupt, 2};
  EXPECT_TRUE(seen);
}

TEST(Mutate, NobodyMeetsWhereThereIsOneContext) {
  EXPECT_TRUE(
      meetings("labyrinth trace 1\nmachine frames=64\ntask 0 cpu 0\n  a = alloc atomic order=0\n").empty());
}

}  // namespace
}  // namespace labyrinth::fuzz
