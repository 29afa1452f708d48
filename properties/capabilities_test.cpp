// What a target cannot do never reaches it, and it is judged by the rest: a toy that can do nothing but hand
// out single frames and take them back, and the same toy with one thing wrong at a time.
#include "labyrinth/machine/capabilities.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <variant>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "machine_fixture.hpp"
#include "trace_generator.hpp"

namespace labyrinth::machine::testing {
namespace {

using model::Clause;
using properties::TraceGenerator;

enum class Wrong : std::uint8_t { kNothing, kRefusesTheFirst, kLosesWhatIsFreed, kGivesTheSameTwice };
Wrong wrong = Wrong::kNothing;

/// Calls that it should never have seen.
std::uint64_t surprises = 0;

constexpr std::uint64_t kMost = 32;

struct Toy {
  std::uint32_t taken;  ///< Bit per frame; through hooks alone.
  std::uint32_t frames;
  std::uint64_t first_pfn;
};

void alloc(void* self, std::uint32_t gfp, std::uint32_t order, labyrinth_target_answer* answer) {
  Toy& toy = *static_cast<Toy*>(self);
  if (gfp != 0 || order != 0) ++surprises;
  answer->status = LABYRINTH_TARGET_EXHAUSTED;
  std::uint32_t taken = __tsan_atomic32_load(&toy.taken, kAcquire);
  if (taken == 0 && wrong == Wrong::kRefusesTheFirst) return;
  for (std::uint32_t frame = 0; frame < toy.frames;) {
    const std::uint32_t bit = 1U << frame;
    const bool is_taken = (taken & bit) != 0 && (wrong != Wrong::kGivesTheSameTwice || frame != 0);
    if (is_taken) {
      ++frame;
    } else if (__tsan_atomic32_compare_exchange_strong(&toy.taken, &taken, taken | bit, kAcqRel, kAcquire) !=
               0) {
      *answer = {LABYRINTH_TARGET_OK, 0, toy.first_pfn + frame};
      return;
    }
  }
}

void release(void* self, std::uint64_t pfn, std::uint32_t order, labyrinth_target_answer* answer) {
  Toy& toy = *static_cast<Toy*>(self);
  const std::uint64_t frame = pfn - toy.first_pfn;
  if (order != 0 || frame >= toy.frames) {
    ++surprises;
    return;
  }
  if (wrong == Wrong::kLosesWhatIsFreed) return;
  const std::uint32_t before = __tsan_atomic32_fetch_and(&toy.taken, ~(1U << frame), kAcqRel);
  if ((before >> frame & 1U) == 0) ++surprises;
  answer->status = LABYRINTH_TARGET_OK;
}

std::size_t state_size(const labyrinth_target_geometry* geometry) {
  const std::uint64_t elsewhere = geometry->frames - geometry->zones[LABYRINTH_TARGET_ZONE_NORMAL].frames;
  if (elsewhere != 0 || geometry->max_order != 0 || geometry->zones[LABYRINTH_TARGET_ZONE_NORMAL].high != 0)
    ++surprises;
  return geometry->frames <= kMost ? sizeof(Toy) : 0;
}

void* create(const labyrinth_target_geometry* geometry, void* state, void*) {
  auto& toy = *static_cast<Toy*>(state);
  toy = {0, static_cast<std::uint32_t>(geometry->frames), geometry->first_pfn};
  return state;
}

constexpr labyrinth_target table_of(std::uint64_t can) {
  labyrinth_target table{};
  table.abi = LABYRINTH_TARGET_ABI;
  table.name = "toy";
  table.description = "single frames";
  table.can = can;
  table.state_size = state_size;
  table.create = create;
  table.alloc = alloc;
  table.free = release;
  return table;
}
constexpr labyrinth_target kToy = table_of(0);

class Capabilities : public ::testing::Test {
 protected:
  void SetUp() override {
    machine_.use(kToy);
    surprises = 0;
  }
  ~Capabilities() override { wrong = Wrong::kNothing; }

  /// Random programs, on machines that the toy accepts, until one breaks a clause.
  Clause first_broken(std::uint32_t programs) {
    TraceGenerator generator(1);
    ran_ = 0;
    for (std::uint32_t i = 0; i < programs; ++i) {
      Trace trace = generator.next();
      if (trace.geometry.frames() > kMost) trace.geometry = one_zone(trace.geometry.cpus, 8, 1, 2, 3);
      Replay replay(trace);
      const Outcome& outcome = machine_.run(trace, replay);
      if (outcome.kind == Outcome::Kind::kViolation) return outcome.violation.clause;
      ran_ += outcome.kind == Outcome::Kind::kClean ? 1 : 0;
    }
    return Clause::kNone;
  }
  const Outcome& run(const std::string& program) {
    const auto parsed = parse_trace("labyrinth trace 1\nmachine cpus=2 frames=8 zone=normal:8\n" + program);
    if (const auto* error = std::get_if<ParseError>(&parsed)) ADD_FAILURE() << error_text(*error, "program");
    trace_ = std::get<TraceFile>(parsed).trace;
    Replay replay(trace_);
    return machine_.run(trace_, replay);
  }

