// The labyrinth command: options, and which verb they go to.
#include <CLI/CLI.hpp>
#include <exception>

#include "exit_codes.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "verbs.hpp"

namespace {

using namespace labyrinth::tool;

/// CLI11 2.1 takes -1 for 2^64 - 1.
const CLI::Validator natural(
    [](const std::string& text) {
      return text.starts_with("-") ? std::string("a number from 0 on is wanted, not ") + text : std::string();
    },
    "NATURAL");

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

int run(int argc, char** argv) {
  if (is_fuzz_child()) return verb_fuzz({}, {argv + 1, argv + argc});

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
  replays->add_option("files", replay.files, "Traces; - is standard input")->required();
  replays->add_flag("--show", replay.show, "Show the timeline of clean runs too");

  RunOptions random;
  CLI::App* const runs = app.add_subcommand("run",
                                            "Random programs under random schedules.\n"
                                            "  labyrinth run --seed 7 --count 1000000");
  add_common(*runs, random, true);
  runs->add_option("--seed", random.seed, "Where chance begins; the same seed does the same")
      ->capture_default_str();
  runs->add_option("--count", random.count, "Executions")->check(natural)->capture_default_str();
  runs->add_option("--records", random.records, "Calls, contexts and the like of one program, at most")
      ->check(CLI::Range(0U, static_cast<unsigned>(labyrinth::machine::kMaxEncodedSize / 4)))
      ->capture_default_str();
  runs->add_flag("--keep-going", random.keep_going, "Go on after a violation and count them by signature");

  MinimizeOptions minimize;
  CLI::App* const minimizes =
      app.add_subcommand("minimize",
                         "Make a finding small.\n"
                         "  labyrinth minimize findings/X1-alloc-task-0a1b2c3d.trace");
  add_common(*minimizes, minimize, true);
  minimizes->add_option("file", minimize.file, "A trace that breaks a clause")->required();
  minimizes->add_option("-o,--output", minimize.output, "Where to write it (default: with the findings)");
  minimizes->add_option("--budget", minimize.budget, "Runs to spend, at most")
      ->check(natural)
      ->capture_default_str();

  Common targets;
  std::vector<std::string> more;
  CLI::App* const lists = app.add_subcommand("targets",
                                             "Say what can be put under test, and what it declares.\n"
                                             "  labyrinth targets build/default/targets/*.so");
  add_common(*lists, targets, false);
  lists->add_option("files", more, "Further targets");

  Common fuzz;
  CLI::App* const fuzzes =
      app.add_subcommand("fuzz",
                         "Coverage-guided programs and schedules (libFuzzer).\n"
                         "  labyrinth fuzz -max_total_time=60 -seed=1 build/corpus\n"
                         "Options with one dash are libFuzzer's: -help=1 lists them; -fork=2 uses two "
                         "cores. Inputs that crash are\nkept beside the findings, for libFuzzer.");
  add_common(*fuzzes, fuzz, true);
  fuzzes->prefix_command();

  // What begins with one dash and a word goes to libFuzzer, wherever it stands among ours.
  std::vector<std::string> ours, libfuzzers;
  const bool fuzzing = argc > 1 && std::string(argv[1]) == "fuzz";
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool option_value =
        i > 2 && (std::string(argv[i - 1]) == "--target" || std::string(argv[i - 1]) == "--findings");
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
  if (runs->parsed()) return verb_run(random);
  if (minimizes->parsed()) return verb_minimize(minimize);
  if (lists->parsed()) return verb_targets(targets, more);
  return verb_fuzz(fuzz, libfuzzers);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int code = run(argc, argv);
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    std::perror("labyrinth: what was found could not be printed in full");
    return code == kClean ? kInconclusive : code;
  } catch (const std::exception& error) {  // Out of memory, or a file system that fails under us.
    std::fprintf(stderr, "labyrinth: %s\n", error.what());
    return kInconclusive;
  }
}
