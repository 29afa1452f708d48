// The child, its pipe, and its end.
#include "corpus_apart.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>

#include "descriptor.hpp"
#include "labyrinth/machine/machine.hpp"
#include "verbs.hpp"
#include "watch.hpp"

namespace labyrinth::tool {
namespace {

using Clock = std::chrono::steady_clock;

bool write_all(int descriptor, const std::uint8_t* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t put = write(descriptor, bytes, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

[[noreturn]] void run_child(int out, std::size_t from, std::size_t count, const Patience& patience,
                            const std::function<nlohmann::json(std::size_t)>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGINT, SIG_IGN);      // The parent decides; it takes what is done.
  static machine::Journal own;  // Not the one of who waits for the parent.
  machine::Machine().keep(patience.journal != nullptr ? *patience.journal : own);
  for (std::size_t i = from; i < count; ++i) {
    const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(work(i));
    const std::uint64_t size = bytes.size();
    std::array<std::uint8_t, sizeof size> head{};
    std::memcpy(head.data(), &size, sizeof size);
    if (!write_all(out, head.data(), head.size()) || !write_all(out, bytes.data(), bytes.size())) _exit(1);
  }
  _exit(0);
}

enum class Got { kAll, kEnd, kTimeout, kInterrupt };

/// Reads exactly `size` bytes by `deadline`, and while no run takes too long.
[[nodiscard]] Got read_all(int in, std::uint8_t* bytes, std::size_t size, Clock::time_point deadline,
                           std::optional<Watch>& watch) {
  while (size > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0 || (watch && watch->is_too_long())) return Got::kTimeout;
    pollfd waits{in, POLLIN, 0};
    const int ready = poll(&waits, 1, static_cast<int>(std::min<std::int64_t>(left, 100)));
    if (interrupted()) return Got::kInterrupt;
    if (ready <= 0) continue;
    const ssize_t got = read(in, bytes, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Got::kEnd;
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
  return Got::kAll;
}

}  // namespace

std::string death_of(int status) {
  if (!WIFSIGNALED(status)) return fmt::format("exit-{}", WEXITSTATUS(status));
  const char* const name = sigabbrev_np(WTERMSIG(status));
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal-{}", WTERMSIG(status));
}

bool is_from_outside(const std::string& death) {
  constexpr std::array<std::string_view, 6> kOthers{"SIGKILL", "SIGTERM", "SIGINT",
                                                    "SIGHUP",  "SIGQUIT", "interrupted"};
  return std::ranges::find(kOthers, death) != kOthers.end();
}

void work_apart(std::size_t count, const Patience& patience,
                const std::function<nlohmann::json(std::size_t)>& work,
                const std::function<bool(std::size_t, const Apart&)>& done) {
  const auto limit =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(patience.seconds));
  std::size_t next = 0;
  while (next < count) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "a child process cannot be made: pipe");
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      run_child(ends[1], next, count, patience, work);
    }
    const int error = errno;
    close(ends[1]);
    const Descriptor in(ends[0]);
    if (child < 0) throw std::system_error(error, std::generic_category(), "a child process cannot be made");
    std::optional<Watch> watch;
    if (patience.journal != nullptr) watch.emplace(*patience.journal, child, patience.seconds_of_run);
    Got got = Got::kAll;
    bool stopped = false;
    while (next < count && !stopped) {
      const auto deadline = Clock::now() + limit;
      std::array<std::uint8_t, sizeof(std::uint64_t)> head{};
      got = read_all(in.get(), head.data(), head.size(), deadline, watch);
      if (got != Got::kAll) break;
      std::uint64_t size = 0;
      std::memcpy(&size, head.data(), sizeof size);
      std::vector<std::uint8_t> bytes(size);
      got = read_all(in.get(), bytes.data(), bytes.size(), deadline, watch);
      if (got != Got::kAll) break;
      stopped = !done(next++, {nlohmann::json::from_cbor(bytes), ""});
    }
    if (got != Got::kEnd) kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (stopped || got == Got::kInterrupt) return;
    if (got == Got::kTimeout || got == Got::kEnd) {
      if (!done(next++, {{}, got == Got::kTimeout ? "timeout" : death_of(status)})) return;
    }
  }
}

}  // namespace labyrinth::tool
