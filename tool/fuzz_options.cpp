// The options of the verbs below `fuzz`, and their help.
#include "fuzz_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>

#include "campaign.hpp"
#include "exit_codes.hpp"
#include "fuzz_setup.hpp"
#include "results_options.hpp"

namespace labyrinth::tool {
namespace {

CLI::App* add(CLI::App& app, const char* name, const char* help, CampaignOptions& options) {
  CLI::App* const verb = app.add_subcommand(name, help);
  verb->add_option("directory", options.directory, "The campaign's directory")->required();
  verb->add_flag("--json", options.json, "Print one JSON object instead of text");
  return verb;
}

void add_running(CLI::App& verb, CampaignOptions& options) {
  verb.add_option("--time", options.time, "Budget: 90s, 30m, 8h, 7d; of all starts together");
  verb.add_option("--executions", options.executions, "Budget, of all workers and starts together")
      ->check(CLI::PositiveNumber);
  verb.add_option("--quiet", options.quiet, "Stop after so long without new coverage: 90s, 30m, 8h");
  verb.add_option("--signatures", options.signatures, "Stop after so many distinct signatures of crashes")
      ->check(CLI::PositiveNumber);
  verb.add_option("--libfuzzer", options.libfuzzer, "Processes of libFuzzer")->check(CLI::Range(0U, 256U));
  verb.add_option("--afl", options.afl, "Processes of AFL++")->check(CLI::Range(0U, 256U));
  add_results(verb, options.results);
  verb.add_flag("--detach", options.detach, "In the background; what it says goes to campaign.log");
}

}  // namespace

std::optional<int> run_fuzz_verb(int argc, char** argv) {
  CLI::App app{"Fuzz campaigns: docs/campaigns.md"};
  app.name("labyrinth fuzz");
  app.require_subcommand(1);
  CampaignOptions options;
  CLI::App* const start =
      add(app, "start",
          "Begin a campaign of libFuzzer and AFL++ in a new directory.\n"
          "  labyrinth fuzz start campaign --time 8h --seeds corpus/seeds\n"
          "  labyrinth fuzz start campaign --config campaign.toml --detach\n"
          "Ctrl-C, or `labyrinth fuzz stop`, ends it, and `resume` goes on. Whatever is killed, "
          "no input and no crash is lost.\n"
          "Exit codes: 0 clean, 10 a violation or a crash, 11 stopped before its budget, or "
          "workers failed, 64, 66.",
          options);
  start->add_option("--config", options.config, "TOML file (docs/campaigns.md); default: defaults");
  start->add_option("--target", options.target,
                    "Shared object to put under test (default: the reference allocator)");
  start->add_option("--harness", options.harness, "What is made of an input; docs/harnesses.md")
      ->check(CLI::IsMember(harness_names()));
  start->add_option("--against", options.against,
                    "For differential: the other target (default: the reference allocator)");
  start->add_option("--seeds", options.seeds,
                    "Files and directories to begin with, text and binary; default: the simplest trace");
  start->add_option("--seed", options.seed, "Where chance begins")->check(CLI::PositiveNumber);
  add_running(*start, options);
  CLI::App* const resume =
      add(app, "resume",
          "Go on with a campaign that was stopped or killed. DIR/campaign.toml may be changed "
          "before.\n  labyrinth fuzz resume campaign --time 24h",
          options);
  add_running(*resume, options);
  CLI::App* const status =
      add(app, "status",
          "What a campaign has done and found, while it runs or later.\n  labyrinth fuzz status campaign",
          options);
  add_results(*status, options.results);
  CLI::App* const stop = add(
      app, "stop", "End a campaign that runs, and wait for that.\n  labyrinth fuzz stop campaign", options);
  CLI::App* const plot = add(
      app, "plot",
      "Draw a campaign's course: one HTML page.\n  labyrinth fuzz plot campaign -o campaign.html", options);
  plot->add_option("-o,--output", options.output,
                   "Where to write it (default: campaign.html in the directory)");

  const auto verbs = app.get_subcommands({});
  const auto named = [&](const CLI::App* verb) { return argc > 2 && verb->get_name() == argv[2]; };
  if (std::string(argc > 1 ? argv[1] : "") != "fuzz" || std::none_of(verbs.begin(), verbs.end(), named))
    return std::nullopt;
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kClean : kBadUsage;
  }
  if (start->parsed()) return campaign_start(options);
  if (resume->parsed()) return campaign_resume(options);
  if (status->parsed()) return campaign_status(options);
  return stop->parsed() ? campaign_stop(options) : campaign_plot(options);
}

}  // namespace labyrinth::tool
