// The verbs of campaigns: labyrinth fuzz start, status, stop, resume, plot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results.hpp"

namespace labyrinth::tool {

struct CampaignOptions {
  std::string directory;
  std::string config;  ///< "": defaults.
  // What the command line says stands above the file.
  std::string target;
  std::string harness;
  std::string against;
  std::vector<std::string> seeds;  ///< Besides those of the file.
  std::string time;
  std::string quiet;
  std::optional<std::uint64_t> executions;
  std::optional<std::uint32_t> seed, libfuzzer, afl, signatures;
  std::string output;  ///< Of plot; "": beside the campaign.
  ResultFiles results;
  bool detach = false;
  bool json = false;
};

[[nodiscard]] int campaign_start(const CampaignOptions& options);
[[nodiscard]] int campaign_resume(const CampaignOptions& options);
[[nodiscard]] int campaign_status(const CampaignOptions& options);
[[nodiscard]] int campaign_stop(const CampaignOptions& options);
[[nodiscard]] int campaign_plot(const CampaignOptions& options);

}  // namespace labyrinth::tool
