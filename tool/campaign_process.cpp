// Starting and ending a campaign's processes.
#include "campaign_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// Inherited by everything that a worker starts.
constexpr const char* kMark = "LABYRINTH_CAMPAIGN";

[[noreturn]] void become(const ProcessSetup& setup, pid_t parent) {
  setpgid(0, 0);  // Ctrl-C is for the campaign, which then ends its workers in order.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  const int input = open("/dev/null", O_RDONLY);
  const int output = open(setup.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
  const int errors = open(setup.errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
  if (input < 0 || output < 0 || errors < 0) _exit(126);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  for (const auto& [name, value] : setup.environment) setenv(name.c_str(), value.c_str(), 1);
  setenv(kMark, setup.campaign.c_str(), 1);
  std::vector<char*> words;
  words.reserve(setup.command.size() + 1);
  for (const std::string& word : setup.command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words.front(), words.data());
  _exit(127);
}

}  // namespace

pid_t start_process(const ProcessSetup& setup) {
  const pid_t parent = getpid();
  const pid_t process = fork();
  if (process < 0) throw std::system_error(errno, std::generic_category(), "fuzz: another process");
  if (process == 0) become(setup, parent);
  setpgid(process, process);  // Whoever comes first: it may have to be ended before it has run.
  return process;
}

bool is_looked_after() { return std::getenv(kMark) != nullptr; }

std::optional<CampaignEnd> reap(pid_t process) {
  int status = 0;
  const pid_t got = waitpid(process, &status, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return std::nullopt;
  if (got < 0 || !WIFSIGNALED(status)) return CampaignEnd{got < 0 ? -1 : WEXITSTATUS(status), 0};
  return CampaignEnd{-1, WTERMSIG(status)};
}

CampaignEnd run_process(const ProcessSetup& setup, double seconds) {
  const pid_t process = start_process(setup);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (true) {
    if (const auto ended = reap(process)) return *ended;
    if (std::chrono::steady_clock::now() > end) kill(-process, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

unsigned end_left_over(const fs::path& campaign) {
  const std::string wanted = fmt::format("{}={}", kMark, campaign.string()) + '\0';
  unsigned ended = 0;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "environ", std::ios::binary);
    const std::string environment{std::istreambuf_iterator<char>(file), {}};
    const bool marked =
        environment.starts_with(wanted) || environment.find('\0' + wanted) != std::string::npos;
    const auto process = static_cast<pid_t>(std::atol(name.c_str()));
    if (marked && process != getpid() && kill(process, SIGKILL) == 0) ++ended;
  }
  return ended;
}

}  // namespace labyrinth::tool
