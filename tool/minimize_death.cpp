// Shrinking what cannot be run in this process.
#include "minimize_death.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "input.hpp"
#include "observe_apart.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

// A run is some thousand steps. What has been told from an endless one by the user's own limit is told from
// the candidates by this: each that is kept takes as long.
constexpr double kEndless = 1;

[[nodiscard]] std::optional<machine::Op> last_op(const machine::Trace& trace, const Timeline& timeline) {
  if (timeline.steps.empty()) return std::nullopt;
  const Step& last = timeline.steps.back();
  if (last.call >= trace.call_count || last.kind == Step::Kind::kAnswer) return std::nullopt;
  return trace.call_storage[last.call].op;
}

}  // namespace

std::optional<DeathSeen> death_of_run(const machine::Target& target, const machine::TraceFile& file,
                                      double seconds) {
  machine::Machine machine;
  machine.use(target.table());
  const ObservedApart seen = observe_apart([&]() -> machine::Machine& { return machine; }, file, seconds,
                                           [](const machine::Machine&) { return nlohmann::json(true); });
  if (seen.death.empty()) return std::nullopt;
  return DeathSeen{seen.death, last_op(file.trace, seen.timeline)};
}

Shrunk shrink_death(const machine::Target& target, const machine::TraceFile& file, const DeathSeen& death,
                    std::uint64_t budget, double seconds) {
  StatusLine status;
  std::uint64_t tried = 0;
  const double limit = seconds == 0 ? kEndless : std::min(seconds, kEndless);
  const StillFails still_dies = [&](const machine::Trace& candidate) -> std::optional<machine::Trace> {
    // The rest of the candidates up to the next look at `progress` costs nothing then.
    if (interrupted()) return std::nullopt;
    ++tried;
    if (status.due()) {
      status.show(fmt::format("minimize: {} tried, each in a process of its own; now {} calls, {} departures",
                              tried, candidate.call_count, candidate.departure_count));
    }
    machine::TraceFile one{};
    one.trace = candidate;
    one.names = machine::default_names(candidate);
    if (death_of_run(target, one, limit) != death) return std::nullopt;
    return candidate;
  };
  Shrunk shrunk = shrink(file.trace, still_dies, budget, [](const Shrunk&) { return !interrupted(); });
  if (interrupted()) shrunk.finished = false;
  shrunk.tried = tried;
  return shrunk;
}

}  // namespace labyrinth::tool
