// Starting CBMC, watching it, ending it with everything it has started.
#include "proof_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// "" of what cannot be read: a process may end between being found and being read, and then even a file that
/// is open fails, which an iterator over it would throw.
[[nodiscard]] std::string read_all(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

[[noreturn]] void become(const std::vector<std::string>& command, const fs::path& directory, pid_t parent) {
  setpgid(0, 0);
  // Without its parent nobody would end it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  const int input = open("/dev/null", O_RDONLY);
  const int output = open((directory / "output").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int errors = open((directory / "errors").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (input < 0 || output < 0 || errors < 0) _exit(126);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  // The formula goes through a file, which one that is killed leaves behind.
  setenv("TMPDIR", directory.c_str(), 1);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execv(words.front(), words.data());
  _exit(127);
}

/// Process group and resident pages by /proc/PID/stat, whose second field may contain anything.
[[nodiscard]] bool read_stat(const fs::path& process, pid_t& group, std::uint64_t& pages) {
  const std::string text = read_all(process / "stat");
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return false;
  std::istringstream fields(text.substr(name_end + 1));
  constexpr int kGroup = 3, kResident = 22;  // Counted from behind the name.
  std::string field;
  for (int i = 1; i <= kResident && fields >> field; ++i) {
    if (i == kGroup) group = static_cast<pid_t>(std::atol(field.c_str()));
    if (i == kResident) pages = std::strtoull(field.c_str(), nullptr, 10);
  }
  return static_cast<bool>(fields);
}

}  // namespace

std::map<pid_t, std::uint64_t> resident_by_group() {
  static const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::map<pid_t, std::uint64_t> resident;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", ignored)) {
    pid_t group = 0;
    std::uint64_t pages = 0;
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") == std::string::npos && read_stat(entry.path(), group, pages))
      resident[group] += pages * page;
  }
  return resident;
}

ProofProcess::ProofProcess(const std::vector<std::string>& command, fs::path directory, const Limits& limits)
    : directory_(std::move(directory)), limits_(limits), begin_(std::chrono::steady_clock::now()) {
  fs::create_directory(directory_);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "prove: another process");
  if (pid_ == 0) become(command, directory_, parent);
  setpgid(pid_, pid_);  // Whoever comes first: it may have to be ended before it has run.
  // glibc 2.36 declares pidfd_open() for C only.
  handle_ = std::make_unique<Descriptor>(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!*handle_) {
    const int error = errno;
    end_group(ProcessEnd::Kind::kStopped);
    waitpid(pid_, nullptr, 0);
    throw std::system_error(error, std::generic_category(), "prove: a handle of a process");
  }
}

ProofProcess::~ProofProcess() {
  if (pid_ > 0) {
    end_group(ProcessEnd::Kind::kStopped);
    waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

double ProofProcess::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void ProofProcess::check(std::uint64_t resident) {
  most_ = std::max(most_, resident);
  if (most_ > limits_.bytes) {
    end_group(ProcessEnd::Kind::kOutOfMemory);
  } else if (seconds() > limits_.seconds) {
    end_group(ProcessEnd::Kind::kTimedOut);
  }
}

void ProofProcess::end_group(ProcessEnd::Kind why) {
  if (ended_) return;
  ended_ = true;
  why_ = why;
  kill(-pid_, SIGKILL);
}

ProcessEnd ProofProcess::finish() {
  // Until it is waited for, its number is its own; nothing of its group is to outlive it.
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const double seconds = this->seconds();
  kill(-pid_, SIGKILL);
  int status = 0;
  rusage usage{};
  while (wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  constexpr std::uint64_t kKibi = 1024;
  ProcessEnd end;
  end.seconds = seconds;
  // Between two looks it may have been larger, and short runs are never looked at.
  end.bytes = std::max(most_, static_cast<std::uint64_t>(usage.ru_maxrss) * kKibi);
  end.output = read_all(directory_ / "output");
  end.errors = read_all(directory_ / "errors");
  if (WIFEXITED(status)) {  // It may have been done just as its time was over.
    end.kind = ProcessEnd::Kind::kExited;
    end.number = WEXITSTATUS(status);
  } else {
    end.kind = ended_ ? why_ : ProcessEnd::Kind::kSignal;
    end.number = WTERMSIG(status);
  }
  return end;
}

}  // namespace labyrinth::tool
