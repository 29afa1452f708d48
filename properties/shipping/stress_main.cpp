// The stress program: real threads, and real signals for interrupts, on the library as it ships
// (docs/shipping.md).
#include <CLI/CLI.hpp>
#include <string>

#include "crew.hpp"
#include "exit_codes.hpp"
#include "interrupts.hpp"
#include "results_options.hpp"
#include "stress_report.hpp"
#include "verbs.hpp"

namespace {

/// What a fault's handler can reach.
std::string program;
labyrinth::shipping::StressOptions options;

[[nodiscard]] bool write_results(int code, std::string_view fault) {
  return labyrinth::shipping::results_of(program, options, code, fault).write(options.results, code);
}

void write_results_of_fault(int code, std::string_view fault) {
  static_cast<void>(
      write_results(code, fault));  // What could not be written is told; the code says the rest.
}

}  // namespace

// Memory that is missing at the start ends the program, with its name.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  using namespace labyrinth;
  CLI::App app{
      "Threads, and signals that interrupt them, call everything that the library has at once. Ownership is "
      "written into the "
      "frames and checked; now and then all is freed, and nothing may be missing (X4). Exit codes: 0 clean, "
      "10 a violation, "
      "11 inconclusive, 64 bad usage."};
  app.add_option("--threads", options.threads,
                 "Threads; with 1 also the answers that must be exact are checked")
      ->check(CLI::Range(1U, shipping::kMaxThreads))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Seconds, at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--calls", options.calls, "Things to do in each thread, at most; 0: while there is time")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "What is done; when, chance decides")->capture_default_str();
  app.add_option("--interrupts", options.interrupts, "Signals a second and thread; 0: none")
      ->check(CLI::Range(0U, 200000U))
      ->capture_default_str();
  app.add_option("--least-inside", options.least_inside,
                 "Signals of each level that have to land inside a call, or the run is inconclusive")
      ->capture_default_str();
  app.add_option("--geometry", options.geometry,
                 "The world: wide (all zones), tight (96 frames), or all in turn")
      ->check(CLI::IsMember({"wide", "tight", "all"}))
      ->capture_default_str();
  app.add_flag("--json", options.json, "One JSON object instead of text");
  tool::add_results(app, options.results);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? tool::kClean : tool::kBadUsage;
  }
  program = argv[0];
  const std::string words = shipping::again(program, options);
  tool::catch_interrupt();
  shipping::install_handlers();
  shipping::catch_faults(words.c_str(), write_results_of_fault);
  shipping::Crew crew(options);
  const shipping::StressResult result = crew.run();
  shipping::print_report(program, options, result);
  const int code = shipping::verdict(options, result);
  return write_results(code, "") ? code : tool::worse(code, tool::kInconclusive);
}
