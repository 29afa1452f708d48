// The threads of a run: they work in rounds, and between two rounds the world stops and is examined.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "results.hpp"
#include "thread.hpp"
#include "workload.hpp"

namespace labyrinth::shipping {

struct StressOptions {
  std::uint32_t threads = 4;
  double seconds = 5;
  std::uint64_t calls = 0;  ///< Of each thread's task, at most; 0: as many as there is time for.
  std::uint64_t seed = 1;
  std::uint32_t interrupts = 0;             ///< Signals a second and thread, from its timers; 0: none at all.
  std::uint64_t least_inside = 100;         ///< Of each level, that have to land inside a call.
  labyrinth_level highest = LABYRINTH_NMI;  ///< Level of interrupt.
  double patience = 120;                    ///< Seconds that the threads have to come to a stop.
  std::string geometry = "all";
  bool json = false;
  tool::ResultFiles results;
};

struct StressResult {
  double seconds = 0;
  std::uint64_t stops = 0;  ///< How often everything was freed and examined.
  bool cut_off = false;     ///< By Ctrl-C.
  /// Which thread has been in which call for how long; empty: they all came to a stop. Then the crew is in
  /// use for good.
  std::array<char, 120> hung{};
  Tally tasks;
  std::array<Tally, LABYRINTH_LEVELS> handlers;  ///< By level.
  std::array<std::uint64_t, LABYRINTH_LEVELS>
      by_depth{};              ///< Landed inside a call, with so many handlers below.
  std::uint64_t balances = 0;  ///< By threads of background reclaim.
  std::uint64_t signals = 0;
  std::uint64_t held_back = 0;  ///< Of these, those that waited until nothing held them back.

  [[nodiscard]] std::uint64_t landed(labyrinth_level level) const;
  [[nodiscard]] std::uint64_t inside(labyrinth_level level) const;
};

class Crew {
 public:
  /// The worlds take turns.
  Crew(const StressOptions& options, std::vector<std::unique_ptr<Workload>> worlds);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Until time, calls or Ctrl-C end it, or something is found. Progress goes to stderr.
  void run(StressResult& result);

 private:
  void work(Thread& thread);
  void work_a_round(Thread& thread, std::uint64_t& calls);
  void let_go();
  [[nodiscard]] bool stop_the_world(StressResult& result);
  void collect(StressResult& result) const;

  const StressOptions options_;
  std::vector<std::unique_ptr<Workload>> worlds_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<std::thread> running_;
  Thread observer_;
  std::atomic<std::uint64_t> round_{0};  ///< Changes when a round begins.
  std::atomic<bool> pausing_{false};
  std::atomic<bool> ending_{false};
  std::atomic<std::uint32_t> parked_{0};
  std::atomic<std::uint32_t> out_of_calls_{0};
};

}  // namespace labyrinth::shipping
