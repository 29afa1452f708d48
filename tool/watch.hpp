// Whether a run that another process makes goes on for too long.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

#include "labyrinth/machine/journal.hpp"

namespace labyrinth::tool {

class Watch {
 public:
  /// `journal`: of `process`, and outlives this. `seconds`: for one run; 0: any time.
  Watch(const machine::Journal& journal, pid_t process, double seconds)
      : journal_(journal), process_(process), seconds_(seconds) {}
  /// To be asked several times in that time. A process that a debugger holds, or that was stopped, has all
  /// the time there is.
  [[nodiscard]] bool is_too_long();

 private:
  using Clock = std::chrono::steady_clock;
  const machine::Journal& journal_;
  pid_t process_;
  double seconds_;
  std::uint64_t runs_ = 0;
  Clock::time_point since_ = Clock::now();
};

}  // namespace labyrinth::tool
