// What a campaign's workers crashed on, by signature.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "campaign_config.hpp"
#include "campaign_files.hpp"
#include "campaign_worker.hpp"

namespace labyrinth::tool {

/// One signature. A violation's is that of its trace (finding.hpp); "process-…" is a crash that breaks no
/// clause: a signal, a sanitizer's complaint, a hang, memory; "unreproduced" one that does not come again.
struct CrashGroup {
  std::uint64_t count = 0;      ///< Crashes; those of another kind have no traces.
  std::uint64_t traces = 0;     ///< In findings/.
  std::int64_t first_seen = 0;  ///< Seconds since 1970.
  std::int64_t last_seen = 0;
  std::string input;  ///< Of the first crash; "" if only its trace was kept.
};

/// "X1-alloc-task-0a1b2c3d.trace" without the hash, see save().
[[nodiscard]] std::string signature_of_trace(const std::string& name);
[[nodiscard]] bool is_violation(const std::string& signature);
/// Whether it says that the target is wrong: an input that only takes long, or much memory, may be the
/// machine's fault.
[[nodiscard]] bool is_verdict(const std::string& signature);

class CampaignCrashes {
 public:
  /// With what earlier processes have found.
  CampaignCrashes(const CampaignConfig& config, const CampaignFiles& files);

  /// Take in what lies in a worker's directory of crashes: inputs are copied, then removed there if the
  /// worker is libFuzzer; AFL++ counts its own. `printed`: what the worker printed. Returns the SHA-1s of the
  /// inputs.
  [[nodiscard]] std::set<std::string> collect(CampaignEngine engine, const std::string& worker,
                                              const std::filesystem::path& artifacts,
                                              const std::filesystem::path& output,
                                              const std::filesystem::path& log);
  /// Count the traces in findings/ anew.
  void count_traces();

  [[nodiscard]] const std::map<std::string, CrashGroup>& groups() const { return groups_; }
  [[nodiscard]] std::uint64_t total() const;
  /// Distinct ones.
  [[nodiscard]] std::size_t signatures() const { return groups_.size(); }
  [[nodiscard]] int error() const { return error_; }
  void clear_error() { error_ = 0; }

 private:
  [[nodiscard]] bool keep(const std::string& signature, const std::string& worker, const std::string& bytes);
  [[nodiscard]] std::string signature_by_replay(const std::filesystem::path& input, bool hang) const;

  const CampaignConfig& config_;
  const CampaignFiles& files_;
  std::map<std::string, CrashGroup> groups_;
  std::set<std::filesystem::path> seen_;  ///< Of AFL++, whose files stay where they are.
  int error_ = 0;
};

}  // namespace labyrinth::tool
