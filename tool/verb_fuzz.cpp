// labyrinth fuzz: libFuzzer over a harness.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "campaign_process.hpp"
#include "exit_codes.hpp"
#include "found_list.hpp"
#include "fuzz_results.hpp"
#include "fuzz_setup.hpp"
#include "guard.hpp"
#include "input.hpp"
#include "libfuzzer.hpp"
#include "not_checked.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

/// libFuzzer starts its children (-fork, -jobs, -merge, -minimize_crash) as `argv[0] FLAGS…`, without our
/// verb and our options: these variables carry them, and say that the process is such a child.
constexpr const char* kChildTarget = "LABYRINTH_FUZZ_CHILD_TARGET";
constexpr const char* kChildFindings = "LABYRINTH_FUZZ_CHILD_FINDINGS";
constexpr const char* kChildHarness = "LABYRINTH_FUZZ_CHILD_HARNESS";
constexpr const char* kChildAgainst = "LABYRINTH_FUZZ_CHILD_AGAINST";

/// What the parent has said, in a child; else `own`.
[[nodiscard]] std::string inherited(const char* variable, const std::string& own) {
  const char* const value = std::getenv(variable);
  return value != nullptr && is_fuzz_child() ? value : own;
}

[[nodiscard]] bool says(const std::vector<std::string>& arguments, const std::string& flag) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [&](const std::string& a) { return a.starts_with("-" + flag + "="); });
}

/// Seconds, of libFuzzer's option.
[[nodiscard]] double timeout_of(const std::vector<std::string>& arguments, double preset) {
  for (const std::string& argument : arguments)
    if (argument.starts_with("-timeout=")) return std::atof(argument.c_str() + std::strlen("-timeout="));
  return preset;
}

/// In this process, which libFuzzer ends at what it finds.
int fuzz_here(const LibfuzzerOptions& options, const std::vector<std::string>& arguments) {
  const bool child = is_fuzz_child();
  FuzzOptions wanted;
  wanted.harness = inherited(kChildHarness, options.harness);
  wanted.target = inherited(kChildTarget, options.target);
  wanted.against = inherited(kChildAgainst, options.against);
  wanted.findings = std::filesystem::absolute(inherited(kChildFindings, options.findings));
  wanted.json = options.json;
  wanted.verbose = options.verbose;
  for (const std::string& argument : arguments) {
    if (argument.starts_with("-seed=")) wanted.seed = argument.substr(6);
  }
  for (const std::string& path : {wanted.target, wanted.against}) {
    const std::string death = death_of_loading(target_path(path));
    if (death.empty()) continue;
    fmt::print(stderr, "labyrinth: {} is no target that can be loaded: doing so {}\n", target_path(path),
               words_of_death(death));
    return kUnreadable;
  }
  const auto setup = FuzzSetup::make(wanted);
  if (setup == nullptr) return kUnreadable;
  Common told = options;
  told.findings = wanted.findings;
  told.timeout = timeout_of(arguments, told.timeout);
  told.results = {};  // They are written when all is over, by who waits for this process.
  // A campaign sees to its workers itself.
  if (!is_looked_after()) {
    if (const auto code = guard({told, setup->targets(), {"fuzz", wanted.seed}, true})) return *code;
  }
  tell_found({{"target", setup->targets().front().table().name}});

  std::vector<std::string> all{own_program()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  if (!child) {
    if (!options.json) fmt::print("{}", not_checked_text(setup->targets().front()));
    const auto absolute = [](const machine::Target& target) {
      return std::filesystem::absolute(target.path()).string();
    };
    setenv(kChildTarget, absolute(setup->targets().front()).c_str(), 1);
    setenv(kChildAgainst, absolute(setup->targets().back()).c_str(), 1);
    setenv(kChildHarness, wanted.harness.c_str(), 1);
    setenv(kChildFindings, wanted.findings.c_str(), 1);
    std::error_code ignored;
    std::filesystem::create_directories(wanted.findings, ignored);
    const auto preset = [&](const std::string& flag, const std::string& value) {
      if (!says(arguments, flag)) all.push_back(fmt::format("-{}={}", flag, value));
    };
    preset("max_len", "256");  // 62 records: more calls than that tell a person nothing.
    // Short programs first: they are quick. libFuzzer's own pace, 100, takes too long to get to what only
    // long ones show, and beside a mutator of ours it would begin with the longest (docs/performance.md).
    preset("len_control", "5");
    preset("artifact_prefix", wanted.findings + "/");
    preset("timeout", fmt::format("{:.0f}", told.timeout));
    preset("error_exitcode", std::to_string(kViolation));
  }
  std::vector<char*> argv;
  argv.reserve(all.size() + 1);
  for (std::string& argument : all) argv.push_back(argument.data());
  argv.push_back(nullptr);

  return fuzz::run_libfuzzer(static_cast<int>(all.size()), argv.data(), setup->harness());
}

}  // namespace

bool is_fuzz_child() { return std::getenv(kChildTarget) != nullptr; }

int verb_fuzz(const LibfuzzerOptions& options, const std::vector<std::string>& arguments) {
  if (options.results.sarif.empty() && options.results.junit.empty()) {
    const int code = fuzz_here(options, arguments);
    return code == kFuzzingStopped || code == kFuzzingMemory ? kInconclusive : code;
  }
  const bool beside = !says(arguments, "artifact_prefix");
  const FuzzRun run{.name = fmt::format("fuzz --harness {} {}", options.harness, fmt::join(arguments, " ")),
                    .findings = beside ? options.findings : "",
                    .files = options.results};
  return fuzz_with_results(run, [&] { return fuzz_here(options, arguments); });
}

}  // namespace labyrinth::tool
