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

/// A trace that shows a counterexample, or why there is none.
struct ProofTrace {
  enum class State {
    kNotLooked,
    kNoTranslation,  ///< The manifest names none; `reason` says so.
    kNoTarget,
    kNone,  ///< No run that was explored breaks a clause; `path` is where to look on.
    kFound,
  };
  State state = State::kNotLooked;
  std::string reason, path;
  std::string signature, what, report;  ///< Of one that was found.
  std::string command;                  ///< To look on, if none was.
  std::uint64_t programs = 0, unfinished = 0, refused = 0, executions = 0;
};
[[nodiscard]] const char* name(ProofTrace::State state);

struct ProofResult {
  const Proof* proof = nullptr;
  RunResult main, cover, counterexample;
  std::vector<RunResult> mutants;  ///< As the proof names them.
  ProofTrace trace;
  Verdict verdict = Verdict::kNotFinished;
  std::vector<std::string> reasons;
};

/// Fills in verdict and reasons.
void conclude(ProofResult& result, bool mutants_skipped);
/// The same of a proof over a mutant alone, which it must notice.
void conclude_over(const std::string& mutant, ProofResult& result);

}  // namespace labyrinth::tool
