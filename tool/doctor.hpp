// labyrinth doctor: whether a target's build, and the machine at hand, are fit for what they are to do.
#pragma once

#include <string>
#include <vector>

#include "input.hpp"
#include "results.hpp"

namespace CLI {
class App;
}

namespace labyrinth::tool {

struct DoctorOptions {
  std::string target;              ///< "" is the reference allocator.
  std::vector<std::string> seeds;  ///< Traces and directories; none: the corpus beside the program.
  double seconds = 20;             ///< For one run of the target; then it counts as hanging.
  bool json = false;
  std::string root = "/";  ///< Whose /proc and /sys say how the kernel is set up.
  ResultFiles results;
};

CLI::App* add_doctor(CLI::App& app, DoctorOptions& options);

[[nodiscard]] int verb_doctor(const DoctorOptions& options);

/// What was looked at, and what is to be done about it.
struct Check {
  enum class State {
    kOk,
    kWarning,  ///< Something is missing that not everything needs.
    kBroken,   ///< What is said of this target cannot be relied upon.
    kUnclear,  ///< It could not be told.
  };
  std::string name;
  State state = State::kOk;
  std::string says;  ///< What was seen.
  std::string mend;  ///< What to do; "": nothing.
};

/// The target at `path`, in processes of their own, so that one that crashes or hangs is told of. Traces that
/// cannot be read are told on stderr and put into `unreadable`.
[[nodiscard]] std::vector<Check> look_at_target(const std::string& path, const DoctorOptions& options,
                                                std::vector<std::string>& unreadable);

/// The programs of this machine, and the settings that `root` has. Only warnings: a target is none the worse
/// for them.
[[nodiscard]] std::vector<Check> look_at_machine(const std::string& root);

/// Of /proc/sys/kernel/core_pattern: whether it keeps afl-fuzz from seeing crashes at once.
[[nodiscard]] Check judge_core_pattern(const std::string& pattern);
/// Of each CPU's scaling_governor; none: the machine does not say.
[[nodiscard]] Check judge_governors(const std::vector<std::string>& governors);

}  // namespace labyrinth::tool
