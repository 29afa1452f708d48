// The timeline of a run: each step as a line of text, the same in every run of a build.
//
// It serves twice: a person reads it, and as the `recorded` section of a trace it is what a later replay is
// held against.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/observer.hpp"
#include "labyrinth/machine/trace_text.hpp"

namespace labyrinth::tool {

struct Step {
  enum class Kind : std::uint8_t {
    kAccess,  ///< Of the target.
    kDeparture,
    kHandler,  ///< Arrives, or returns.
    kCall,
    kAnswer,
    kMapping,
    kFreeWithin,  ///< A block that is given back in the middle of another call.
  };
  std::uint8_t cpu = 0;
  std::uint8_t context = 0;
  std::uint8_t depth = 0;  ///< Interrupts nested here.
  Kind kind = Kind::kAccess;
  std::uint8_t call = machine::kNoCall;
  std::uint64_t pfn = 0;  ///< Of kFreeWithin: the block.
  std::uint64_t frames = 0;
  std::string text;

  [[nodiscard]] bool is_access() const noexcept { return kind == Kind::kAccess; }
};

struct Timeline {
  std::vector<Step> steps;
  std::map<std::uint8_t, std::vector<std::uint64_t>> bulks;  ///< By call: the frames that it was given.
  bool cut = false;  ///< The run was longer than a record may be; the rest was left out.
};

using OnStep = std::function<void(const Step&)>;

/// Run the trace once more under a replay of its schedule and write down what happens. The outcome is the
/// machine's. `told` gets each step as it happens: of a run that takes the process with it, too.
[[nodiscard]] Timeline observe(machine::Machine& machine, const machine::TraceFile& file,
                               const OnStep& told = {});

/// One line a step: CPU, context, what.
[[nodiscard]] std::vector<std::string> record(const machine::TraceFile& file, const Timeline& timeline);

/// A table for a person, with a line that explains its columns. Long stretches of accesses by one context are
/// folded unless `whole`.
[[nodiscard]] std::string table(const machine::TraceFile& file, const Timeline& timeline, bool whole);

/// "ok", "exhausted", …
[[nodiscard]] std::string status_name(std::uint8_t status);

}  // namespace labyrinth::tool