  Machine machine_;
  Trace trace_;
  std::uint64_t ran_ = 0;
};

TEST_F(Capabilities, WhatATargetCannotDoNeverReachesIt) {
  EXPECT_EQ(first_broken(4000), Clause::kNone);
  EXPECT_EQ(surprises, 0U);
  EXPECT_GT(ran_, 3000U);
}

TEST_F(Capabilities, X2_WhoSaysThatItCanIsAsked) {
  constexpr labyrinth_target kBoaster = table_of(LABYRINTH_TARGET_CAN_CHECK_REQUESTS);
  machine_.use(kBoaster);
  EXPECT_NE(first_broken(4000), Clause::kNone);
}

TEST_F(Capabilities, E2_NoReasonPermitsARefusalOfWhatIsThere) {
  wrong = Wrong::kRefusesTheFirst;
  EXPECT_EQ(run("task 0 cpu 0\n a = alloc none order=0\n").violation.clause, Clause::E2);
  EXPECT_EQ(first_broken(4000), Clause::E2);
}

TEST_F(Capabilities, E3_ARefusalWithoutAReasonMayMeanContended) {
  // The other CPU takes and frees everything in the middle of the call: null is right, exhausted or not.
  wrong = Wrong::kNothing;
  std::string program = "task 0 cpu 0\n z = alloc none order=0\ntask 1 cpu 1\n";
  for (int i = 0; i < 8; ++i) program += " a" + std::to_string(i) + " = alloc none order=0\n";
  for (int i = 0; i < 8; ++i) program += " free a" + std::to_string(i) + "\n";
  const Outcome& outcome = run(program + "schedule\n at z access 2: cpu 1\n at a4 access 2: cpu 0\n");
  EXPECT_EQ(outcome.kind, Outcome::Kind::kClean) << outcome.violation.reason;
}

TEST_F(Capabilities, X4_AndX1AreCheckedOfWhoeverCanDoNothingElse) {
  wrong = Wrong::kLosesWhatIsFreed;
  EXPECT_NE(first_broken(4000), Clause::kNone);
  wrong = Wrong::kGivesTheSameTwice;
  EXPECT_EQ(first_broken(40000), Clause::X1);
}

TEST_F(Capabilities, X3_OnlyRightFreesAreMade) {
  const Outcome& outcome =
      run("task 0 cpu 0\n a = alloc none order=0\n free a\n free a\n free pfn=3 order=0\n");
  EXPECT_EQ(outcome.kind, Outcome::Kind::kClean);
  EXPECT_EQ(outcome.results[1].state, CallResult::State::kAnswered);
  EXPECT_EQ(outcome.results[2].state, CallResult::State::kSkipped);
  EXPECT_EQ(outcome.results[3].state, CallResult::State::kSkipped);
  EXPECT_EQ(surprises, 0U);
}

TEST_F(Capabilities, N4_NmisMakeNoCallsOnWhoDoesNotPermitIt) {
  const Outcome& outcome =
      run("task 0 cpu 0\n a = alloc none order=0\nnmi cpu 0\n b = alloc none order=0\nhardirq cpu 0\n c = "
          "alloc none order=0\n"
          "task 1 cpu 1\n free b\nschedule\n at a access 1: nmi\n");
  EXPECT_EQ(outcome.kind, Outcome::Kind::kClean);
  EXPECT_EQ(outcome.results[1].state, CallResult::State::kNotReached);
  EXPECT_EQ(outcome.results[2].state, CallResult::State::kAnswered);
  EXPECT_EQ(outcome.results[3].state, CallResult::State::kSkipped);
  EXPECT_EQ(outcome.unmatched, 1);
  EXPECT_EQ(surprises, 0U);
}

TEST(Narrowing, KeepsEachFrameAtItsNumber) {
  TraceGenerator generator(2);
  for (int i = 0; i < 2000; ++i) {
    const Trace trace = generator.next();
    const std::uint64_t can = generator.next().geometry.first_pfn & LABYRINTH_TARGET_CAN_ALL;
    Trace narrowed = trace;
    narrowed.geometry = narrow(trace.geometry, can);
    EXPECT_EQ(narrowed.geometry.frames(), trace.geometry.frames());
    EXPECT_EQ(narrowed.geometry.first_pfn, trace.geometry.first_pfn);
    EXPECT_EQ(narrow(narrowed.geometry, can), narrowed.geometry);
    EXPECT_EQ(narrow(trace.geometry, LABYRINTH_TARGET_CAN_ALL), trace.geometry);
  }
}

TEST(Narrowing, SaysWhatIsNotCheckedForEachCapability) {
  const auto clauses = [](std::uint64_t can) {
    std::string text;
    for (const NotChecked& one : not_checked(table_of(can), false))
      text += std::string(name(one.clause)) + ' ';
    return text;
  };
  EXPECT_EQ(clauses(0), "X2 X3 X5 X6 N2 N3 N4 E1 E2 E3 E4 E4 C1 C2 C3 ");
  EXPECT_EQ(clauses(LABYRINTH_TARGET_CAN_ALL), "N2 N3 E4 C2 ") << "it has none of these functions";
}

}  // namespace
}  // namespace labyrinth::machine::testing
