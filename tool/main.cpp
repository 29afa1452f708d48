// The labyrinth command: options, and which verb they go to.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "audit_options.hpp"
#include "corpus_options.hpp"
#include "doctor.hpp"
#include "ending.hpp"
#include "exit_codes.hpp"
#include "fuzz_options.hpp"
#include "fuzz_setup.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "mutants_options.hpp"
#include "natural.hpp"
#include "new_target.hpp"
#include "prove_options.hpp"
#include "results_options.hpp"
#include "verb_coverage.hpp"
#include "verbs.hpp"

namespace {

using namespace labyrinth::tool;

void add_memory(CLI::App& verb, std::optional<labyrinth::machine::MemoryModel>& memory) {
  using labyrinth::machine::MemoryModel;
  verb.add_option_function<std::string>(
          "--memory",
          [&memory](const std::string& name) {
            memory = name == "rc11" ? MemoryModel::kRc11 : MemoryModel::kSc;
          },
          "What atomics may see: sc (the last value) or rc11 (what the orders in the code permit); default: "
          "what a trace says, else sc")
      ->check(CLI::IsMember({"sc", "rc11"}));
}

void add_common(CLI::App& verb, Common& options, bool finds) {
  verb.add_option("--target", options.target,
                  "Shared object to put under test (default: the reference allocator)");
  verb.add_flag("--json", options.json, "Print one JSON object instead of text");
  verb.add_flag("--verbose", options.verbose, "Show every access in timelines");
  if (finds) {
    verb.add_option("--findings", options.findings, "Directory that findings are saved in")
        ->capture_default_str();
  }
}

void add_timeout(CLI::App& verb, Common& options) {
  verb.add_option("--timeout", options.timeout, "Seconds after which a run is taken never to end; 0: never")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

CLI::App* add_explore(CLI::App& app, ExploreOptions& explore, std::vector<std::string>& flags,
                      std::vector<std::string>& levels) {
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
  verb->add_option("--level", levels,
                   "Levels of the handlers, in turn: softirq, hardirq, nmi (default: hardirq)");
  verb->add_option("--flags", flags,
                   "What requests say, each in turn: atomic, kernel, high|memalloc, ... (default: atomic)");
  verb->add_option("--order", shape.orders, "Orders of requests, each in turn")
      ->check(CLI::Range(0, 10))
      ->capture_default_str();
  verb->add_option("--frames", shape.frames, "Frames of the machine; 0: what the program asks for in all")
      ->check(CLI::Range(0U, labyrinth::machine::kMaxFrames))
      ->capture_default_str();
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
      ->check(CLI::Range(1U, static_cast<unsigned>(labyrinth::machine::kMaxExplorerDepth)))
      ->capture_default_str();
  verb->add_option("--rounds", explore.search.rounds,
                   "Rounds of a loop that reads the same in each and may yet end by itself, at most")
      ->check(CLI::Range(labyrinth::machine::kFewestExplorerRounds, labyrinth::machine::kMaxExplorerDepth))
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

/// False, after saying why: a name is none.
bool read_names(const std::vector<std::string>& flags, const std::vector<std::string>& levels, Shape& shape) {
  using labyrinth::model::Level;
  if (!flags.empty()) shape.flags.clear();
  for (const std::string& text : flags) {
    labyrinth::model::Gfp gfp;
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('|', at), text.size());
      const auto bits = labyrinth::machine::gfp_of_name(text.substr(at, end - at));
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
  if (!levels.empty()) shape.levels.clear();
  for (const std::string& text : levels) {
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
  return true;
}

int run(int argc, char** argv) {
  if (is_fuzz_child()) return verb_fuzz({}, {argv + 1, argv + argc});
  if (const auto code = run_fuzz_verb(argc, argv)) return *code;

  if (argc > 2 && std::string(argv[1]) == "fuzz" && std::string(argv[2]) == "coverage")
    return fuzz_coverage({argv + 3, argv + argc});

  CLI::App app{
      "Holds page allocators that must not sleep against one formal model.\n"
      "Exit codes: 0 clean, 10 a violation was found, 11 inconclusive, 64 bad usage, 66 unreadable input."};
  app.name("labyrinth");
  app.require_subcommand(1);

  ReplayOptions replay;
  CLI::App* const replays = app.add_subcommand("replay",
                                               "Run traces again and judge them.\n"
                                               "  labyrinth replay corpus/regressions/*.trace");
  add_common(*replays, replay, false);
  add_timeout(*replays, replay);
  add_results(*replays, replay.results);
  replays->add_option("files", replay.files, "Traces; - is standard input")->required();
  replays->add_option("--html", replay.html,
                      "Write the run as a page for a browser, which needs no other file; of one trace");
  replays->add_flag("--show", replay.show, "Show the timeline of clean runs too");

  RunOptions random;
  CLI::App* const runs = app.add_subcommand(
      "run",
      "Random programs, or the given ones, under random schedules.\n"
      "  labyrinth run --seed 7 --count 1000000\n"
      "  labyrinth run --strategy pct --depth 2 corpus/regressions/lost-update-in-free.trace");
  add_common(*runs, random, true);
  add_timeout(*runs, random);
  add_results(*runs, random.results);
  runs->add_option("files", random.files, "Programs; their schedules are left aside. None: random programs");
  add_memory(*runs, random.memory);
  std::string strategy = name(random.strategy);
  runs->add_option("--strategy", strategy,
                   "walk: departs now and then; pct: priorities that change at a few points; pos: a priority "
                   "for each step; surw: uniform over the steps that matter")
      ->check(CLI::IsMember({"walk", "pct", "pos", "surw"}))
      ->capture_default_str();
  runs->add_option("--depth", random.depth, "For pct: how many pairs of steps a bug needs in order")
      ->check(CLI::Range(1U, labyrinth::machine::Pct::kMaxDepth))
      ->capture_default_str();
  runs->add_option("--seed", random.seed, "Where chance begins; the same seed does the same")
      ->capture_default_str();
  runs->add_option("--count", random.count, "Executions; with files: of each")
      ->check(natural)
      ->capture_default_str();
  runs->add_option("--records", random.records, "Calls, contexts and the like of one program, at most")
      ->check(CLI::Range(0U, static_cast<unsigned>(labyrinth::machine::kMaxEncodedSize / 4)))
      ->capture_default_str();
  runs->add_flag("--keep-going", random.keep_going, "Go on after a violation and count them by signature");

  ExploreOptions explore;
  std::vector<std::string> flags, levels;
  CLI::App* const explores = add_explore(app, explore, flags, levels);

  ProveOptions prove;
  CLI::App* const proves = add_prove(app, prove);
  add_results(*proves, prove.results);

  MinimizeOptions minimize;
  CLI::App* const minimizes =
      app.add_subcommand("minimize",
                         "Make a finding small.\n"
                         "  labyrinth minimize findings/X1-alloc-task-0a1b2c3d.trace");
  add_common(*minimizes, minimize, true);
  add_results(*minimizes, minimize.results);
  add_timeout(*minimizes, minimize);
  minimizes->add_option("file", minimize.file, "A trace that breaks a clause")->required();
  minimizes->add_option("-o,--output", minimize.output, "Where to write it (default: with the findings)");
  minimizes->add_option("--budget", minimize.budget, "Runs to spend, at most")
      ->check(natural)
      ->capture_default_str();

  MutantsOptions mutants;
  CLI::App* const hunts = add_mutants(app, mutants);

  AuditOptions audit;
  CLI::App* const audits = add_audit(app, audit);

  CorpusOptions corpus;
  CLI::App* const corpora = add_corpus(app, corpus);

  Common targets;
  std::vector<std::string> more;
  CLI::App* const lists = app.add_subcommand("targets",
                                             "Say what can be put under test, and what it declares.\n"
                                             "  labyrinth targets build/default/targets/*.so");
  add_common(*lists, targets, false);
  lists->add_option("files", more, "Further targets");

  DoctorOptions doctor;
  CLI::App* const doctors = add_doctor(app, doctor);

  NewTargetOptions skeleton;
  CLI::App* const skeletons = add_new_target(app, skeleton);

  LibfuzzerOptions fuzz;
  CLI::App* const fuzzes = app.add_subcommand(
      "fuzz",
      "Coverage-guided programs and schedules (libFuzzer).\n"
      "  labyrinth fuzz -max_total_time=60 -seed=1 build/corpus\n"
      "Options with one dash are libFuzzer's: -help=1 lists them; -fork=2 uses two "
      "cores. Inputs that crash are\nkept beside the findings, for libFuzzer.\n"
      "  labyrinth fuzz start|status|stop|resume|plot DIRECTORY\n"
      "Campaigns of libFuzzer and AFL++: labyrinth fuzz start --help, docs/campaigns.md.\n"
      "  labyrinth fuzz coverage CORPUS\n"
      "What corpora reach of impl/ and model/: labyrinth fuzz coverage --help, docs/corpus.md.");
  add_common(*fuzzes, fuzz, true);
  add_results(*fuzzes, fuzz.results);
  fuzzes->add_option("--harness", fuzz.harness, "What is made of an input; docs/harnesses.md")
      ->check(CLI::IsMember(harness_names()))
      ->capture_default_str();
  fuzzes->add_option("--against", fuzz.against,
                     "For differential: the other target (default: the reference allocator)");
  fuzzes->prefix_command();

  // What begins with one dash and a word goes to libFuzzer, wherever it stands among ours.
  std::vector<std::string> ours, libfuzzers;
  const bool fuzzing = argc > 1 && std::string(argv[1]) == "fuzz";
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::array<std::string_view, 6> with_value{"--target",  "--findings", "--harness",
                                                     "--against", "--sarif",    "--junit"};
    const bool option_value =
        i > 2 && std::find(with_value.begin(), with_value.end(), argv[i - 1]) != with_value.end();
    const bool theirs = fuzzing && i > 1 && !option_value && !argument.starts_with("--") && argument != "-h";
    (theirs ? libfuzzers : ours).push_back(argument);
  }
  const auto verbs = app.get_subcommands({});
  const auto named = [&](const CLI::App* verb) { return verb->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && std::none_of(verbs.begin(), verbs.end(), named)) {
    std::fprintf(stderr, "labyrinth: there is no verb `%s`; labyrinth --help lists them\n", argv[1]);
    return kBadUsage;
  }
  std::reverse(ours.begin(), ours.end());  // CLI11 takes them from the back.
  try {
    app.parse(ours);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kClean : kBadUsage;
  }
  if (replays->parsed()) return verb_replay(replay);
  if (runs->parsed()) {
    random.strategy = strategy_of_name(strategy);
    return verb_run(random);
  }
  if (explores->parsed()) return read_names(flags, levels, explore.shape) ? verb_explore(explore) : kBadUsage;
  if (proves->parsed()) return verb_prove(prove);
  if (minimizes->parsed()) return verb_minimize(minimize);
  if (hunts->parsed()) return verb_mutants(mutants);
  if (audits->parsed()) return verb_audit(audit);
  if (corpora->parsed()) return verb_corpus(corpus);
  if (lists->parsed()) return verb_targets(targets, more);
  if (doctors->parsed()) return verb_doctor(doctor);
  if (skeletons->parsed()) return verb_new_target(skeleton);
  return verb_fuzz(fuzz, libfuzzers);
}

}  // namespace

int main(int argc, char** argv) {
  return labyrinth::tool::ending_of("labyrinth", [&] { return run(argc, argv); });
}
