// Work on one input after another in a child process: an input that kills the process, or never ends, costs
// itself and nothing else.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "labyrinth/machine/journal.hpp"

namespace labyrinth::tool {

/// Enough for one replay: a run is some thousand steps at most, unless the target leaves the machine's hands.
inline constexpr double kSecondsEach = 20;

/// What became of one input.
struct Apart {
  nlohmann::json result;  ///< What `work` returned; null where it did not return.
  std::string death;  ///< How the process ended instead: "SIGSEGV", "timeout", "exit-1"; "" if it returned.
};

/// How a process ended, from its wait status: "SIGSEGV", "exit-1".
[[nodiscard]] std::string death_of(int status);
/// Whether somebody else ended it, so that it says nothing of the target: a person, or a lack of memory.
[[nodiscard]] bool is_from_outside(const std::string& death);

/// How long a child is waited for.
struct Patience {
  Patience(double for_one) : seconds(for_one) {}  // NOLINT(google-explicit-constructor): it is no more.
  Patience(double for_one, machine::Journal& runs, double for_a_run)
      : seconds(for_one), journal(&runs), seconds_of_run(for_a_run) {}
  double seconds;                       ///< For one input;
  machine::Journal* journal = nullptr;  ///< of one that makes many runs, where the child writes them,
  double seconds_of_run = 0;            ///< and for each of these.
};

/// Calls work(i) for each i below `count`, in turn, in a child; when the child dies, another one goes on
/// behind the input that killed it. `done` is told each result here, in order, and stops by returning false.
/// One that takes longer than `patience` has is killed.
void work_apart(std::size_t count, const Patience& patience,
                const std::function<nlohmann::json(std::size_t)>& work,
                const std::function<bool(std::size_t, const Apart&)>& done);

}  // namespace labyrinth::tool
