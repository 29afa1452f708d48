// A property: what it says, the cases it is tried on, and how one case is judged.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "aim.hpp"
#include "judge.hpp"
#include "labyrinth/machine/explorer.hpp"
#include "labyrinth/machine/history.hpp"
#include "labyrinth/machine/linearize.hpp"
#include "labyrinth/machine/machine.hpp"

namespace labyrinth::properties {

/// What is wrong with a case.
struct Failure {
  machine::Violation violation{};       ///< Of a property that is no requirement the clause is kNone.
  bool by_machine = true;               ///< The machine says so, and a replay of the trace shows it.
  bool by_property = false;             ///< The property's own statement does not hold.
  machine::Trace trace{};               ///< The case; with the schedule as it was carried out, if it has one.
  std::optional<machine::Trace> run{};  ///< What was run to see it, if that is not the case itself.
  [[nodiscard]] const machine::Trace& shown() const noexcept { return run ? *run : trace; }
};

/// What cases are run with; one for all of them.
struct Bench {
  machine::Machine& machine;
  std::unique_ptr<Judge> judge{};  ///< Of the property at hand; null: it leaves all to the machine.
  machine::Explorer explorer{{}};
  machine::History history{};
  machine::Linearizer linearizer{};
  std::uint64_t inconclusive = 0;  ///< Runs that ended at a limit, or that the target refused.
};

/// Nothing: the case is as it should be.
using Check = std::optional<Failure> (*)(Bench&, const machine::Trace&);

/// The case as it stands is run once; the machine and the judge of the property say what they think of it.
[[nodiscard]] std::optional<Failure> check_run(Bench& bench, const machine::Trace& trace);
/// N2: from every state of a run each context goes on alone.
[[nodiscard]] std::optional<Failure> check_alone(Bench& bench, const machine::Trace& trace);
/// L1: some order of the calls explains the history of the run; short ones by enumeration, too.
[[nodiscard]] std::optional<Failure> check_history(Bench& bench, const machine::Trace& trace);

// Algebra: how runs of different programs belong together.
[[nodiscard]] std::optional<Failure> check_identity(Bench& bench, const machine::Trace& trace);
[[nodiscard]] std::optional<Failure> check_frees_commute(Bench& bench, const machine::Trace& trace);
[[nodiscard]] std::optional<Failure> check_splitting(Bench& bench, const machine::Trace& trace);
[[nodiscard]] std::optional<Failure> check_cpus(Bench& bench, const machine::Trace& trace);
[[nodiscard]] std::optional<Failure> check_more_memory(Bench& bench, const machine::Trace& trace);
[[nodiscard]] std::optional<Failure> check_forms(Bench& bench, const machine::Trace& trace);

/// Of the library alone.
[[nodiscard]] std::optional<Failure> check_snapshot(Bench& bench, const machine::Trace& trace);

struct Property {
  const char* id;      ///< A requirement's identifier, where it is one of a requirement.
  const char* clause;  ///< The requirement that its mutant is to be seen breaking; "": any way to fail.
  const char* says;
  const char* mutant;  ///< Of proofs/mutants/ or proofs/broken/; "": the target plays no part in it.
  const Aim* aim;
  Check check = check_run;
  MakeJudge judge = nullptr;
  std::uint32_t cases = 8000;         ///< When nothing is said.
  std::uint32_t mutant_cases = 8000;  ///< Within which the mutant is found with seed 1.
};

/// All of them, requirements first.
[[nodiscard]] std::span<const Property> all_properties() noexcept;

}  // namespace labyrinth::properties
