// A running campaign: its workers, and all that happens while they run.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "campaign_config.hpp"
#include "campaign_corpus.hpp"
#include "campaign_crashes.hpp"
#include "campaign_files.hpp"
#include "campaign_statistics.hpp"
#include "campaign_worker.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

/// Workers for what the configuration leaves open: one for each core, one of them of AFL++ if it is there and
/// there are two.
[[nodiscard]] CampaignConfig with_workers(CampaignConfig config);

/// The target as it was when it was loaded.
struct CampaignSubject {
  std::string name;
  nlohmann::json not_checked = nlohmann::json::array();
};

class CampaignSession {
 public:
  /// Only for who has the campaign's lock. `subject`: what is under test.
  CampaignSession(const CampaignConfig& config, const CampaignFiles& files, CampaignSubject subject);

  /// Take in what an earlier process, or its workers, left. False: it could not be saved; that is told.
  [[nodiscard]] bool take_over();
  /// Until the budget is used up, a condition is met, or somebody asks it to stop. Returns the exit code.
  [[nodiscard]] int run();
  [[nodiscard]] CampaignStatus status() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Slot {
    std::unique_ptr<CampaignWorker> worker;
    Clock::time_point not_before;  ///< Of its next start.
    unsigned failures = 0;         ///< In a row.
    bool failed = false;           ///< So often that it is left alone.
  };

  [[nodiscard]] std::string reason_to_stop() const;
  void start_what_waits();
  void see_to_ends();
  void ended(Slot& slot, CampaignEnd end);
  /// Whether it has crashed.
  bool collect(const CampaignWorker& worker);
  void exchange();
  void count();
  void watch_disk();
  void end_workers();
  void save_status();
  void save_statistics(bool now);
  void tell(StatusLine& line);

  const CampaignConfig& config_;
  const CampaignFiles& files_;
  CampaignSubject subject_;
  CampaignCorpus corpus_;
  CampaignCrashes crashes_;
  std::vector<Slot> slots_;
  CampaignStatistics now_;
  CampaignStatistics before_;  ///< Of earlier processes.
  Clock::time_point begin_;
  std::string state_ = "running";
  std::string reason_;
  int status_error_ = 0;  ///< An errno, of the status as last written.
  bool waits_for_space_ = false;
  std::string last_failure_;
  double rated_at_ = 0;  ///< `active` seconds when the rate was last counted,
  std::uint64_t rated_executions_ = 0;
  double appended_at_ = -1;  ///< and when the statistics were last appended.
};

}  // namespace labyrinth::tool
