// The timeline of a run in a process of its own: of one that takes the process with it, as far as it came.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "timeline.hpp"

namespace labyrinth::tool {

struct ObservedApart {
  Timeline timeline;
  std::string death;      ///< As Apart has it; "": the run came to its end,
  nlohmann::json result;  ///< and this is what `after` returned.
};

/// Called in a child, with the machine that has just run the trace.
using AfterRun = std::function<nlohmann::json(const machine::Machine& machine)>;

/// `machine`: makes ready what the child runs; called there.
[[nodiscard]] ObservedApart observe_apart(const std::function<machine::Machine&()>& machine,
                                          const machine::TraceFile& file, double seconds,
                                          const AfterRun& after);

}  // namespace labyrinth::tool
