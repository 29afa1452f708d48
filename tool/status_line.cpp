// Progress, Ctrl-C, and how many cores there are.
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

volatile sig_atomic_t interrupt_seen = 0;
volatile double interrupted_at = 0;

[[nodiscard]] double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// timeout(1) sends its signal twice, to the process and to its group: what comes at once is no second
/// Ctrl-C.
void on_interrupt(int signal) {
  constexpr double kAtOnce = 0.2;
  if (interrupt_seen == 0) {
    interrupted_at = now();
    interrupt_seen = 1;
  } else if (now() > interrupted_at + kAtOnce) {
    ::signal(signal, SIG_DFL);
    raise(signal);
  }
}

}  // namespace

void catch_interrupt() {
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return interrupt_seen != 0; }

unsigned cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

StatusLine::StatusLine()
    : terminal_(isatty(STDERR_FILENO) != 0), begin_(now()), next_(begin_ + (terminal_ ? 0.2 : 10)) {}

StatusLine::~StatusLine() {
  if (dirty_) fmt::print(stderr, "\r\033[K");
}

bool StatusLine::due() { return now() >= next_; }

void StatusLine::show(const std::string& text) {
  next_ = now() + (terminal_ ? 0.2 : 10);
  if (terminal_) {
    fmt::print(stderr, "\r\033[K{}", text);
    dirty_ = true;
    std::fflush(stderr);
  } else {
    fmt::print(stderr, "{}\n", text);
  }
}

double StatusLine::elapsed() const { return now() - begin_; }

}  // namespace labyrinth::tool
