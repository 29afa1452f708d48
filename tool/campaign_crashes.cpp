// Keeping crashes: the input first, then the line that counts it, and only then is the worker's file removed.
#include "campaign_crashes.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The signature that `labyrinth fuzz --json` printed last; "" if none.
[[nodiscard]] std::string printed_signature(const fs::path& output) {
  std::ifstream file(output, std::ios::binary);
  std::string line, signature;
  while (std::getline(file, line)) {
    const json said = json::parse(line, nullptr, false);
    if (said.is_object()) signature = said.value("signature", signature);
  }
  return signature;
}

/// "process-" and what libFuzzer or a sanitizer called it: letters, digits and dashes, as it names a
/// directory.
[[nodiscard]] std::string printed_summary(const fs::path& log) {
  std::ifstream file(log, std::ios::binary);
  std::string line, kind = "crash";
  while (std::getline(file, line)) {
    if (!line.starts_with("SUMMARY: ")) continue;
    const std::size_t colon = line.find(": ", sizeof "SUMMARY: " - 1);
    if (colon == std::string::npos) continue;
    kind = line.substr(colon + 2);
    // A sanitizer goes on with the place, libFuzzer says "deadly signal".
    if (line.find("Sanitizer") != std::string::npos) kind = kind.substr(0, kind.find(' '));
  }
  for (char& letter : kind) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '-';
  }
  constexpr std::size_t kLong = 60;
  return "process-" + kind.substr(0, kLong);
}

}  // namespace

std::string signature_of_trace(const std::string& name) {
  constexpr std::size_t kHash = 8;
  std::string stem = name.substr(0, name.size() - (sizeof ".trace" - 1));
  for (std::size_t dash = stem.rfind('-'); dash != std::string::npos && dash != 0;
       dash = stem.rfind('-', dash - 1)) {
    const std::size_t end = std::min(stem.find('-', dash + 1), stem.size());
    if (end - dash - 1 == kHash && stem.find_first_not_of("0123456789abcdef", dash + 1) >= end)
      return stem.substr(0, dash);
  }
  return stem;
}

bool is_violation(const std::string& signature) {
  return !signature.starts_with("process-") && signature != "unreproduced";
}

bool is_verdict(const std::string& signature) {
  return signature != "unreproduced" && signature != "process-timeout" &&
         signature != "process-out-of-memory";
}

CampaignCrashes::CampaignCrashes(const CampaignConfig& config, const CampaignFiles& files)
    : config_(config), files_(files) {
  std::ifstream log(files.crash_log(), std::ios::binary);
  std::string line;
  while (std::getline(log, line)) {
    const json said = json::parse(line, nullptr, false);
    if (!said.is_object() || !said.contains("signature")) continue;  // Half a line, of one that was killed.
    CrashGroup& group = groups_[said.value("signature", "")];
    const std::int64_t time = said.value("time", std::int64_t{0});
    if (group.count++ == 0) {
      group.first_seen = time;
      group.input = said.value("input", "");
    }
    group.last_seen = time;
  }
  std::error_code ignored;
  for (const fs::directory_entry& directory : fs::directory_iterator(files.crashes(), ignored)) {
    // What was kept, but not counted: killed between the two.
    for (const fs::directory_entry& input : fs::directory_iterator(directory, ignored)) {
      CrashGroup& group = groups_[directory.path().filename()];
      if (group.count != 0) break;
      group.count = 1;
      group.first_seen = group.last_seen = std::time(nullptr);
      group.input = fs::relative(input, files.root);
    }
  }
  count_traces();
}

std::uint64_t CampaignCrashes::total() const {
  std::uint64_t total = 0;
  for (const auto& [signature, group] : groups_) total += std::max(group.count, group.traces);
  return total;
}

