// What a campaign is to do: a TOML file, with a default for everything.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace labyrinth::tool {

struct CampaignConfig {
  std::filesystem::path target;   ///< "" is the reference allocator.
  std::filesystem::path against;  ///< The other target of the harness `differential`.
  std::string harness = "interleaved";
  std::uint32_t seed = 1;            ///< Each worker, and each start of it, has one that follows from this.
  std::uint32_t max_len = 256;       ///< Bytes of an input: 62 records. More tell a person nothing.
  std::uint32_t input_timeout = 10;  ///< Seconds that one input may take: then it hangs.
  std::uint32_t memory = 2048;       ///< MiB of one worker.
  std::uint32_t free_space = 64;     ///< MiB: with less the workers wait, as what they find could be lost.
  std::vector<std::filesystem::path> seeds;  ///< Directories of inputs, and of traces as text.
  std::filesystem::path dictionary;

  std::optional<std::uint32_t> libfuzzer;  ///< Workers; none: what the cores are for, see with_workers().
  std::optional<std::uint32_t> afl;

  double seconds = 0;            ///< Budget; 0: none.
  std::uint64_t executions = 0;  ///< Likewise.
  double quiet_seconds = 0;      ///< Stop after so long without new coverage; 0: never.
  std::uint32_t signatures = 0;  ///< Stop after so many distinct signatures of crashes; 0: never.
};

/// "90s", "30m", "8h", "7d", or several behind one another ("1h30m"), in seconds.
[[nodiscard]] std::optional<double> duration_of_text(const std::string& text);
/// The same backwards: "1h 30m 5s".
[[nodiscard]] std::string duration_text(double seconds);

/// Reads `file`; paths in it that are relative begin at its directory. Errors are printed as
/// FILE:LINE:COLUMN: what is wrong, and what is allowed. Nothing: there was one.
[[nodiscard]] std::optional<CampaignConfig> read_campaign_config(const std::filesystem::path& file);

/// As TOML, each key with what it means, for a reader to change.
[[nodiscard]] std::string print_campaign_config(const CampaignConfig& config);

}  // namespace labyrinth::tool
