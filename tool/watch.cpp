// Looking at a run's age.
#include "watch.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>

namespace labyrinth::tool {
namespace {

/// proc(5): "State:\tT (stopped)", "TracerPid:\t0".
[[nodiscard]] bool is_held(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("State:\tT") || line.starts_with("State:\tt")) return true;
    if (line.starts_with("TracerPid:")) return line != "TracerPid:\t0";
  }
  return false;
}

}  // namespace

bool Watch::is_too_long() {
  const std::uint64_t runs = journal_.runs.load(std::memory_order_relaxed);
  if (runs != runs_ || runs % 2 == 0) {
    runs_ = runs;
    since_ = Clock::now();
    return false;
  }
  if (seconds_ <= 0 || std::chrono::duration<double>(Clock::now() - since_).count() < seconds_) return false;
  if (!is_held(process_)) return true;
  since_ = Clock::now();
  return false;
}

}  // namespace labyrinth::tool
