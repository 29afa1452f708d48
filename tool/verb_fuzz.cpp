// labyrinth fuzz: libFuzzer over programs and schedules.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "exit_codes.hpp"
#include "finding.hpp"
#include "input.hpp"
#include "interleaved.hpp"
#include "report.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

/// libFuzzer starts its children (-fork, -jobs, -merge, -minimize_crash) as `argv[0] FLAGS…`, without our
/// verb and our options: these variables carry them, and say that the process is such a child.
constexpr const char* kChildTarget = "LABYRINTH_FUZZ_CHILD_TARGET";
constexpr const char* kChildFindings = "LABYRINTH_FUZZ_CHILD_FINDINGS";

[[nodiscard]] bool says(const std::vector<std::string>& arguments, const std::string& flag) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [&](const std::string& a) { return a.starts_with("-" + flag + "="); });
}

}  // namespace

bool is_fuzz_child() { return std::getenv(kChildTarget) != nullptr; }

int verb_fuzz(const Common& options, const std::vector<std::string>& arguments) {
  const char* const inherited_target = std::getenv(kChildTarget);
  const bool child = inherited_target != nullptr;
  const auto target = load_target(child ? inherited_target : options.target);
  if (!target) return kUnreadable;
  const char* const inherited = std::getenv(kChildFindings);
  const std::string findings =
      std::filesystem::absolute(child && inherited != nullptr ? inherited : options.findings);

  std::vector<std::string> all{std::filesystem::canonical("/proc/self/exe")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  if (!child) {
    setenv(kChildTarget, std::filesystem::absolute(target->path()).c_str(), 1);
    setenv(kChildFindings, findings.c_str(), 1);
    std::error_code ignored;
    std::filesystem::create_directories(findings, ignored);
    const auto preset = [&](const std::string& flag, const std::string& value) {
      if (!says(arguments, flag)) all.push_back(fmt::format("-{}={}", flag, value));
    };
    preset("max_len", "256");  // 62 records: more calls than that tell a person nothing.
    preset("artifact_prefix", findings + "/");
    preset("error_exitcode", std::to_string(kViolation));
    preset("interrupt_exitcode", std::to_string(kInconclusive));
  }
  std::string seed;
  for (const std::string& argument : all) {
    if (argument.starts_with("-seed=")) seed = argument.substr(6);
  }
  std::vector<char*> argv;
  argv.reserve(all.size() + 1);
  for (std::string& argument : all) argv.push_back(argument.data());
  argv.push_back(nullptr);

  const auto tell = [&](const machine::Trace& trace, const machine::Outcome& outcome) {
    machine::TraceFile file = with_schedule(trace, outcome);
    const std::string name = signature(trace, outcome.violation);
    machine::Machine machine;
    if (describe(machine, *target, {"fuzz", seed}, file)) {
      const std::string path = save(findings, name, file).value_or("(not saved)");
      if (options.json) {
        fmt::print("{}\n",
                   nlohmann::json{{"signature", name}, {"file", path}, {"build", target->build()}}.dump());
      } else {
        fmt::print("\n{}\n", report(machine, *target, file, path, options.verbose));
      }
    }
    std::fflush(stdout);
    std::abort();  // libFuzzer keeps the input that led here.
  };
  return fuzz::run_libfuzzer(static_cast<int>(all.size()), argv.data(), target->table(), tell);
}

}  // namespace labyrinth::tool
