// One engine let loose on one mutant, in a process of its own.
#pragma once

#include <string>

#include "mutants.hpp"

namespace labyrinth::tool {

struct MutantResult {
  enum class Kind {
    kFound,
    kSurvived,  ///< The engine ended, or its time did, without a finding.
    kFailed,    ///< The engine could not do its work.
    kNoPart,    ///< It has none for this mutant.
    kStopped,   ///< By Ctrl-C.
  };
  Kind kind = Kind::kNoPart;
  std::uint32_t seed = 0;
  double seconds = 0;   ///< Of processors, until the finding was saved, small; all processes together.
  double on_clock = 0;  ///< Likewise, as time went by.
  std::string finding;  ///< The first trace's name, without its ending; "": none was saved.
  std::string said;     ///< What a failed engine said last.
};

/// Runs the engine and waits for it, or for Ctrl-C. `hunt.scratch` is removed afterwards.
[[nodiscard]] MutantResult hunt_mutant(const MutantEngine& engine, const MutantHunt& hunt);

}  // namespace labyrinth::tool
