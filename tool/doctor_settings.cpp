// What settings of the kernel mean for fuzzing.
#include <fmt/format.h>

#include "doctor.hpp"

namespace labyrinth::tool {

Check judge_core_pattern(const std::string& pattern) {
  if (!pattern.starts_with("|")) return {"core pattern", Check::State::kOk, pattern, ""};
  return {
      "core pattern", Check::State::kWarning,
      fmt::format("`{}` hands crashes to another program first: afl-fuzz takes them for timeouts", pattern),
      "as root: echo core >/proc/sys/kernel/core_pattern. Campaigns say "
      "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 and find what they find, since a harness saves it first"};
}

Check judge_governors(const std::vector<std::string>& governors) {
  if (governors.empty()) return {"CPU governor", Check::State::kOk, "the machine has none to choose", ""};
  std::size_t slow = 0;
  std::string other;
  for (const std::string& governor : governors) {
    if (governor == "performance") continue;
    ++slow;
    other = governor;
  }
  if (slow == 0) return {"CPU governor", Check::State::kOk, "performance", ""};
  return {
      "CPU governor", Check::State::kWarning,
      fmt::format("{} of {} CPUs are not at `performance` but at `{}`: fuzzing is slower, and times vary",
                  slow, governors.size(), other),
      "as root: echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor. Campaigns say "
      "AFL_SKIP_CPUFREQ=1"};
}

}  // namespace labyrinth::tool
