// labyrinth_step: interrupts at every instruction of the library as it ships; docs/stepping.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>

#include "ending.hpp"
#include "finding.hpp"
#include "input.hpp"
#include "report.hpp"
#include "results_options.hpp"
#include "step_report.hpp"
#include "verbs.hpp"

namespace labyrinth::step {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string shipped;  ///< "" is the library of this build.
  std::string target;   ///< "" is the reference allocator; "none": no traces are looked for.
  std::string findings = "findings";
  std::vector<std::string> scenes;
  std::string call;
  std::string handler;
  std::vector<model::Level> levels = {model::Level::kSoftirq, model::Level::kHardirq, model::Level::kNmi};
  unsigned nest = 1;
  std::uint64_t most = 400;
  bool counts = false;
  bool lists = false;
  bool json = false;
  tool::ResultFiles results;
};

/// All nestings of the options, and what came of them.
class Session {
 public:
  Session(const Options& options, machine::Machine& machine, const machine::Target& shipped,
          const std::optional<machine::Target>& hooked, Stepper& stepper, const Text& text)
      : options_(options),
        machine_(machine),
        shipped_(shipped),
        hooked_(hooked),
        text_(text),
        search_(
            machine, stepper, options.counts, [this](const Broken& broken) { keep(broken); },
            [this] { return goes_on(); }) {}

  [[nodiscard]] Total run() {
    for (const Scene& scene : scenes()) {
      const auto wanted = [&](const std::string& name) { return name == scene.name; };
      if (!options_.scenes.empty() && std::none_of(options_.scenes.begin(), options_.scenes.end(), wanted))
        continue;
      for (std::size_t call = 0; call < scene.calls.size(); ++call) {
        if (kind_of(scene, call).find(options_.call) == std::string::npos) continue;
        for (std::size_t handler = 0; handler < scene.calls.size(); ++handler) {
          if (kind_of(scene, handler).find(options_.handler) == std::string::npos) continue;
          for (const model::Level level : options_.levels) nest({&scene, {call, handler}, {level}});
        }
      }
    }
    if (options_.nest == 2) run_threes();
    total_.runs = search_.runs();
    total_.seconds = status_.elapsed();
    total_.stopped = tool::interrupted();
    find_traces();
    return std::move(total_);
  }

  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  /// Three calls, of which the two interrupted ones have few points together.
  void run_threes() {
    const std::vector<Row> pairs = total_.rows;
    std::map<std::pair<const Scene*, std::size_t>, std::uint64_t> distinct;
    for (const Row& row : pairs) distinct[{row.nesting.scene, row.nesting.calls.front()}] = row.distinct;
    for (const Row& row : pairs) {
      if (row.nesting.levels.front() != options_.levels.front()) continue;
      const Nesting pair{row.nesting.scene, row.nesting.calls, {model::Level::kHardirq}};
      const auto [inner, is_new] = distinct.try_emplace({pair.scene, pair.calls[1]}, 0);
      if (is_new) {
        const Nesting alone{pair.scene, {pair.calls[1], pair.calls[1]}, {model::Level::kNmi}};
        inner->second = search_.distinct_points(alone, error_);
      }
      if (row.distinct * inner->second > options_.most) {
        ++total_.too_long;
        continue;
      }
      if (tool::interrupted() || !error_.empty()) return;
      present_ = name_of(pair);
      for (Row& three : search_.run_threes(pair, error_)) total_.rows.push_back(std::move(three));
    }
  }

  void nest(const Nesting& nesting) {
    if (tool::interrupted() || !error_.empty()) return;
    present_ = fmt::format("{}: {}", nesting.scene->name, name_of(nesting));
    total_.rows.push_back(search_.run(nesting, error_));
  }

  [[nodiscard]] bool goes_on() {
    if ((search_.runs() & 0xffU) == 0 && status_.due())
      status_.show(
          fmt::format("step: {}: {} runs, {} findings", present_, search_.runs(), total_.findings.size()));
    return !tool::interrupted();
  }

  void keep(const Broken& broken) {
    std::string error;
    const auto program = program_of(broken.nesting, error);
    const std::string signature =
        broken.limit.empty() ? tool::signature(program->file.trace, broken.violation) : "inconclusive";
    const auto known = std::find_if(total_.findings.begin(), total_.findings.end(),
                                    [&](const Finding& finding) { return finding.signature == signature; });
    if (known != total_.findings.end()) {
      ++known->runs;
      return;
    }
    Finding finding;
    finding.broken = broken;
    finding.signature = signature;
    finding.runs = 1;
    finding.verdict = broken.limit.empty() ? tool::verdict_text(program->file, broken.violation)
                                           : fmt::format("It cannot be judged: {}.\n", broken.limit);
    for (const std::uintptr_t address : broken.addresses)
      finding.instructions.push_back(instruction_at(text_, address));
    if (broken.ended_at != 0) finding.instructions.push_back(instruction_at(text_, broken.ended_at));
    finding.command = fmt::format(
        "labyrinth_step{} --scene {} --call {} --handler {} --level {}{}",
        options_.shipped.empty() ? "" : " --shipped " + tool::quoted(options_.shipped),
        broken.nesting.scene->name, tool::quoted(kind_of(*broken.nesting.scene, broken.nesting.calls[0])),
        tool::quoted(kind_of(*broken.nesting.scene, broken.nesting.calls[1])),
        machine::level_name(broken.nesting.levels[0]), broken.nesting.calls.size() > 2 ? " --nest 2" : "");
    total_.findings.push_back(std::move(finding));
  }

