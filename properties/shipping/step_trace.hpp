// From a finding in the release library to a trace, where the hooked build of the same code shows it, too.
#pragma once

#include <functional>
#include <string>

#include "labyrinth/machine/machine.hpp"
#include "step_search.hpp"

namespace labyrinth::step {

struct FoundTrace {
  enum class State : std::uint8_t { kNotLooked, kFound, kNone };
  State state = State::kNotLooked;
  bool same_clause = false;
  std::string signature;
  std::string path;    ///< Where it was saved; empty if it was not.
  std::string report;  ///< Its timeline, the clause, and the commands to replay and minimise it.
  std::uint64_t executions = 0;
  bool complete = false;  ///< All orders were explored.
};

/// Explores the finding's program on the hooked target, with the same calls in the same contexts, interrupts
/// at every access, until a run breaks the finding's clause, and saves it under `findings`.
[[nodiscard]] FoundTrace find_trace(machine::Machine& machine, const machine::Target& hooked,
                                    const Broken& broken, const std::string& findings,
                                    const std::function<bool()>& goes_on);

}  // namespace labyrinth::step
