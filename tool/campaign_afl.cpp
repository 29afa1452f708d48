// Workers of AFL++: their command line, and what they say.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "campaign_worker.hpp"
#include "input.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// The fields of a line of plot_data.
[[nodiscard]] std::vector<std::string> fields(std::string line) {
  if (line.starts_with("#")) line.erase(0, 1);
  std::vector<std::string> found;
  std::istringstream text(line);
  std::string field;
  while (std::getline(text, field, ',')) {
    const std::size_t begin = field.find_first_not_of(' ');
    found.push_back(begin == std::string::npos ? "" : field.substr(begin));
  }
  return found;
}

}  // namespace

fs::path afl_program() { return program_directory() / "labyrinth_afl"; }

bool afl_is_there() {
  if (access(afl_program().c_str(), X_OK) != 0) return false;
  const char* const path = std::getenv("PATH");
  std::istringstream directories(path != nullptr ? path : "");
  std::string directory;
  while (std::getline(directories, directory, ':')) {
    if (access((fs::path(directory) / "afl-fuzz").c_str(), X_OK) == 0) return true;
  }
  return false;
}

ProcessSetup CampaignWorker::afl(std::uint32_t seed) {
  ProcessSetup setup;
  constexpr unsigned kMilliseconds = 1000;
  const bool main = number_ == 1;  // Only the main one reads the directories of other fuzzers.
  setup.command = {"afl-fuzz",
                   main ? "-M" : "-S",
                   name_,
                   "-i",
                   files_.corpus(),
                   "-o",
                   files_.afl(),
                   "-s",
                   std::to_string(seed),
                   "-G",
                   std::to_string(config_.max_len),
                   "-m",
                   "none",
                   "-t",
                   std::to_string(config_.input_timeout * kMilliseconds)};
  const auto say = [&](const char* option, const std::string& value) {
    setup.command.emplace_back(option);
    setup.command.push_back(value);
  };
  if (main) say("-F", inbox());
  if (!config_.dictionary.empty()) say("-x", config_.dictionary);
  say("--", afl_program());
  say("--harness", config_.harness);
  say("--findings", files_.findings());
  if (!config_.target.empty()) say("--target", config_.target);
  if (!config_.against.empty()) say("--against", config_.against);
  setup.environment = {{"AFL_NO_UI", "1"},
                       {"AFL_NO_COLOR", "1"},
                       {"AFL_NO_AFFINITY", "1"},
                       {"AFL_SKIP_CPUFREQ", "1"},
                       {"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES", "1"},
                       {"AFL_NO_CRASH_README", "1"},
                       {"AFL_FORKSRV_INIT_TMOUT", "60000"},
                       {"AFL_FAST_CAL", "1"},
                       {"AFL_SYNC_TIME", "1"}};  // Minutes.
  const fs::path mutator = program_directory() / "fuzz" / "liblabyrinth_afl_mutator.so";
  if (access(mutator.c_str(), R_OK) == 0) setup.environment["AFL_CUSTOM_MUTATOR_LIBRARY"] = mutator;
  setup.output = log();
  setup.errors = output();
  return setup;
}

void CampaignWorker::look_at_afl() {
  std::ifstream plot(files_.afl() / name_ / "plot_data");
  std::string line, last;
  if (!std::getline(plot, line)) return;
  const std::vector<std::string> names = fields(line);
  while (std::getline(plot, line) && !plot.eof()) last = line;
  const std::vector<std::string> values = fields(last);
  const auto number = [&](const char* name, std::uint64_t& into) {
    const auto at =
        static_cast<std::size_t>(std::distance(names.begin(), std::find(names.begin(), names.end(), name)));
    if (at < values.size())
      into = std::max<std::uint64_t>(into, std::strtoull(values[at].c_str(), nullptr, 10));
  };
  number("edges_found", progress_.edges);
  number("corpus_count", progress_.units);
  std::ifstream statistics(files_.afl() / name_ / "fuzzer_stats");
  while (std::getline(statistics, line)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string value = line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
    const std::uint64_t said = std::strtoull(value.c_str(), nullptr, 10);
    // In its first minute it writes nothing but this.
    if (line.starts_with("edges_found")) progress_.edges = std::max(progress_.edges, said);
    if (line.starts_with("corpus_count")) progress_.units = std::max(progress_.units, said);
    if (line.starts_with("stability")) progress_.stability = value;
  }
}

}  // namespace labyrinth::tool
