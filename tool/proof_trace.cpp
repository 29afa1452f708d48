// Exploring what a counterexample may look like, and saving what is found.
#include "proof_trace.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "exploration.hpp"
#include "finding.hpp"
#include "input.hpp"
#include "proof_json.hpp"
#include "proof_session.hpp"
#include "proof_sketch.hpp"
#include "report.hpp"
#include "shrink.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostTries = 20'000;  // of the shrinker
/// First a look at each program, then at those that are not explored to their end what few preemptions lead
/// to, then a longer one.
struct Bound {
  std::uint64_t executions;
  std::int16_t preemptions;  ///< -1: any number.
};
constexpr Bound kBounds[] = {{1000, -1}, {20'000, 2}, {100'000, -1}};

class Search {
 public:
  Search(const ProveOptions& options, const ProofResult& result, const machine::Target& target)
      : options_(options), result_(result), target_(target) {
    machine_.use(target.table());
  }

  [[nodiscard]] ProofTrace run() {
    const std::vector<Sketch> programs = sketches(result_.proof->trace, result_.counterexample.inputs);
    trace_.programs = programs.size();
    std::vector<bool> explored(programs.size());
    for (const Bound& bound : kBounds) {
      trace_.unfinished = 0;
      for (std::size_t i = 0; i < programs.size(); ++i) {
        if (!explored[i] && !over()) explored[i] = explore_one(programs[i], bound);
        if (broken_) return keep(programs[i]);
        trace_.unfinished += explored[i] ? 0 : 1;
      }
    }
    trace_.state = ProofTrace::State::kNone;
    keep_start(programs.front());
    return trace_;
  }

 private:
  /// Whether there is nothing more to look at.
  bool explore_one(const Sketch& sketch, const Bound& bound) {
    machine::Explorer explorer({.preemptions = bound.preemptions});
    const Explored explored = explore(
        machine_, sketch.trace, explorer, {.executions = bound.executions},
        [this](const machine::Trace& trace, const machine::Outcome& outcome) {
          signature_ = signature(trace, outcome.violation);
          broken_ = with_schedule(trace, outcome);
        },
        [this, &sketch](const machine::Explorer& at) { return progress(at, sketch); });
    trace_.executions += explored.counts.executions;
    trace_.refused += explored.refused;
    return explored.cut.empty() && explored.counts.pruned == 0;
  }

  [[nodiscard]] bool progress(const machine::Explorer& explorer, const Sketch& sketch) {
    if (clock_.due()) {
      clock_.show(fmt::format("prove: {}: a trace is looked for: {} executions, now: {}", result_.proof->name,
                              trace_.executions + explorer.counts().executions, sketch.what));
    }
    return !over();
  }

  [[nodiscard]] bool over() const { return interrupted() || clock_.elapsed() > options_.trace_seconds; }

  /// The proof, its obligation and the command, for whoever finds the file later.
  [[nodiscard]] std::string origin(const Sketch& sketch) const {
    return fmt::format("Of a counterexample of the proof {}{}{}: {}\n{}: {}", result_.proof->name,
                       options_.mutant.empty() ? "" : " over the mutant ", options_.mutant,
                       broken(result_.main)->description, prove_command(options_, result_), sketch.what);
  }

  [[nodiscard]] ProofTrace keep(const Sketch& sketch) {
    const Shrunk small = shrink(machine_, broken_->trace, signature_, kMostTries,
                                [](const Shrunk&) { return !interrupted(); });
    machine::TraceFile file{};
    file.trace = small.trace;
    file.names = machine::default_names(file.trace);
    if (!describe(machine_, target_, {"prove", ""}, file)) {
      trace_.state = ProofTrace::State::kNone;
      trace_.reason = "a run broke a clause, but does not replay: the target is not deterministic";
      return trace_;
    }
    file.comment += origin(sketch);
    trace_.state = ProofTrace::State::kFound;
    trace_.signature = signature_;
    trace_.what = sketch.what;
    trace_.path = save(options_.findings, signature_, file).value_or("");
    trace_.report = report(machine_, target_, file, trace_.path.empty() ? "(not saved)" : trace_.path, false);
    return trace_;
  }

  /// Where to look on by hand: the state of the counterexample, and the call.
  void keep_start(const Sketch& sketch) {
    machine::TraceFile file{};
    file.trace = sketch.trace;
    file.names = machine::default_names(file.trace);
    file.comment = fmt::format("{}\nNo run of it was found that breaks a clause.", origin(sketch));
    trace_.path = save(options_.findings, "start-" + result_.proof->name, file).value_or("");
    trace_.command = command("explore", target_, trace_.path);
  }

  const ProveOptions& options_;
  const ProofResult& result_;
  const machine::Target& target_;
  machine::Machine machine_;
  StatusLine clock_;
  ProofTrace trace_;
  std::optional<machine::TraceFile> broken_;
  std::string signature_;
};

/// The shared object of the code that the proof is about; "" is that beside the program.
[[nodiscard]] std::string target_of(const ProveOptions& options) {
  if (!options.target.empty() || options.mutant.empty()) return options.target;
  const fs::path beside = fs::path(default_proofs()).parent_path() / "targets";
  return (beside / fmt::format("mutant-{}.so", options.mutant)).string();
}

}  // namespace

ProofTrace find_trace(const ProveOptions& options, const ProofResult& result) {
  ProofTrace trace;
  if (result.proof->trace.empty()) {
    trace.state = ProofTrace::State::kNoTranslation;
    trace.reason = "the manifest names none for this proof (`trace`)";
    return trace;
  }
  const std::string path = target_of(options);
  if (!path.empty() && !fs::exists(path)) {
    trace.state = ProofTrace::State::kNoTarget;
    trace.reason = path + " is not there: no target is built of this code";
    return trace;
  }
  const auto target = load_target(path);
  if (!target) {
    trace.state = ProofTrace::State::kNoTarget;
    trace.reason = "the target cannot be loaded";
    return trace;
  }
  return Search(options, result, *target).run();
}

std::string trace_text(const ProofTrace& trace) {
  switch (trace.state) {
    case ProofTrace::State::kNotLooked:
      return "";
    case ProofTrace::State::kNoTranslation:
      return fmt::format("\n  There is no translation into a trace: {}\n", trace.reason);
    case ProofTrace::State::kNoTarget:
      return fmt::format("\n  No trace was looked for: {}\n", trace.reason);
    case ProofTrace::State::kFound:
      return fmt::format("\n  A trace shows it ({}; after {} executions):\n\n{}", trace.what,
                         trace.executions, trace.report);
    case ProofTrace::State::kNone:
      break;
  }
  std::string text = fmt::format("\n  No trace shows it: {} executions of {} programs explored, ",
                                 trace.executions, trace.programs);
  text += trace.reason.empty() ? "all clean" : trace.reason;
  if (trace.unfinished != 0) text += fmt::format("; {} programs not to their end", trace.unfinished);
  if (trace.refused != 0) text += fmt::format("; {} could not begin on this target", trace.refused);
  return text + fmt::format("\n  Where it begins: {}\n  {}\n", trace.path, trace.command);
}

}  // namespace labyrinth::tool
