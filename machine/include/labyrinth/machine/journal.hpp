// What runs now, in memory that another process sees too: it is there when a target takes its process along.
#pragma once

#include <atomic>
#include <cstdint>

#include "labyrinth/machine/target.h"
#include "labyrinth/machine/trace.hpp"
#include "labyrinth/machine/verdict.hpp"

namespace labyrinth::machine {

/// Of one process at a time. Whoever reads it of a process that is gone has to expect any bytes: what died
/// may have written here.
struct Journal {
  std::atomic<std::uint64_t> runs{0};  ///< Begun and ended: odd while one is under way.
  /// On what; where it is, is told by who loaded it. Of the last run that began,
  const labyrinth_target* target = nullptr;
  Trace trace{};      ///< what it runs,
  Outcome outcome{};  ///< and what it has come to: departures as they are carried out.
  [[nodiscard]] bool runs_now() const noexcept { return runs.load(std::memory_order_relaxed) % 2 == 1; }
};

}  // namespace labyrinth::machine
