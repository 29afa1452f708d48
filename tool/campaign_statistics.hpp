// A campaign in numbers: what is appended to statistics.jsonl, shown by status, and drawn by plot.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "campaign_config.hpp"
#include "campaign_crashes.hpp"
#include "campaign_files.hpp"

namespace labyrinth::tool {

/// At one moment. Counts are of all workers and all starts; what engines count differently is apart.
struct CampaignStatistics {
  std::int64_t time = 0;         ///< Seconds since 1970.
  double active = 0;             ///< Seconds that it has run, without pauses.
  std::uint64_t executions = 0;  ///< Of AFL++'s test cases each has several.
  double rate = 0;               ///< A second, lately.
  std::uint64_t edges = 0;       ///< Of the target, by libFuzzer: the most that one worker has seen.
  std::uint64_t features = 0;    ///< Likewise: edges by how often, and pairs of accesses.
  std::uint64_t afl_edges = 0;   ///< Of the target, by AFL++.
  std::uint64_t corpus = 0;      ///< Files.
  std::uint64_t crashes = 0;
  std::uint64_t signatures = 0;  ///< Distinct ones of crashes.
  std::uint64_t starts = 0;      ///< Of workers.
  unsigned running = 0;          ///< Workers.
  double last_find = 0;          ///< Of new coverage, as `active` seconds.
};

[[nodiscard]] nlohmann::json to_json(const CampaignStatistics& statistics);
[[nodiscard]] CampaignStatistics campaign_statistics(const nlohmann::json& json);

/// Those that can be read: a line that a kill has cut is left out.
[[nodiscard]] std::vector<CampaignStatistics> read_statistics(const std::filesystem::path& file);

/// One row of `status` for a worker.
struct CampaignWorkerStatus {
  std::string name, state, stability;
  std::int64_t process = 0;  ///< Its number; 0: it does not run.
  std::uint64_t executions = 0, starts = 0, edges = 0, features = 0, units = 0;
};

/// All that `status` tells.
struct CampaignStatus {
  std::string target;  ///< Its name; "" if it was killed before it could be said.
  nlohmann::json not_checked = nlohmann::json::array();  ///< Of it, see not_checked.hpp.
  std::string state;         ///< "running", "waiting for disk space", "stopped", "killed".
  std::string reason;        ///< Why it stopped; "" while it runs.
  std::int64_t process = 0;  ///< Its number, on the machine where it runs.
  CampaignStatistics now;
  double seconds = 0;            ///< The budget; 0: none.
  std::uint64_t executions = 0;  ///< Likewise.
  std::vector<CampaignWorkerStatus> workers;
  std::map<std::string, CrashGroup> crashes;
};

[[nodiscard]] nlohmann::json to_json(const CampaignFiles& files, const CampaignStatus& status);
/// As the directory has it: written by the campaign a moment ago, or when it ended. Nothing: there is none.
[[nodiscard]] std::optional<CampaignStatus> read_status(const CampaignFiles& files);
/// Several lines for a person.
[[nodiscard]] std::string status_text(const CampaignFiles& files, const CampaignStatus& status);
/// One line.
[[nodiscard]] std::string status_line(const CampaignStatus& status);

/// By the crashes alone: what the target did.
[[nodiscard]] int exit_code(const std::map<std::string, CrashGroup>& crashes);

}  // namespace labyrinth::tool
