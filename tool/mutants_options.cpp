// The options of `labyrinth mutants`, and its help.
#include "mutants_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "mutants.hpp"
#include "results_options.hpp"

namespace labyrinth::tool {

CLI::App* add_mutants(CLI::App& app, MutantsOptions& options) {
  std::string help =
      "Which engine finds which mutant, the reference allocator with a real bug put back in, and how fast.\n"
      "  labyrinth mutants\n"
      "  labyrinth mutants lost-update-in-free --engine run --engine fuzz --seeds 10\n"
      "Exit code 0: each mutant was found by one of the engines asked; 11: one survived. The engines:\n";
  std::vector<std::string> names;
  for (const MutantEngine& engine : mutant_engines()) {
    help += fmt::format("  {:<11} {}\n", engine.name, engine.what);
    names.emplace_back(engine.name);
  }
  CLI::App* const verb = app.add_subcommand("mutants", help);
  verb->add_option("names", options.names, "Mutants; none: all of proofs/mutants/");
  verb->add_option("--engine", options.engines, "Engines, one after another; none: all")
      ->check(CLI::IsMember(names));
  verb->add_option("--seconds", options.seconds, "Time on the clock for each engine, mutant and seed")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--seed", options.seed, "Where chance begins")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--seeds", options.seeds,
                   "So many seeds, from --seed on, for the engines that go by chance: the table has medians")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  verb->add_option("--sources", options.sources, "Checkout with proofs/mutants/ and corpus/")
      ->capture_default_str();
  verb->add_option("--build", options.build,
                   "Build with targets/mutant-*.so (default: where this program is)");
  verb->add_flag("--json", options.json, "Print one JSON object instead of text");
  add_results(*verb, options.results);
  return verb;
}

}  // namespace labyrinth::tool
