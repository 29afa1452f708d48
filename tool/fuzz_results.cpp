// A child that fuzzes, and what became of it.
#include "fuzz_results.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

#include "campaign_process.hpp"
#include "exit_codes.hpp"
#include "found_list.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// The input that libFuzzer kept last since then; "" if none.
[[nodiscard]] std::string artifact_since(const std::string& directory, fs::file_time_type begin) {
  std::string last;
  if (directory.empty()) return last;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename();
    const bool kept = name.starts_with("crash-") || name.starts_with("timeout-") ||
                      name.starts_with("oom-") || name.starts_with("leak-");
    const auto time = entry.last_write_time(ignored);
    if (!kept || time < begin) continue;
    begin = time;
    last = entry.path();
  }
  return last;
}

/// Until it has ended; Ctrl-C reaches it through this process if not through the terminal.
[[nodiscard]] CampaignEnd wait_for(pid_t process) {
  catch_interrupt();
  bool asked = false;
  while (true) {
    if (const auto end = reap(process)) return *end;
    if (interrupted() && !asked) asked = kill(process, SIGINT) == 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

[[nodiscard]] std::string how(const CampaignEnd& end) {
  if (end.signal != 0) return fmt::format("libFuzzer was ended by SIG{}", sigabbrev_np(end.signal));
  if (end.code == kFuzzingStopped) return "stopped by Ctrl-C";
  if (end.code == kFuzzingMemory) return "an input took more memory than -rss_limit_mb";
  if (end.code == kViolation) return "the process crashed, as libFuzzer has told on stderr";
  return fmt::format("libFuzzer ended with exit code {}", end.code);
}

}  // namespace

int fuzz_with_results(const FuzzRun& run, const std::function<int()>& fuzz) {
  const FoundList list;
  // The clock of files is coarser than this process's.
  const auto begin = fs::file_time_type::clock::now() - std::chrono::milliseconds(20);
  const auto started = std::chrono::steady_clock::now();
  std::fflush(stdout);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fuzz: another process");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(kInconclusive);
    std::exit(fuzz());
  }
  const CampaignEnd end = wait_for(child);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const bool cut = end.signal != 0 || end.code == kFuzzingStopped || end.code == kFuzzingMemory;
  const int code = cut ? kInconclusive : end.code;

  std::string target;
  std::vector<CheckResult> found;
  bool broken = false;
  for (const auto& said : list.read()) {
    target = said.value("target", target);
    if (!said.contains("text")) continue;
    broken = broken || !said.value("permitted", false);
    const std::string file = said.value("file", "");
    found.push_back({.name = file.empty() ? run.name : file,
                     .code = said.value("permitted", false) ? kClean : kViolation,
                     .clause = said.value("clause", ""),
                     .key = said.value("signature", ""),
                     .text = said.value("text", ""),
                     .file = file});
  }
  if (target.empty()) return code;  // Nothing was run; why has been told.
  Results results("fuzz", target);
  for (CheckResult& one : found) results.add(std::move(one));
  if (code == kClean) results.add({.name = run.name, .seconds = seconds});
  if (code != kClean && !broken)
    results.add({.name = run.name,
                 .code = code,
                 .text = how(end),
                 .file = artifact_since(run.findings, begin),
                 .seconds = seconds});
  if (end.signal != 0) fmt::print(stderr, "labyrinth: {}\n", how(end));
  return results.write(run.files, code) ? code : worse(code, kInconclusive);
}

}  // namespace labyrinth::tool
