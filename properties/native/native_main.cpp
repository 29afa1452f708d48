// labyrinth_native: a target as it ships, on real threads, under real signals, and with the trap flag
// (docs/native.md).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "ending.hpp"
#include "input.hpp"
#include "options.hpp"
#include "report.hpp"
#include "results_options.hpp"
#include "shared.hpp"
#include "verbs.hpp"

namespace labyrinth::native {
namespace {

/// Without hooks: as given, or what labyrinth_add_target() built beside it in plain/.
[[nodiscard]] std::optional<machine::Target> load(std::string& path) {
  path = tool::target_path(path);
  if (const std::string plain = tool::plain_beside(path); !plain.empty()) path = plain;
  auto target = tool::load_target(path);
  if (target && target->is_plain()) return target;
  fmt::print(
      stderr,
      "labyrinth_native: {} is not to be had without hooks, and this program has none: build the target "
      "NAME-plain, which labyrinth_add_target() puts into plain/, and import nothing but the C library "
      "and labyrinth/machine/machine.h\n",
      path);
  return std::nullopt;
}

int run(int argc, char** argv) {
  Options options;
  auto& stress = options.stress;
  stress.patience = 10;
  std::string handlers = "all";
  CLI::App app{
      "Puts a target as it ships under real threads, under real signals that interrupt them, or under a "
      "handler at every "
      "single instruction of its calls. Who is given a block writes its name into it, and has to find it "
      "there. Exit codes: "
      "0 clean, 10 a violation, 11 inconclusive, 64 bad usage, 66 no target."};
  app.add_option("--target", options.target, "The target, a shared object; default: the reference allocator");
  app.add_option("--threads", stress.threads, "Threads, each a CPU of its own")
      ->check(CLI::Range(1U, 7U))
      ->capture_default_str();
  app.add_option("--interrupts", stress.interrupts, "Signals a second and thread; 0: none")
      ->check(CLI::Range(0U, 200000U))
      ->capture_default_str();
  app.add_flag(
      "--every-instruction", options.every_instruction,
      "x86-64: one thread, and a handler before the first, the second, ... instruction of each call");
  app.add_option("--handlers", handlers, "What handlers do: all that tasks do, or free only")
      ->check(CLI::IsMember({"all", "free"}))
      ->capture_default_str();
  app.add_option("--frames", options.frames, "Frames of the machine; 0: the smallest that the target accepts")
      ->check(CLI::IsMember({0, 64, 96, 256, 1024, 4096, 65536}))
      ->capture_default_str();
  app.add_option("--call", options.call, "Of --every-instruction: only interrupted calls with this in them");
  app.add_option("--handler", options.handler, "Of --every-instruction: only handlers with this in them");
  app.add_option("--seconds", stress.seconds, "Seconds of threads and signals, at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--calls", stress.calls, "Things to do in each thread, at most; 0: while there is time")
      ->capture_default_str();
  app.add_option("--seed", stress.seed, "What is done; when, chance decides")->capture_default_str();
  app.add_option("--patience", stress.patience, "Seconds after which a call that does not return hangs")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--least-inside", stress.least_inside,
                 "Signals of each level that have to land inside a call, or the run is inconclusive")
      ->capture_default_str();
  app.add_flag("--json", stress.json, "One JSON object instead of text");
  tool::add_results(app, stress.results);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return tool::kBadUsage;
  }
  options.handlers_allocate = handlers == "all";
  remember_own_objects();
  const auto target = load(options.target);
  if (!target) return tool::kUnreadable;
  stress.highest = highest_level(*target);
  tool::catch_interrupt();
  static_cast<void>(shared());  // Before there are children.
  return options.every_instruction ? run_every_instruction(options, *target) : run_threads(options, *target);
}

}  // namespace
}  // namespace labyrinth::native

int main(int argc, char** argv) {
  return labyrinth::tool::ending_of("labyrinth_native", [&] { return labyrinth::native::run(argc, argv); });
}
