// Processes, and how they end.
#include "child.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "exit_codes.hpp"
#include "interrupts.hpp"
#include "shared.hpp"

namespace labyrinth::native {
namespace {

[[noreturn]] void tell_fault(const shipping::Fault& fault) {
  shared().ended_at.store(fault.instruction);
  if (fault.clause != nullptr) {
    shared().complaints.add(fault.clause, "{}", fault.words);
    end_with_complaint();
  }
  shared().say(fault.words);
  _exit(tool::kInconclusive);
}

}  // namespace

pid_t start(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "no process can be started");
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(tool::kInconclusive);
  body();
  _exit(tool::kClean);
}

std::optional<int> wait_for(pid_t child, double seconds) {
  const auto handle = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  if (handle >= 0) {
    pollfd entry{handle, POLLIN, 0};
    // A signal, Ctrl-C, cuts it short.
    static_cast<void>(poll(&entry, 1, static_cast<int>(seconds * 1000)));
    close(handle);
  }
  int status = 0;
  if (waitpid(child, &status, WNOHANG) == child) return status;
  return std::nullopt;
}

void kill_and_wait(pid_t child) {
  int status = 0;
  kill(child, SIGKILL);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

std::string words_of(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("it was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("it called exit({})", WEXITSTATUS(status));
}

void tell_crashes() { shipping::catch_faults(tell_fault); }

void end_with_complaint() { _exit(tool::kViolation); }

}  // namespace labyrinth::native
