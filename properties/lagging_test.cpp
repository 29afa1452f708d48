// Contexts that lag: the schedule is the trace's, and what they do not see yet shows errors that no other
// schedule has to be found for.
#include "lagging.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::fuzz {
namespace {

using machine::Outcome;

/// The regression refusal-outruns-moves without its schedule.
constexpr const char* kProgram =
    "labyrinth trace 1\nmachine cpus=2 max_order=6\nzone normal frames=64 min=0 low=0 high=0 highatomic=1\n"
    "memory rc11\ntask 0 cpu 0\n  a = alloc atomic order=1\ntask 1 cpu 1\n  b = alloc atomic order=1\n";

struct Found {
  int violations = 0;
  int lagged = 0;  ///< Runs in which something older was seen.
};

/// Runs of the program in its own order, as so many seeds let contexts lag.
Found lagging(const char* target, const char* text, std::uint64_t seeds) {
  const auto loaded = machine::Target::load(std::string(LABYRINTH_TARGET_DIR "/") + target);
  machine::Machine machine;
  machine.use(std::get<machine::Target>(loaded).table());
  const machine::Trace trace = std::get<machine::TraceFile>(machine::parse_trace(text)).trace;
  Found found;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Lagging strategy(trace, seed);
    const Outcome outcome = machine.run(trace, strategy);
    if (outcome.kind == Outcome::Kind::kViolation) ++found.violations;
    for (std::size_t i = 0; i < outcome.departure_count; ++i)
      EXPECT_EQ(outcome.departures[i].decision.kind, machine::Decision::Kind::kOlder);
    if (outcome.departure_count != 0) ++found.lagged;
  }
  return found;
}

TEST(Lagging, E2_WhoLagsIsRefusedWhereALookIsNotOrdered) {
  EXPECT_GT(lagging("mutant-refusal-outruns-moves.so", kProgram, 200).violations, 0);
}

TEST(Lagging, NobodyElseIsToBlameForWhoLags) {
  const Found found = lagging("reference.so", kProgram, 200);
  EXPECT_EQ(found.violations, 0);
  EXPECT_GT(found.lagged, 50);
}

TEST(Lagging, NobodyLagsWhereTheLastValueIsTheOnlyOne) {
  const std::string sc = std::string(kProgram).replace(std::string(kProgram).find("rc11"), 4, "sc");
  EXPECT_EQ(lagging("reference.so", sc.c_str(), 50).lagged, 0);
}

}  // namespace
}  // namespace labyrinth::fuzz
