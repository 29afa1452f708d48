// What `labyrinth explore` does with a run that breaks a clause: once for each signature it is saved, and
// told of.
#pragma once

#include <set>
#include <string>

#include "death.hpp"
#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "verbs.hpp"
#include "work.hpp"

namespace labyrinth::tool {

class Keeper {
 public:
  Keeper(const ExploreOptions& options, machine::Machine& machine, const machine::Target& target)
      : options_(options), machine_(machine), target_(target) {}
  /// What an earlier process has found, it has seen to.
  void knows(const Resume& resume);
  /// `name`: of the program. The machine replays the run.
  void keep(const machine::Trace& trace, const machine::Outcome& outcome, const std::string& name);
  /// A worker is gone, and that was the target's doing. The signature of it.
  [[nodiscard]] std::string keep_death(const machine::Journal& journal, const Death& death,
                                       const std::string& name) const;

 private:
  void keep_quiet(machine::TraceFile& file, const machine::Outcome& outcome, const std::string& finding,
                  const char* schedule);
  const ExploreOptions& options_;
  machine::Machine& machine_;
  const machine::Target& target_;
  std::set<std::string> kept_;
};

}  // namespace labyrinth::tool
