// Starting an engine on a mutant, and reading its end.
#include "mutant_hunt.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "campaign_process.hpp"
#include "exit_codes.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Of all children that have ended.
[[nodiscard]] double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

[[nodiscard]] std::string first_trace(const fs::path& directory) {
  std::error_code ignored;
  std::string first;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory, ignored)) {
    if (entry.path().extension() != ".trace") continue;
    const std::string name = entry.path().stem();
    if (first.empty() || name < first) first = name;
  }
  return first;
}

[[nodiscard]] std::string last_line(const fs::path& file) {
  std::ifstream text(file);
  std::string last;
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

}  // namespace

MutantResult hunt_mutant(const MutantEngine& engine, const MutantHunt& hunt) {
  MutantResult result;
  result.seed = hunt.seed;
  const auto command = engine.command(hunt);
  if (!command) return result;
  fs::create_directories(hunt.scratch);
  const ProcessSetup setup{*command, {}, hunt.scratch / "output", hunt.scratch / "errors", hunt.scratch};
  const double before = processor_seconds();
  const auto begin = Clock::now();
  const auto passed = [&begin] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  constexpr double kGrace = 10;
  const double patience = hunt.seconds + (engine.keeps_time ? kGrace : 0);
  const pid_t process = start_process(setup);
  std::optional<CampaignEnd> end;
  bool stopped = false;
  while (!(end = reap(process))) {
    stopped = stopped || interrupted();
    if (stopped || passed() > patience) kill(-process, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  end_left_over(hunt.scratch);
  result.on_clock = passed();
  result.seconds = processor_seconds() - before;
  using Kind = MutantResult::Kind;
  if (stopped) {
    result.kind = Kind::kStopped;
  } else if (end->code == kViolation) {
    result.kind = Kind::kFound;
    result.finding = first_trace(hunt.scratch);
  } else if (end->signal == SIGKILL || end->code == kClean || end->code == kInconclusive) {
    result.kind = Kind::kSurvived;
  } else {
    result.kind = Kind::kFailed;
    result.said = last_line(setup.errors);
    if (result.said.empty()) result.said = last_line(setup.output);
    result.said = fmt::format("{} {}: {}", end->signal != 0 ? "signal" : "exit code",
                              end->signal != 0 ? end->signal : end->code, result.said);
  }
  std::error_code ignored;
  fs::remove_all(hunt.scratch, ignored);
  return result;
}

}  // namespace labyrinth::tool
