// labyrinth doctor: prints what was looked at.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "doctor.hpp"
#include "exit_codes.hpp"
#include "results_options.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

[[nodiscard]] const char* word(Check::State state) {
  constexpr std::array kWords{"ok", "warning", "broken", "unclear"};
  return kWords[static_cast<std::size_t>(state)];
}

void print(const char* title, const std::vector<Check>& checks) {
  fmt::print("{}\n", title);
  for (const Check& check : checks) {
    fmt::print("  {:8} {:13} {}\n", word(check.state), check.name, check.says);
    if (!check.mend.empty()) fmt::print("  {:8} {:13} -> {}\n", "", "", check.mend);
  }
}

[[nodiscard]] nlohmann::json json_of(const std::vector<Check>& checks) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Check& check : checks) {
    rows.push_back(
        {{"check", check.name}, {"state", word(check.state)}, {"says", check.says}, {"mend", check.mend}});
  }
  return rows;
}

/// Of what is wrong how to mend it; a warning fails nothing.
void add_results_of(const std::vector<Check>& checks, const std::string& of, const std::string& file,
                    Results& results) {
  for (const Check& check : checks)
    results.add(
        {.name = of + ": " + check.name,
         .code = check.state == Check::State::kBroken    ? kViolation
                 : check.state == Check::State::kUnclear ? kInconclusive
                                                         : kClean,
         .key = "doctor-" + check.name,
         .text = check.state == Check::State::kOk
                     ? ""
                     : fmt::format("{}{}{}", check.says, check.mend.empty() ? "" : "\n-> ", check.mend),
         .file = file});
}

}  // namespace

CLI::App* add_doctor(CLI::App& app, DoctorOptions& options) {
  CLI::App* const verb = app.add_subcommand(
      "doctor",
      "Say whether a target's build and this machine are fit for the engines, and how to mend what is not.\n"
      "  labyrinth doctor --target build/targets/my-allocator.so\n"
      "Exit codes: 0 fit (warnings are no more than that), 10 the target is broken, 11 something could not "
      "be "
      "told.");
  verb->add_option("--target", options.target, "Shared object to look at (default: the reference allocator)");
  verb->add_option("--seeds", options.seeds,
                   "Traces to run on it, and directories of them (default: the corpus)");
  verb->add_option("--seconds", options.seconds, "For one run; what takes longer counts as hanging")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  verb->add_option("--root", options.root,
                   "Read /proc and /sys below this directory, as those of another machine")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  verb->add_flag("--json", options.json, "Print one JSON object instead of text");
  add_results(*verb, options.results);
  return verb;
}

int verb_doctor(const DoctorOptions& options) {
  catch_interrupt();
  const std::string path = target_path(options.target);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    fmt::print(stderr,
               "labyrinth: there is no target {}: build one with labyrinth_add_target() and name its .so\n",
               path);
    return kUnreadable;
  }
  std::vector<std::string> unreadable;
  const std::vector<Check> machine = look_at_machine(options.root);
  const std::vector<Check> target = look_at_target(path, options, unreadable);

  int code = unreadable.empty() ? kClean : kUnreadable;
  std::array<std::size_t, 4> counts{};
  for (const std::vector<Check>* checks : {&target, &machine}) {
    for (const Check& check : *checks) {
      ++counts[static_cast<std::size_t>(check.state)];
      if (check.state == Check::State::kBroken) code = worse(code, kViolation);
      if (check.state == Check::State::kUnclear) code = worse(code, kInconclusive);
    }
  }
  if (interrupted()) code = worse(code, kInconclusive);
  Results results("doctor", path);
  add_results_of(target, "target", path, results);
  add_results_of(machine, "this machine", "", results);
  for (const std::string& seed : unreadable)
    results.add({.name = seed, .code = kUnreadable, .text = "unreadable", .file = seed});
  if (!results.write(options.results, code)) code = worse(code, kInconclusive);
  if (options.json) {
    fmt::print(
        "{}\n",
        nlohmann::json{{"path", path}, {"target", json_of(target)}, {"machine", json_of(machine)}}.dump(2));
    return code;
  }
  print(fmt::format("target {}", path).c_str(), target);
  print("this machine", machine);
  fmt::print("summary: {} ok, {} warnings, {} broken, {} unclear{}\n", counts[0], counts[1], counts[2],
             counts[3], interrupted() ? ", interrupted" : "");
  return code;
}

}  // namespace labyrinth::tool
