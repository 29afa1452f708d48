// Waiting for the process that runs a target.
#include "guard.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

#include "corpus_apart.hpp"
#include "descriptor.hpp"
#include "exit_codes.hpp"
#include "found_list.hpp"
#include "fuzz_results.hpp"
#include "input.hpp"
#include "shared_object.hpp"
#include "watch.hpp"

namespace labyrinth::tool {
namespace {

using machine::Journal;

struct Waited {
  int status = 0;
  bool timeout = false;  ///< It was killed, since its run did not end.
};

/// `alive`: hangs up when the child is gone.
[[nodiscard]] Waited wait_for(pid_t child, int alive, const Journal& journal, double seconds) {
  constexpr int kMilliseconds = 100;
  Waited waited;
  Watch watch(journal, child, seconds);
  bool forwarded = false;
  for (;;) {
    pollfd waits{alive, 0, 0};
    if (poll(&waits, 1, kMilliseconds) > 0) break;
    // From a terminal the child has it, too: what comes at once counts once.
    if (interrupted() && !forwarded) {
      forwarded = true;
      kill(child, SIGINT);
    }
    if (!waited.timeout && watch.is_too_long()) {
      waited.timeout = true;
      kill(child, SIGKILL);
    }
  }
  while (waitpid(child, &waited.status, 0) < 0 && errno == EINTR) {
  }
  return waited;
}

/// The one that ran last.
[[nodiscard]] const machine::Target& target_of(const Guarded& guarded, const Journal& journal) {
  for (const machine::Target& target : guarded.targets)
    if (&target.table() == journal.target) return target;
  return guarded.targets.front();
}

[[nodiscard]] int tell(const Guarded& guarded, const Journal& journal, const Death& death) {
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");  // The child's status line.
  const machine::Target& target = target_of(guarded, journal);
  const ToldDeath told = tell_of_death(journal, death, target, guarded.options, guarded.origin);
  if (guarded.options.json)
    fmt::print("{}\n", nlohmann::json{{"died", told.signature.substr(told.signature.find('-') + 1)},
                                      {"signature", told.signature},
                                      {"file", told.file},
                                      {"violations", {{told.signature, 1}}}}
                           .dump(2));
  else
    fmt::print("{}summary: {} did not come to its end; {}\n", told.text, guarded.origin.engine,
               told.file.empty() ? "no trace was saved" : "the trace is " + told.file);
  tell_found({{"text", told.text}, {"signature", told.signature}, {"file", told.file}});
  Results results(guarded.origin.engine, target.table().name);
  results.add({.name = guarded.origin.engine,
               .code = kViolation,
               .key = told.signature,
               .text = told.text,
               .file = told.file});
  return results.write(guarded.options.results, kViolation) ? kViolation : worse(kViolation, kInconclusive);
}

/// Ended as the child was.
[[nodiscard]] int end_as(int status) {
  const int number = WTERMSIG(status);
  if (number != SIGKILL) {
    signal(number, SIG_DFL);
    raise(number);
  }
  fmt::print(
      stderr,
      "labyrinth: the process that did the work was killed from outside, by {}; is there memory enough?\n",
      death_of(status));
  return kInconclusive;
}

}  // namespace

std::optional<int> guard(const Guarded& guarded) {
  SharedObject<Journal> journal("memory to share with the process that runs the target");
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "a child process cannot be made: pipe");
  const Descriptor alive(ends[0]);
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(kInconclusive);
    machine::Machine().keep(journal.leave());
    return std::nullopt;  // The pipe's other end is held until the process ends.
  }
  const int error = errno;
  catch_interrupt();
  close(ends[1]);
  if (child < 0) throw std::system_error(error, std::generic_category(), "a child process cannot be made");
  const Waited waited =
      wait_for(child, alive.get(), journal.get(), guarded.ends_itself ? 0 : guarded.options.timeout);
  const bool in_run = journal.get().runs_now();
  if (waited.timeout) return tell(guarded, journal.get(), {"timeout", true});
  if (WIFEXITED(waited.status)) {
    const int code = WEXITSTATUS(waited.status);
    // Ctrl-C, or no memory, in the middle of a run says nothing of the target.
    const bool cut = guarded.ends_itself && (code == kFuzzingStopped || code == kFuzzingMemory);
    if (!in_run || cut) return code;
    return tell(guarded, journal.get(), {guarded.ends_itself ? "" : death_of(waited.status), true});
  }
  if (is_from_outside(death_of(waited.status))) return end_as(waited.status);
  if (guarded.ends_itself && !in_run) return kViolation;
  return tell(guarded, journal.get(), {death_of(waited.status), in_run});
}

std::string death_of_loading(const std::string& path) {
  std::string death = "interrupted";
  work_apart(
      1, kSecondsEach,
      [&](std::size_t) {
        static_cast<void>(machine::Target::load(path));
        return nlohmann::json(true);
      },
      [&](std::size_t, const Apart& apart) {
        death = apart.death;
        return true;
      });
  return death;
}

std::optional<machine::Target> load_guarded(const std::string& path) {
  const std::string at = target_path(path);
  const std::string death = death_of_loading(at);
  if (death.empty()) return load_target(at);
  fmt::print(stderr, "labyrinth: {} is no target that can be loaded: doing so {}\n", at,
             words_of_death(death));
  return std::nullopt;
}

}  // namespace labyrinth::tool
