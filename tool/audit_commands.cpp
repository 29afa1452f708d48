// Processes with a log.
#include "audit_commands.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

#include "campaign_process.hpp"

namespace labyrinth::tool {

std::optional<int> run_logged(const std::vector<std::string>& command, const std::string& log,
                              const std::string& what, StatusLine& status, const std::string& output) {
  ProcessSetup setup;
  setup.command = command;
  setup.errors = log;
  setup.output = output.empty() ? log : output;
  setup.campaign = std::filesystem::path(log).parent_path();
  const pid_t process = start_process(setup);
  bool ending = false;
  while (true) {
    if (const auto ended = reap(process))
      return ended->signal != 0 || ending ? std::nullopt : std::optional(ended->code);
    if (interrupted() && !ending) {
      ending = true;
      kill(-process, SIGTERM);
    }
    if (status.due()) status.show(what);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::optional<std::string> first_line_of(const std::vector<std::string>& command, const std::string& log) {
  StatusLine quiet;
  if (run_logged(command, log, "audit: " + command.front(), quiet) != 0) return std::nullopt;
  std::ifstream file(log);
  std::string line;
  std::getline(file, line);
  return line;
}

BuildLock::BuildLock(const std::string& directory, StatusLine& status)
    : file_(open((std::filesystem::path(directory) / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (!file_) throw std::system_error(errno, std::generic_category(), directory + "/lock");
  while (!interrupted()) {
    held_ = flock(file_.get(), LOCK_EX | LOCK_NB) == 0;
    if (held_) return;
    if (errno != EWOULDBLOCK && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), directory + "/lock");
    if (status.due()) status.show("audit: waiting for another audit that builds in " + directory);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void print_end_of(const std::string& log) {
  constexpr std::size_t kLines = 30;
  std::ifstream file(log);
  std::deque<std::string> last;
  for (std::string line; std::getline(file, line);) {
    last.push_back(line);
    if (last.size() > kLines) last.pop_front();
  }
  for (const std::string& line : last) fmt::print(stderr, "  {}\n", line);
  fmt::print(stderr, "  (the whole log is {})\n", log);
}

}  // namespace labyrinth::tool
