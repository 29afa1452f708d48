// Exploring one program: all its runs, what they were judged to be, and why a search ended before its end.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "labyrinth/machine/explorer.hpp"
#include "labyrinth/machine/machine.hpp"
#include "linearizability.hpp"
#include "steps.hpp"

namespace labyrinth::tool {

/// Over one program, or several.
struct Explored {
  machine::ExplorerCounts counts;
  std::uint64_t programs = 0;
  std::uint64_t refused = 0;  ///< Programs whose machine the target does not accept.
  std::uint64_t traces = 0;   ///< Mazurkiewicz traces, if they were counted.
  StepTable steps;
  std::uint64_t runs_alone = 0;
  StepTable steps_alone;    ///< From a state that was reached to the call's answer, nobody else running.
  HistoryCounts histories;  ///< If they were judged for linearizability.
  std::map<std::string, std::uint64_t> found;  ///< Violations by signature.
  std::vector<std::uint64_t> stopped;          ///< Where the search is, if it was stopped from outside.
  std::string cut;                             ///< Why the search is not complete; empty: it is.
  void join(const Explored& other);
};

struct ExplorationLimits {
  std::uint64_t executions = 0;     ///< Of one program; 0: any number.
  bool keep_going = false;          ///< After a violation.
  bool alone = false;               ///< Let each context run alone from every state, too (N2).
  bool linearizability = false;     ///< Judge each history as a whole, too (L1).
  std::uint32_t look_every = 1024;  ///< Runs from one call of OnProgress to the next.
};

/// Called with each run that breaks a clause; the machine is free to run other things meanwhile.
using OnViolation = std::function<void(const machine::Trace& trace, const machine::Outcome& outcome)>;
/// Called now and then between two runs; may give a part of the search away. False: it is to stop here.
using OnProgress = std::function<bool(machine::Explorer& explorer)>;

/// `explorer` begins a new search, or goes on with `stopped`: a part of one, or where one was stopped.
[[nodiscard]] Explored explore(machine::Machine& machine, const machine::Trace& trace,
                               machine::Explorer& explorer, const ExplorationLimits& limits,
                               const OnViolation& on_violation, const OnProgress& on_progress,
                               std::span<const std::uint64_t> stopped = {});

}  // namespace labyrinth::tool
