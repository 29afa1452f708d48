// Work on one input after another in a child process: an input that kills the process, or never ends, costs
// itself and nothing else.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace labyrinth::tool {

/// Enough for one replay: a run is some thousand steps at most, unless the target leaves the machine's hands.
inline constexpr double kSecondsEach = 20;

/// What became of one input.
struct Apart {
  nlohmann::json result;  ///< What `work` returned; null where it did not return.
  std::string death;  ///< How the process ended instead: "SIGSEGV", "timeout", "exit-1"; "" if it returned.
};

/// Calls work(i) for each i below `count`, in turn, in a child; when the child dies, another one goes on
/// behind the input that killed it. `done` is told each result here, in order, and stops by returning false.
/// `seconds`: for one input; then the child is killed.
void work_apart(std::size_t count, double seconds, const std::function<nlohmann::json(std::size_t)>& work,
                const std::function<bool(std::size_t, const Apart&)>& done);

}  // namespace labyrinth::tool
