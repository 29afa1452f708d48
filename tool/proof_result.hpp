// What one run of CBMC has shown, and what the runs of a proof show together. Everything that is not plainly
// as it should be is inconclusive: a proof is believed, so a wrong "proved" is the one mistake not to make.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cbmc.hpp"
#include "proof_process.hpp"

namespace labyrinth::tool {

enum class RunState {
  kNotRun,
  kHolds,        ///< Proof or mutant: nothing fails.
  kViolated,     ///< Proof or mutant: an obligation, or a check of memory, fails.
  kReachable,    ///< Cover: all points are.
  kUnreachable,  ///< Cover: some are not.
  kUnwinding,    ///< Proof: the bound is too small, and nothing else fails.
  kTimedOut,
  kOutOfMemory,
  kStopped,
  kError,
};
[[nodiscard]] const char* name(RunState state);

struct RunResult {
  RunState state = RunState::kNotRun;
  std::string reason;  ///< In words, where the state needs some.
  double seconds = 0;
  std::uint64_t bytes = 0;
  bool cached = false;
  std::vector<Property> properties;
  std::vector<Input> inputs;
};

/// What is wrong with the property, if it fails.
enum class Flaw { kObligation, kMemory, kUnwinding, kCover, kNoBody };
[[nodiscard]] Flaw flaw_of(const Property& property);

/// The property that makes a run kViolated: the first one. Null: there is none.
[[nodiscard]] const Property* broken(const RunResult& run);

/// The names of the cover points of a run, without those of which no instance is reachable if `reachable`.
[[nodiscard]] std::vector<std::string> cover_points(const RunResult& run, bool reachable);

[[nodiscard]] RunResult judge(Question question, const ProcessEnd& end);

enum class Verdict {
  kProved,
  kViolated,
  kVacuous,
  kToothless,
  kBoundTooSmall,
  kError,
  kOutOfMemory,
  kTimedOut,
  kNotFinished,
  kMutantNotChecked,
};
[[nodiscard]] const char* name(Verdict verdict);

struct ProofResult {
  const Proof* proof = nullptr;
  RunResult main, cover, counterexample;
  std::vector<RunResult> mutants;  ///< As the proof names them.
  Verdict verdict = Verdict::kNotFinished;
  std::vector<std::string> reasons;
};

/// Fills in verdict and reasons.
void conclude(ProofResult& result, bool mutants_skipped);

}  // namespace labyrinth::tool
