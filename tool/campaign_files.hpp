// The directory of a campaign: where what lies, who owns it, and writing that survives being killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "descriptor.hpp"

namespace labyrinth::tool {

/// What lies where in a campaign's directory.
struct CampaignFiles {
  std::filesystem::path root;  ///< Absolute.

  [[nodiscard]] std::filesystem::path config() const { return root / "campaign.toml"; }
  /// Inputs worth keeping, each named by its SHA-1. Nothing is ever removed from here but what crashes.
  [[nodiscard]] std::filesystem::path corpus() const { return root / "corpus"; }
  /// A directory for each signature, of the inputs that crashed.
  [[nodiscard]] std::filesystem::path crashes() const { return root / "crashes"; }
  /// One JSON line for each crash.
  [[nodiscard]] std::filesystem::path crash_log() const { return root / "crashes.jsonl"; }
  /// Traces that break a clause.
  [[nodiscard]] std::filesystem::path findings() const { return root / "findings"; }
  [[nodiscard]] std::filesystem::path workers() const { return root / "workers"; }
  [[nodiscard]] std::filesystem::path afl() const { return root / "afl"; }
  /// One JSON line now and then.
  [[nodiscard]] std::filesystem::path statistics() const { return root / "statistics.jsonl"; }
  [[nodiscard]] std::filesystem::path status() const { return root / "status.json"; }
  [[nodiscard]] std::filesystem::path log() const { return root / "campaign.log"; }
  [[nodiscard]] std::filesystem::path lock() const { return root / "lock"; }
  /// Its presence asks the campaign to end.
  [[nodiscard]] std::filesystem::path stop_request() const { return root / "stop"; }
  [[nodiscard]] std::filesystem::path plot() const { return root / "campaign.html"; }
  /// Files that are being written. Of its own, so that nobody reads a half of one.
  [[nodiscard]] std::filesystem::path scratch() const { return root / "scratch"; }
};

/// Whether somebody owns the campaign, without taking it.
[[nodiscard]] bool campaign_runs(const CampaignFiles& files);

/// Null: another process owns the campaign, or the lock cannot be made. It lasts until this process ends,
/// whatever ends it.
[[nodiscard]] std::unique_ptr<Descriptor> lock_campaign(const CampaignFiles& files);

/// Write `bytes` to `path`, whole and durable or not at all, in place of what was there; its name lasts once
/// sync_directory() has been called. 0, or an errno.
[[nodiscard]] int write_durably(const CampaignFiles& files, const std::filesystem::path& path,
                                const std::string& bytes);
/// Names in a directory last only once the directory does. 0, or an errno.
[[nodiscard]] int sync_directory(const std::filesystem::path& directory);
/// The same, without waiting for the disk: whole, but after a loss of power perhaps not there.
[[nodiscard]] int write_whole(const CampaignFiles& files, const std::filesystem::path& path,
                              const std::string& bytes);

/// Add a line at the end; what an earlier writer left of a line there is ended first. 0, or an errno.
[[nodiscard]] int append_line(const std::filesystem::path& path, const std::string& line);

/// Nothing: it cannot be read, or is not there.
[[nodiscard]] std::optional<std::string> read_bytes(const std::filesystem::path& path);

/// In hexadecimal digits: the name that libFuzzer gives an input.
[[nodiscard]] std::string sha1(const std::string& bytes);

/// Bytes free on the disk of the campaign, for who is not root.
[[nodiscard]] std::uint64_t free_bytes(const CampaignFiles& files);

}  // namespace labyrinth::tool
