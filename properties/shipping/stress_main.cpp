// The stress program: real threads, and real signals for interrupts, on the library as it ships
// (docs/shipping.md).
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crew.hpp"
#include "exit_codes.hpp"
#include "interrupts.hpp"
#include "results_options.hpp"
#include "stress_report.hpp"
#include "verbs.hpp"
#include "world.hpp"

namespace {

// What a fault's handler can reach.
std::string program, again;
labyrinth::shipping::StressOptions options;

[[nodiscard]] bool write_results(int code, std::string_view fault) {
  return labyrinth::shipping::results_of(program, again, options, code, fault).write(options.results, code);
}

/// For a signal handler.
[[noreturn]] void report_fault(const labyrinth::shipping::Fault& fault) {
  const int code = fault.clause == nullptr ? labyrinth::tool::kInconclusive : labyrinth::tool::kViolation;
  std::array<char, 600> text{};
  const auto end = fmt::format_to_n(text.data(), text.size(), "{}{}{}\n  again: {}\n",
                                    fault.clause == nullptr ? "stress" : fault.clause,
                                    fault.clause == nullptr ? ": " : " is broken: ", fault.words, again);
  const std::string_view told(text.data(), std::min(end.size, text.size()));
  static_cast<void>(!write(STDOUT_FILENO, told.data(), told.size()));
  // The library takes no memory and no lock of the C library's, so a fault in its calls leaves them usable.
  // Of one elsewhere the alarm makes an end.
  constexpr unsigned kPatience = 10;
  signal(SIGALRM, SIG_DFL);
  alarm(kPatience);
  // What could not be written is told; the code says the rest.
  static_cast<void>(write_results(code, told));
  _exit(code);
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
  again = fmt::format("{} --geometry {} --threads {} --interrupts {} --seed {} --seconds 60", program,
                      options.geometry, options.threads, options.interrupts, options.seed);
  tool::catch_interrupt();
  shipping::install_handlers();
  shipping::catch_faults(report_fault);
  std::vector<std::unique_ptr<shipping::Workload>> worlds;
  for (std::size_t i = 0; i < shipping::kGeometries; ++i) {
    const shipping::Geometry& geometry = shipping::geometry(i);
    if (options.geometry != "all" && options.geometry != geometry.name) continue;
    worlds.push_back(std::make_unique<shipping::World>(geometry, options.threads));
  }
  shipping::Crew crew(options, std::move(worlds));
  shipping::StressResult result;
  crew.run(result);
  shipping::print_report(again, options, result);
  int code = shipping::verdict(options, result);
  if (!write_results(code, "")) code = tool::worse(code, tool::kInconclusive);
  if (result.hung[0] == '\0') return code;
  std::fflush(stdout);
  _exit(code);  // The threads that hang cannot be waited for.
}
