// The options of `labyrinth corpus`, and its help.
#include "corpus_options.hpp"

#include <CLI/CLI.hpp>

#include "results_options.hpp"

namespace labyrinth::tool {
namespace {

CLI::App* add_verb(CLI::App& corpus, CorpusOptions& options, const std::string& name,
                   const std::string& says) {
  CLI::App* const verb = corpus.add_subcommand(name, says);
  verb->parse_complete_callback([&options, name] { options.verb = name; });
  verb->add_flag("--json", options.json, "Print one JSON object instead of text");
  return verb;
}

void add_paths(CLI::App& verb, CorpusOptions& options, const char* says) {
  verb.add_option("paths", options.paths, says)->required();
}

void add_target(CLI::App& verb, CorpusOptions& options) {
  verb.add_option("--target", options.target,
                  "Shared object to put under test (default: the reference allocator)");
}

void add_place(CLI::App& verb, CorpusOptions& options) {
  verb.add_option("--corpus", options.corpus, "Directory that has seeds/ and regressions/")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
}

void add_output(CLI::App& verb, CorpusOptions& options) {
  verb.add_option("-o,--output", options.output,
                  "Directory to write to; it is made, and nothing in it replaced")
      ->required();
}

void add_triage(CLI::App& corpus, CorpusOptions& options) {
  CLI::App* const verb = add_verb(
      corpus, options, "triage",
      "Say what became of inputs that once failed: by signature, the best of each made small, as a text "
      "trace.\n"
      "  labyrinth corpus triage --target mutant.so findings out/default/crashes\n"
      "Of directories: libFuzzer's crash-*, timeout-*, ...; AFL++'s crashes/ and hangs/; text traces.");
  add_target(*verb, options);
  add_paths(*verb, options, "Files and directories");
  verb->add_option("--findings", options.findings, "Directory that traces are saved in")
      ->capture_default_str();
  add_results(*verb, options.results);
  verb->add_option("--engine", options.engine, "What found them, where the files do not say");
  verb->add_option("--seed", options.seed, "The engine's seed, where the files do not say");
  verb->add_option("--budget", options.budget,
                   "Runs of the shrinker for each signature, at most; 0: none is made small")
      ->check(CLI::Range(std::uint64_t{0}, UINT64_MAX / 2))
      ->capture_default_str();
  verb->add_option("--seconds", options.seconds, "For the replay of one input; what takes longer is killed")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
}

void add_add(CLI::App& corpus, CorpusOptions& options) {
  CLI::App* const verb = add_verb(
      corpus, options, "add",
      "Put traces into the corpus: made small if they fail, in canonical form, with a name and a comment.\n"
      "  labyrinth corpus add --target build/default/targets/mutant-X.so "
      "findings/X3-free-task-1a2b3c4d.trace\n"
      "  labyrinth corpus add --as seed --name two-drains --shows 'X6: two drains meet.' my.trace\n"
      "Refused: what is there already, what does not fail the same way twice, what cannot be read.");
  add_target(*verb, options);
  add_place(*verb, options);
  add_paths(*verb, options, "Traces, text or binary");
  verb->add_option("--as", options.as, "regression: it fails on --target; seed: it is clean there")
      ->check(CLI::IsMember({"regression", "seed"}))
      ->capture_default_str();
  verb->add_option("--name", options.name,
                   "Of the new file, without .trace (default: the mutant's, else the signature)");
  verb->add_option("--shows", options.shows,
                   "A sentence for the comment: requirement and what is to be seen");
  verb->add_option("--budget", options.budget,
                   "Runs of the shrinker for a regression, at most; 0: it is not made small")
      ->check(CLI::Range(std::uint64_t{0}, UINT64_MAX / 2))
      ->capture_default_str();
  verb->add_flag("--move", options.moves, "Remove the file once it is in the corpus");
}

void add_check(CLI::App& corpus, CorpusOptions& options) {
  CLI::App* const verb = add_verb(corpus, options, "check",
                                  "Hold the corpus to its rules: each trace is canonical, says what it "
                                  "shows, is there once, and replays clean\n"
                                  "with its whole schedule and with schedules beside it; regressions name "
                                  "their mutant; no feature is without a seed.\n"
                                  "  labyrinth corpus check");
  add_target(*verb, options);
  add_place(*verb, options);
  verb->add_option("--findings", options.findings,
                   "Directory that schedules are saved in that break a clause")
      ->capture_default_str();
  add_results(*verb, options.results);
  verb->add_option("--neighbours", options.neighbours, "Schedules beside that of each trace, to try")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000}))
      ->capture_default_str();
  verb->add_option("--seed", options.seed, "Where chance begins for these")->check(CLI::Number);
  verb->add_flag("--fix", options.fixes,
                 "Write what is not canonical anew (comments between lines are lost)");
}

}  // namespace

CLI::App* add_corpus(CLI::App& app, CorpusOptions& options) {
  CLI::App* const corpus =
      app.add_subcommand("corpus", "Traces that are kept: triage, add, check, minimize, ...");
  corpus->require_subcommand(1);
  add_triage(*corpus, options);
  add_add(*corpus, options);
  add_check(*corpus, options);

  CLI::App* const minimize = add_verb(
      *corpus, options, "minimize",
      "The fewest inputs that cover as much as all: edges of the target, by how often they were taken.\n"
      "  labyrinth corpus minimize build/corpus --output build/small");
  add_target(*minimize, options);
  add_output(*minimize, options);
  add_paths(*minimize, options, "Files and directories, text and binary");

  CLI::App* const merge = add_verb(*corpus, options, "merge",
                                   "Several corpora as one, each trace once.\n"
                                   "  labyrinth corpus merge one two out/default/queue --output all");
  add_output(*merge, options);
  add_paths(*merge, options, "Files and directories, text and binary");

  CLI::App* const stats =
      add_verb(*corpus, options, "stats",
               "What is in a corpus: sizes, features and requirements covered, and those that no file has.\n"
               "  labyrinth corpus stats corpus/seeds");
  add_target(*stats, options);
  add_paths(*stats, options, "Files and directories, text and binary");

  CLI::App* const convert = add_verb(*corpus, options, "convert",
                                     "Text as the fuzzers' binary form, or the other way.\n"
                                     "  labyrinth corpus convert corpus/seeds --output build/seeds\n"
                                     "What the binary form cannot say is named and left out.");
  add_output(*convert, options);
  add_paths(*convert, options, "Files and directories, text and binary");
  convert->add_option("--to", options.form, "Form to write")
      ->check(CLI::IsMember({"binary", "text"}))
      ->capture_default_str();
  return corpus;
}

}  // namespace labyrinth::tool
