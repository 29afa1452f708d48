// The options of `labyrinth explore`, and the shape that they say in words.
#include "explore_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "common_options.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "natural.hpp"
#include "results_options.hpp"

namespace labyrinth::tool {

CLI::App* add_explore(CLI::App& app, ExploreOptions& explore, ShapeNames& names) {
  CLI::App* const verb = app.add_subcommand(
      "explore",
      "Every run of small programs, up to equivalence.\n"
      "  labyrinth explore corpus/seeds/nested-to-nmi.trace\n"
      "  labyrinth explore --cpus 2 --calls 1 --handlers 1 --level hardirq --flags atomic");
  add_common(*verb, explore, true);
  add_timeout(*verb, explore);
  add_results(*verb, explore.results);
  verb->add_option("files", explore.files,
                   "Programs; their schedules are left aside. None: all programs of the shape that follows");
  Shape& shape = explore.shape;
  verb->add_option("--cpus", shape.cpus, "CPUs of the programs")
      ->check(CLI::Range(1, 4))
      ->capture_default_str();
  verb->add_option("--tasks", shape.tasks, "Tasks on each CPU")
      ->check(CLI::Range(1, 3))
      ->capture_default_str();
  verb->add_option("--idle", shape.idle, "CPUs besides, without tasks, that tasks may move to")
      ->check(CLI::Range(0, 3))
      ->capture_default_str();
  verb->add_option("--calls", shape.calls, "Calls of each task")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  verb->add_option("--handlers", shape.handlers, "Interrupt handlers on CPU 0, of one call each")
      ->check(CLI::Range(0, 4))
      ->capture_default_str();
  verb->add_option("--level", names.levels,
                   "Levels of the handlers, in turn: softirq, hardirq, nmi (default: hardirq)");
  verb->add_option("--flags", names.flags,
                   "What requests say, each in turn: atomic, kernel, high|memalloc, ... (default: atomic)");
  verb->add_option("--order", shape.orders, "Orders of requests, each in turn")
      ->check(CLI::Range(0, 10))
      ->capture_default_str();
  verb->add_option("--frames", shape.frames, "Frames of the machine; 0: what the program asks for in all")
      ->check(CLI::Range(0U, machine::kMaxFrames))
      ->capture_default_str();
  verb->add_option("--highatomic", shape.highatomic,
                   "Pageblocks that the zone may set apart for highatomic requests")
      ->check(CLI::Range(0U, machine::kMaxHighatomic))
      ->capture_default_str();
  verb->add_option(
      "--only", names.only,
      "Only programs of this pattern: the orders of the calls of each context, or free, or any, as in "
      "'0|2,6/any,free'; several: of any of them");
  verb->add_option("--except", names.except,
                   "No programs of this pattern; the summary names what is left out");
  verb->add_option("--first", explore.first, "The first program of the shape to explore")->check(natural);
  verb->add_option("--every", explore.every,
                   "From there, each so manieth: a share for one of several machines")
      ->check(CLI::PositiveNumber);
  add_memory(*verb, explore.memory);
  verb->add_option("--preemptions", explore.preemptions,
                   "Switches away from what could go on, at most: bounds from 0 up to this one, in turn")
      ->check(CLI::Range(0, 100));
  verb->add_option("--executions", explore.executions, "Executions of one program, at most")->check(natural);
  verb->add_option("--jobs,-j", explore.jobs, "Processes that share the work; 0: one for each core")
      ->check(CLI::Range(0U, 256U))
      ->capture_default_str();
  CLI::Option* const resume = verb->add_option(
      "--resume", explore.resume,
      "File to go on from, if it is there, and to save to when stopped by Ctrl-C or by time");
  verb->add_option("--cut", explore.cut,
                   "Explore nothing; cut what is left, by the file of --resume, into so many files beside "
                   "it, each for "
                   "a machine to go on with")
      ->check(CLI::Range(1U, 1000U))
      ->needs(resume);
  verb->add_option("--seconds", explore.seconds, "Time for all of it")->check(CLI::NonNegativeNumber);
  verb->add_option("--depth", explore.search.depth, "Steps of one run, at most")
      ->check(CLI::Range(1U, static_cast<unsigned>(machine::kMaxExplorerDepth)))
      ->capture_default_str();
  verb->add_option("--rounds", explore.search.rounds,
                   "Rounds of a loop that reads the same in each and may yet end by itself, at most")
      ->check(CLI::Range(machine::kFewestExplorerRounds, machine::kMaxExplorerDepth))
      ->capture_default_str();
  verb->add_option("--spurious", explore.search.spurious,
                   "Weak compare-exchanges of one run that may fail for nothing, at most")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  verb->add_option("--migrations", explore.search.migrations,
                   "Tasks of one run that may move to another CPU, at most")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  verb->add_flag("!--no-reduction", explore.search.reduces,
                 "Explore every order of all steps, for comparison");
  verb->add_flag("--count-traces", explore.search.counts_traces,
                 "Count Mazurkiewicz traces, to compare executions with")
      ->excludes(resume);
  verb->add_flag("--alone", explore.alone,
                 "From every state, let each context run alone, too: its call must return (N2); slower");
  verb->add_flag("--linearizability", explore.linearizability,
                 "Judge each history as a whole, too: an order of its calls must explain every answer (L1)");
  verb->add_flag("--keep-going", explore.keep_going, "Go on after a violation and count them by signature");
  return verb;
}

namespace {

[[nodiscard]] bool read_patterns(const char* option, const std::vector<std::string>& texts,
                                 const Shape& shape, std::vector<CallPattern>& patterns) {
  std::vector<std::uint8_t> calls(std::size_t{shape.cpus} * shape.tasks, shape.calls);
  calls.insert(calls.end(), shape.handlers, 1);
  for (const std::string& text : texts) {
    std::string error;
    auto pattern = CallPattern::of(text, calls, error);
    if (!pattern) {
      std::fprintf(stderr, "labyrinth: %s: %s\n", option, error.c_str());
      return false;
    }
    patterns.push_back(std::move(*pattern));
  }
  return true;
}

}  // namespace

bool read_names(const ShapeNames& names, Shape& shape) {
  using model::Level;
  if (!names.flags.empty()) shape.flags.clear();
  for (const std::string& text : names.flags) {
    model::Gfp gfp;
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('|', at), text.size());
      const auto bits = machine::gfp_of_name(text.substr(at, end - at));
      if (!bits) {
        std::fprintf(stderr, "labyrinth: --flags: there is no flag `%s`; docs/trace-format.md lists them\n",
                     text.substr(at, end - at).c_str());
        return false;
      }
      gfp.bits |= bits->bits;
      at = end + 1;
    }
    shape.flags.push_back(gfp);
  }
  if (!names.levels.empty()) shape.levels.clear();
  for (const std::string& text : names.levels) {
    if (text == "softirq") {
      shape.levels.push_back(Level::kSoftirq);
    } else if (text == "hardirq") {
      shape.levels.push_back(Level::kHardirq);
    } else if (text == "nmi") {
      shape.levels.push_back(Level::kNmi);
    } else {
      std::fprintf(stderr, "labyrinth: --level: softirq, hardirq or nmi are wanted, not `%s`\n",
                   text.c_str());
      return false;
    }
  }
  return read_patterns("--only", names.only, shape, shape.only) &&
         read_patterns("--except", names.except, shape, shape.except);
}

}  // namespace labyrinth::tool
