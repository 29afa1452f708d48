// The verbs of the command, one file each. Each takes its parsed options and returns the exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "labyrinth/machine/explorer.hpp"
#include "proof_manifest.hpp"
#include "random_schedule.hpp"
#include "results.hpp"
#include "small_programs.hpp"

namespace labyrinth::tool {

struct Common {
  std::string target;  ///< "" is the reference allocator.
  std::string findings = "findings";
  bool json = false;
  bool verbose = false;
  double timeout = 20;  ///< Seconds after which a run is taken never to end; 0: never.
  ResultFiles results;
};

struct ReplayOptions : Common {
  std::vector<std::string> files;
  bool show = false;  ///< The timeline of clean runs too.
  std::string html;   ///< A page of the run, for a browser; "": none.
};
[[nodiscard]] int verb_replay(const ReplayOptions& options);

struct RunOptions : Common {
  std::vector<std::string> files;  ///< Programs; none: random ones.
  StrategyName strategy = StrategyName::kWalk;
  std::optional<machine::MemoryModel> memory;  ///< None: what each program says.
  std::uint32_t depth = 3;                     ///< Of the bugs that PCT looks for.
  std::uint64_t seed = 1;
  std::uint64_t count = 1'000'000;  ///< Executions; with files: of each.
  std::uint32_t records = 24;       ///< Calls, contexts and the like of a random trace, at most.
  bool keep_going = false;
};
[[nodiscard]] int verb_run(const RunOptions& options);

struct ExploreOptions : Common {
  std::vector<std::string> files;  ///< Programs; none: all of `shape`.
  Shape shape;
  machine::ExplorerOptions search;
  std::optional<machine::MemoryModel> memory;  ///< None: what each program says.
  int preemptions = -1;          ///< -1: any number; else bounds from 0 up to this one, in turn.
  std::uint64_t executions = 0;  ///< Of one program, at most; 0: any number.
  double seconds = 0;            ///< For all; 0: any time.
  std::uint64_t first = 0;       ///< Of the shape's programs, this one,
  std::uint64_t every = 1;       ///< and from there each so manieth: a share for one of several machines.
  bool keep_going = false;
  std::string resume;            ///< File to go on from, and to save to when stopped; "": none.
  bool alone = false;            ///< The pass for N2.
  bool linearizability = false;  ///< That for L1.
  unsigned cut = 0;              ///< Files to cut that of `resume` into, for as many machines; 0: explore.
  unsigned jobs = 1;             ///< Processes that share the work; 0: as many as there are cores.
};
[[nodiscard]] int verb_explore(const ExploreOptions& options);

struct MinimizeOptions : Common {
  std::string file;
  std::string output;  ///< "" saves it with the findings.
  std::uint64_t budget = 1'000'000;
};
[[nodiscard]] int verb_minimize(const MinimizeOptions& options);

struct ProveOptions {
  std::vector<std::string> names;  ///< Or shell patterns; none: all up to `size`.
  std::optional<ProofSize> size;   ///< None: standard, and to list all of them.
  std::string proofs;  ///< Directory of the manifest and the C files; "" is the one beside the program.
  std::string cache;   ///< Directory; "" is the user's.
  bool caches = true;
  bool lists = false;
  bool json = false;
  bool skips_mutants = false;
  std::string mutant;  ///< The proofs over this mutant alone; "": over the code as it is.
  std::string target;  ///< That traces are looked for on; "": the one built of the same code.
  std::string findings = "findings";
  double trace_seconds = 60;  ///< To look for the trace of a counterexample; 0: none is looked for.
  unsigned jobs = 1;          ///< Runs at a time; 0: as many as there are cores.
  double seconds = 0;         ///< For each run; 0: what the manifest says.
  double memory = 4;          ///< GiB, for each run.
  ResultFiles results;
};
[[nodiscard]] int verb_prove(const ProveOptions& options);

[[nodiscard]] int verb_targets(const Common& options, const std::vector<std::string>& more);

struct LibfuzzerOptions : Common {
  std::string harness = "interleaved";
  std::string against;  ///< The other target of `differential`; "" is the reference allocator.
};
/// `arguments`: what follows `fuzz`, for libFuzzer. Also what libFuzzer starts its children with, see
/// is_fuzz_child().
[[nodiscard]] int verb_fuzz(const LibfuzzerOptions& options, const std::vector<std::string>& arguments);
/// Whether libFuzzer started this process (-fork, -jobs, -merge, -minimize_crash): its arguments are all
/// libFuzzer's.
[[nodiscard]] bool is_fuzz_child();

/// Ctrl-C asks a long verb to stop, report and save; a second one ends it at once.
void catch_interrupt();
[[nodiscard]] bool interrupted();

/// That this process may use.
[[nodiscard]] unsigned cores();

/// Progress on stderr: a line that rewrites itself on a terminal, plain lines now and then otherwise.
class StatusLine {
 public:
  StatusLine();
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  /// Whether it is time for another line; cheap enough to ask every thousand executions.
  [[nodiscard]] bool due();
  void show(const std::string& text);
  [[nodiscard]] double elapsed() const;  ///< Seconds since this was made.

 private:
  bool terminal_;
  bool dirty_ = false;
  double begin_;
  double next_;
};

}  // namespace labyrinth::tool
