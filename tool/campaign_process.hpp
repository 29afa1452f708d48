// Processes of a campaign: none outlives it unnoticed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace labyrinth::tool {

struct ProcessSetup {
  std::vector<std::string> command;                ///< The first word is looked for in PATH.
  std::map<std::string, std::string> environment;  ///< On top of this process's own.
  std::filesystem::path output;                    ///< What it prints, anew.
  std::filesystem::path errors;
  std::filesystem::path campaign;  ///< Marks the process and its children, for end_left_over().
};

/// Whether somebody who looks after this process has started it so.
[[nodiscard]] bool is_looked_after();

/// How a process ended: by exit code, or by signal.
struct CampaignEnd {
  int code = -1;
  int signal = 0;
};

/// In a process group of its own; killed when this process ends, whatever ends it. Throws if there cannot be
/// another process.
[[nodiscard]] pid_t start_process(const ProcessSetup& setup);

/// Nothing: it still runs.
[[nodiscard]] std::optional<CampaignEnd> reap(pid_t process);

/// Starts it and waits; killed after `seconds`, as is said by `signal`.
[[nodiscard]] CampaignEnd run_process(const ProcessSetup& setup, double seconds);

/// Kills every process that a campaign of this directory has started and that is still there: a fork server
/// leaves a stopped child behind when it is killed. Only for who has the campaign's lock. Says how many.
unsigned end_left_over(const std::filesystem::path& campaign);

}  // namespace labyrinth::tool