void CampaignCrashes::count_traces() {
  std::map<std::string, std::uint64_t> traces;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(files_.findings(), ignored)) {
    if (entry.path().extension() == ".trace") ++traces[signature_of_trace(entry.path().filename())];
  }
  for (const auto& [signature, count] : traces) {
    CrashGroup& group = groups_[signature];
    group.traces = count;
    if (group.first_seen == 0) group.first_seen = group.last_seen = std::time(nullptr);
  }
}

bool CampaignCrashes::keep(const std::string& signature, const std::string& worker,
                           const std::string& bytes) {
  const fs::path directory = files_.crashes() / signature;
  std::error_code failed;
  fs::create_directories(directory, failed);
  const fs::path path = directory / sha1(bytes);
  int error = failed.value();
  if (error == 0 && !fs::exists(path, failed)) error = write_durably(files_, path, bytes);
  if (error == 0) error = sync_directory(directory);
  const std::string input = fs::relative(path, files_.root);
  const std::int64_t now = std::time(nullptr);
  if (error == 0)
    error = append_line(
        files_.crash_log(),
        json{{"time", now}, {"signature", signature}, {"worker", worker}, {"input", input}}.dump());
  if (error != 0) {
    error_ = error;
    return false;
  }
  CrashGroup& group = groups_[signature];
  if (group.count++ == 0) {
    group.input = input;
    if (group.first_seen == 0) group.first_seen = now;
  }
  group.last_seen = now;
  return true;
}

std::string CampaignCrashes::signature_by_replay(const fs::path& input, bool hang) const {
  ProcessSetup setup;
  setup.command = {afl_program(), "--json", "--harness", config_.harness, "--findings", files_.findings()};
  if (!config_.target.empty()) setup.command.insert(setup.command.end(), {"--target", config_.target});
  if (!config_.against.empty()) setup.command.insert(setup.command.end(), {"--against", config_.against});
  setup.command.push_back(input);
  setup.output = files_.scratch() / "replay.output";
  setup.errors = files_.scratch() / "replay.errors";
  setup.campaign = files_.root;
  // afl-fuzz takes what a busy machine slows down for a hang, so a hang has twice the time.
  const CampaignEnd end = run_process(setup, 2.0 * config_.input_timeout);
  if (end.signal == SIGKILL) return "process-timeout";
  std::string signature = printed_signature(setup.output);
  if (!signature.empty()) return signature;
  if (end.signal != 0) return fmt::format("process-{}", sigabbrev_np(end.signal));
  return hang ? "" : "unreproduced";
}

std::set<std::string> CampaignCrashes::collect(CampaignEngine engine, const std::string& worker,
                                               const fs::path& artifacts, const fs::path& output,
                                               const fs::path& log) {
  std::set<std::string> inputs;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(artifacts, ignored)) {
    const fs::path& path = entry.path();
    const std::string name = path.filename();
    const bool afl = engine == CampaignEngine::kAfl;
    const bool hang = artifacts.filename() == "hangs";
    // libFuzzer's other artifacts, such as slow-unit-…, are no crashes.
    const bool crash = afl ? name.starts_with("id:")
                           : name.starts_with("crash-") || name.starts_with("timeout-") ||
                                 name.starts_with("oom-") || name.starts_with("leak-");
    if (!crash || seen_.contains(path)) continue;
    const auto bytes = read_bytes(path);
    if (!bytes) continue;
    std::string signature;
    if (afl) {
      signature = signature_by_replay(path, hang);
    } else if (name.starts_with("crash-")) {
      signature = printed_signature(output);
      if (signature.empty()) signature = printed_summary(log);
    } else {
      signature = name.starts_with("timeout-") ? "process-timeout"
                  : name.starts_with("oom-")   ? "process-out-of-memory"
                                               : "process-leak";
    }
    if (!signature.empty() && !keep(signature, worker, *bytes)) continue;  // The disk is full: later.
    inputs.insert(sha1(*bytes));
    if (afl) {
      seen_.insert(path);
    } else {
      fs::remove(path, ignored);
    }
  }
  return inputs;
}

}  // namespace labyrinth::tool