  void find_traces() {
    if (!hooked_) return;
    for (Finding& finding : total_.findings) {
      if (!finding.broken.limit.empty()) continue;
      finding.trace = find_trace(machine_, *hooked_, finding.broken, options_.findings, [&] {
        if (status_.due()) status_.show(fmt::format("step: a trace is looked for: {}", finding.signature));
        return !tool::interrupted();
      });
    }
    machine_.turn_to(shipped_.table());
  }

  const Options& options_;
  machine::Machine& machine_;
  const machine::Target& shipped_;
  const std::optional<machine::Target>& hooked_;
  const Text& text_;
  Search search_;
  tool::StatusLine status_;
  Total total_;
  std::string error_;
  std::string present_;  // what is being run, for the status line
};

/// What is built beside this program: build/…/targets.
[[nodiscard]] std::string beside(const char* name) {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  return (program.parent_path().parent_path() / "targets" / name).string();
}

int run(const Options& options) {
  const std::string path = options.shipped.empty() ? beside("stepped/reference.so") : options.shipped;
  const auto shipped = tool::load_target(path);
  if (!shipped) return tool::kUnreadable;
  std::optional<machine::Target> hooked;
  if (options.target != "none") {
    hooked = tool::load_target(options.target.empty() ? beside("reference.so") : options.target);
    if (!hooked) return tool::kUnreadable;
  }
  std::string error;
  const auto text = text_of(shipped->path(), error);
  if (!text || !shipped->is_plain()) {
    fmt::print(stderr, "labyrinth_step: {}\n", text ? path + " has hooks: it is not what ships" : error);
    return tool::kUnreadable;
  }
  machine::Machine machine;
  machine.use(shipped->table());
  Stepper stepper(*text);
  tool::catch_interrupt();
  Session session(options, machine, *shipped, hooked, stepper, *text);
  const Total total = session.run();
  if (!session.error().empty()) {
    fmt::print(stderr, "labyrinth_step: {}", session.error());
    return tool::kInconclusive;
  }
  if (total.rows.empty()) {
    fmt::print(stderr,
               "labyrinth_step: no call of a scene is meant by --scene, --call and --handler: `--list-calls` "
               "lists them\n");
    return tool::kBadUsage;
  }
  int code = total.exit_code();
  if (!results_of(total, *text, shipped->table().name).write(options.results, code))
    code = tool::worse(code, tool::kInconclusive);
  if (options.json) {
    fmt::print("{}\n", json_text(total, *text));
    return code;
  }
  if (options.lists) fmt::print("{}\n", table_of_rows(total.rows));
  fmt::print("{}\n{}\n", table_of_scenes(total), table_of_calls(total.rows));
  for (const Finding& finding : total.findings) fmt::print("{}\n", text_of(finding, *text));
  fmt::print("{}\n", summary(total));
  return code;
}

int list_calls() {
  for (const Scene& scene : scenes()) {
    fmt::print("{}\n", scene.name);
    for (std::size_t i = 0; i < scene.calls.size(); ++i) fmt::print("  {}\n", kind_of(scene, i));
  }
  return tool::kClean;
}

int run(int argc, char** argv) {
  Options options;
  bool lists_calls = false;
  CLI::App app{
      "Interrupts calls of the library as it ships at each of their instructions, and judges all answers by "
      "the model."};
  app.add_option("--shipped", options.shipped,
                 "The library under test, of labyrinth_add_stepped(); default: this build's");
  app.add_option("--target", options.target,
                 "The hooked build of the same code, for traces, or `none`; default: the reference");
  app.add_option("--findings", options.findings, "Where traces are saved")->capture_default_str();
  app.add_option("--scene", options.scenes, "Only these scenes");
  app.add_option("--call", options.call,
                 "Only interrupted calls with this in them: \"free\", \"alloc atomic order=0\"");
  app.add_option("--handler", options.handler, "Only handlers' calls with this in them");
  const std::map<std::string, model::Level> levels{
      {"softirq", model::Level::kSoftirq}, {"hardirq", model::Level::kHardirq}, {"nmi", model::Level::kNmi}};
  app.add_option("--level", options.levels, "Only handlers of these levels")
      ->transform(CLI::CheckedTransformer(levels));
  app.add_option(
         "--nest", options.nest,
         "1: a handler in each call; 2: also an NMI with a third call at each distinct point of a hardirq's")
      ->check(CLI::Range(1U, 2U))
      ->capture_default_str();
  app.add_option("--most", options.most,
                 "With --nest 2: at most so many pairs of distinct points of the two interrupted calls")
      ->capture_default_str();
  app.add_flag("--count", options.counts,
               "Count the instructions after the handler, too: a trap for each instruction");
  app.add_flag("--list", options.lists, "A line for each nesting");
  app.add_flag("--list-calls", lists_calls, "List the scenes and their calls, and run none");
  app.add_flag("--json", options.json, "All of it as JSON");
  tool::add_results(app, options.results);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return tool::kBadUsage;
  }
  return lists_calls ? list_calls() : run(options);
}

}  // namespace
}  // namespace labyrinth::step

int main(int argc, char** argv) {
  return labyrinth::tool::ending_of("labyrinth_step", [&] { return labyrinth::step::run(argc, argv); });
}
