// The labyrinth command: options, and which verb they go to.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "audit_options.hpp"
#include "common_options.hpp"
#include "corpus_options.hpp"
#include "doctor.hpp"
#include "ending.hpp"
#include "exit_codes.hpp"
#include "explore_options.hpp"
#include "fuzz_options.hpp"
#include "fuzz_setup.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "mutants_options.hpp"
#include "natural.hpp"
#include "new_target.hpp"
#include "prove_options.hpp"
#include "results_options.hpp"
#include "verb_coverage.hpp"
#include "verbs.hpp"

namespace {

using namespace labyrinth::tool;

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
  ShapeNames shape;
  CLI::App* const explores = add_explore(app, explore, shape);

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
  if (explores->parsed()) return read_names(shape, explore.shape) ? verb_explore(explore) : kBadUsage;
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
