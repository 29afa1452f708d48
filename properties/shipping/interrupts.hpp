// Interrupts for real: signals that arrive at a thread wherever it is, in the middle of a call as anywhere.
//
// Levels nest as on hardware: a handler's signal mask keeps its own level and those below from interrupting
// it. Of each level there are two signals, one that higher levels may interrupt and one that masks them all,
// as a handler that runs with interrupts off.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <thread>
#include <vector>

#include "thread.hpp"

namespace labyrinth::shipping {

/// Installs the handlers, for all threads to be.
void install_handlers();

/// A segmentation fault in a stress thread is a finding: it says where, prints `again`, and ends the program
/// with code 10, after `told` was told that code and what was printed.
void catch_faults(const char* again, void (*told)(int code, std::string_view text));

/// Three POSIX timers, one a level, whose signals go to the thread that made them; until the end of the
/// scope.
class Timers {
 public:
  /// `rate` signals a second in all; 0: none.
  explicit Timers(std::uint32_t rate);
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

 private:
  std::vector<void*> timers_;
};

/// A thread that sends signals of all kinds to the others, one at a time.
class Hammer {
 public:
  /// About `rate` a second; 0: there is none. The threads must live until stop().
  Hammer(const std::vector<pthread_t>& threads, std::uint32_t rate, std::uint64_t seed);
  ~Hammer() { stop(); }
  Hammer(const Hammer&) = delete;
  Hammer& operator=(const Hammer&) = delete;
  void stop();

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace labyrinth::shipping
