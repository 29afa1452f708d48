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

/// Delivers what arrived and was held back and is so no more; called where something stops holding it back.
void deliver_waiting(Thread& thread);

/// A crash.
struct Fault {
  const char* clause;          ///< That it breaks; null: it says nothing of the allocator.
  std::string_view words;      ///< What, where, in which call.
  std::uintptr_t instruction;  ///< Its address; 0: not known here.
};
using OnFault = void (*)(const Fault&);
/// `end` is called in the thread that crashes, or gets a SIGALRM that somebody asked for lest a call hang, in
/// its signal handler, and does not return.
void catch_faults(OnFault end);

/// POSIX timers, one a level, whose signals go to the thread that made them; until the end of the
/// scope.
class Timers {
 public:
  /// `rate` signals a second in all; 0: none. Of the levels up to `highest`.
  explicit Timers(std::uint32_t rate, labyrinth_level highest = LABYRINTH_NMI);
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
  Hammer(const std::vector<pthread_t>& threads, std::uint32_t rate, labyrinth_level highest,
         std::uint64_t seed);
  ~Hammer() { stop(); }
  Hammer(const Hammer&) = delete;
  Hammer& operator=(const Hammer&) = delete;
  void stop();

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace labyrinth::shipping
