// What the runs of a proof show together.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "proof_result.hpp"

namespace labyrinth::tool {
namespace {

/// Collects what speaks against "proved"; of several, the verdict that comes first in Verdict is the proof's.
class Doubts {
 public:
  explicit Doubts(ProofResult& result) : result_(result) { result_.verdict = Verdict::kProved; }

  void add(Verdict verdict, const std::string& reason) {
    result_.reasons.push_back(reason);
    if (result_.verdict == Verdict::kProved || verdict < result_.verdict) result_.verdict = verdict;
  }

  /// Of a run that shows nothing, one way or the other.
  void add_run(const std::string& what, const RunResult& run) {
    const Proof& proof = *result_.proof;
    switch (run.state) {
      case RunState::kTimedOut:
        return add(Verdict::kTimedOut,
                   fmt::format("{}: not done after {:.3g} s; --seconds gives it more", what, run.seconds));
      case RunState::kOutOfMemory:
        return add(Verdict::kOutOfMemory, fmt::format("{}: took more than {:.1f} GiB; --memory gives it more",
                                                      what, static_cast<double>(run.bytes) / (1 << 30)));
      case RunState::kUnwinding:
        return add(Verdict::kBoundTooSmall,
                   fmt::format("{}: {} is not over after {} rounds; give it more with `unwind`, or with "
                               "`flags` and --unwindset",
                               what, run.reason, proof.unwind));
      case RunState::kError:
        return add(Verdict::kError, fmt::format("{}: {}", what, run.reason));
      case RunState::kNotRun:
      case RunState::kStopped:
        return add(Verdict::kNotFinished, fmt::format("{}: not run to its end", what));
      default:
        return add(Verdict::kError, fmt::format("{}: {} is no answer to it", what, name(run.state)));
    }
  }

 private:
  ProofResult& result_;
};

void conclude_cover(const ProofResult& result, Doubts& doubts) {
  const RunResult& run = result.cover;
  if (run.state != RunState::kReachable && run.state != RunState::kUnreachable)
    return doubts.add_run("cover points", run);
  const std::vector<std::string>& named = result.proof->cover;
  const auto points = cover_points(run, false);
  const auto reachable = cover_points(run, true);
  const auto has = [](const std::vector<std::string>& names, const std::string& one) {
    return std::find(names.begin(), names.end(), one) != names.end();
  };
  for (const std::string& point : named) {
    if (!has(points, point)) {
      doubts.add(Verdict::kVacuous, fmt::format("cover point `{}`: the file has none of that name; it has {}",
                                                point, fmt::join(points, ", ")));
    } else if (!has(reachable, point)) {
      doubts.add(
          Verdict::kVacuous,
          fmt::format("cover point `{}`: nothing reaches it, so the proof says nothing of what is there",
                      point));
    }
  }
  for (const std::string& point : points) {
    if (!has(named, point))
      doubts.add(Verdict::kError,
                 fmt::format("cover point `{}`: the manifest does not name it; add it to `cover`", point));
  }
}

void conclude_mutants(const ProofResult& result, Doubts& doubts) {
  for (std::size_t i = 0; i < result.mutants.size(); ++i) {
    const RunResult& run = result.mutants[i];
    const std::string what = fmt::format("mutant `{}`", result.proof->mutants[i]);
    if (run.state == RunState::kHolds) {
      doubts.add(Verdict::kToothless,
                 fmt::format("{}: the proof holds for it, too, so it does not see the bug", what));
    } else if (run.state != RunState::kViolated) {
      doubts.add_run(what, run);
    }
  }
}

}  // namespace

const char* name(RunState state) {
  switch (state) {
    case RunState::kNotRun:
      return "not run";
    case RunState::kHolds:
      return "holds";
    case RunState::kViolated:
      return "violated";
    case RunState::kReachable:
      return "reachable";
    case RunState::kUnreachable:
      return "unreachable";
    case RunState::kUnwinding:
      return "bound too small";
    case RunState::kTimedOut:
      return "timed out";
    case RunState::kOutOfMemory:
      return "out of memory";
    case RunState::kStopped:
      return "stopped";
    case RunState::kError:
      return "error";
  }
  return "?";
}

const char* name(ProofTrace::State state) {
  switch (state) {
    case ProofTrace::State::kNotLooked:
      return "not looked for";
    case ProofTrace::State::kNoTranslation:
      return "no translation";
    case ProofTrace::State::kNoTarget:
      return "no target";
    case ProofTrace::State::kNone:
      return "none found";
    case ProofTrace::State::kFound:
      return "found";
  }
  return "?";
}

const char* name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kProved:
      return "proved";
    case Verdict::kViolated:
      return "VIOLATED";
    case Verdict::kVacuous:
      return "vacuous";
    case Verdict::kToothless:
      return "toothless";
    case Verdict::kBoundTooSmall:
      return "bound too small";
    case Verdict::kError:
      return "error";
    case Verdict::kOutOfMemory:
      return "out of memory";
    case Verdict::kTimedOut:
      return "timed out";
    case Verdict::kNotFinished:
      return "not finished";
    case Verdict::kMutantNotChecked:
      return "holds (mutant not checked)";
  }
  return "?";
}

void conclude(ProofResult& result, bool mutants_skipped) {
  result.reasons.clear();
  Doubts doubts(result);
  if (result.main.state == RunState::kViolated) {
    // Whatever else there is to say, this is to be looked at first.
    const Property& property = *broken(result.main);
    return doubts.add(Verdict::kViolated, property.description);
  }
  if (result.main.state != RunState::kHolds) doubts.add_run("proof", result.main);
  conclude_cover(result, doubts);
  if (mutants_skipped) {
    doubts.add(Verdict::kMutantNotChecked, "mutants: not checked, as --skip-mutants says");
  } else {
    conclude_mutants(result, doubts);
  }
}

void conclude_over(const std::string& mutant, ProofResult& result) {
  result.reasons.clear();
  Doubts doubts(result);
  if (result.main.state == RunState::kViolated) {
    doubts.add(Verdict::kViolated, broken(result.main)->description);
  } else if (result.main.state == RunState::kHolds) {
    doubts.add(Verdict::kToothless, fmt::format("mutant `{}`: the proof holds for it", mutant));
  } else {
    doubts.add_run(fmt::format("mutant `{}`", mutant), result.main);
  }
}

}  // namespace labyrinth::tool
