// One worker of a campaign: a fuzzer in a process, started again and again.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "campaign_config.hpp"
#include "campaign_files.hpp"
#include "campaign_process.hpp"

namespace labyrinth::tool {

enum class CampaignEngine : std::uint8_t { kLibfuzzer, kAfl };

/// What a worker says of its present start.
struct CampaignProgress {
  std::uint64_t executions = 0;
  std::uint64_t edges = 0;
  std::uint64_t features = 0;  ///< Edges by how often, and pairs of accesses; only libFuzzer has them.
  std::uint64_t units = 0;     ///< In its own corpus.
  std::string stability;       ///< As AFL++ says it; "" of libFuzzer.
  bool ready = false;          ///< It has read its corpus, and fuzzes.
};

class CampaignWorker {
 public:
  /// `number`: from 1 on, among those of its engine.
  CampaignWorker(const CampaignConfig& config, const CampaignFiles& files, CampaignEngine engine,
                 unsigned number);
  CampaignWorker(const CampaignWorker&) = delete;
  CampaignWorker& operator=(const CampaignWorker&) = delete;
  ~CampaignWorker();

  /// What it has left from an earlier start must have been taken in: it is removed here.
  void start(std::uint32_t seed);
  /// How it ended, once, if it did.
  [[nodiscard]] std::optional<CampaignEnd> poll();
  void ask_to_end() const;
  void kill_now() const;
  /// Look at what it has said since.
  void look();

  [[nodiscard]] bool runs() const { return process_ > 0; }
  [[nodiscard]] pid_t process() const { return process_; }
  [[nodiscard]] CampaignEngine engine() const { return engine_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const CampaignProgress& progress() const { return progress_; }
  /// Of all its starts since the campaign was begun or resumed.
  [[nodiscard]] std::uint64_t executions() const { return earlier_ + progress_.executions; }
  [[nodiscard]] std::uint64_t starts() const { return starts_; }
  [[nodiscard]] double seconds() const;  ///< Since its present, or last, start.

  /// Where its engine puts inputs that are worth keeping.
  [[nodiscard]] std::filesystem::path queue() const;
  /// Where it looks for those that others have found; a secondary of AFL++, which asks its main one, does
  /// not.
  [[nodiscard]] std::filesystem::path inbox() const;
  /// Where its engine puts inputs that crash.
  [[nodiscard]] std::filesystem::path artifacts() const;
  [[nodiscard]] std::filesystem::path output() const { return directory_ / "output"; }
  [[nodiscard]] std::filesystem::path log() const { return directory_ / "log"; }

 private:
  [[nodiscard]] ProcessSetup libfuzzer(std::uint32_t seed);
  [[nodiscard]] ProcessSetup afl(std::uint32_t seed);
  void look_at_libfuzzer();
  void look_at_afl();

  const CampaignConfig& config_;
  const CampaignFiles& files_;
  CampaignEngine engine_;
  unsigned number_;
  std::string name_;
  std::filesystem::path directory_;
  pid_t process_ = -1;
  std::uint64_t starts_ = 0;
  std::uint64_t earlier_ = 0;
  CampaignProgress progress_;
  std::uint64_t log_read_ = 0;           ///< Bytes of the log that have been looked at.
  std::unique_ptr<Descriptor> counter_;  ///< Memory in which it counts its executions.
  std::chrono::steady_clock::time_point begin_;
};

/// The program that AFL++ runs, and whether it and afl-fuzz are there.
[[nodiscard]] std::filesystem::path afl_program();
[[nodiscard]] bool afl_is_there();

}  // namespace labyrinth::tool
