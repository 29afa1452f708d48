// The options of `labyrinth audit`, and its help.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results.hpp"

namespace CLI {
class App;
}

namespace labyrinth::tool {

struct AuditOptions {
  std::string old_side, new_side;  ///< Each a shared object, or a revision of `repository`.
  std::string corpus;              ///< "": corpus/ if there is one.
  std::string findings = "findings";
  std::string html;  ///< File; "": none.
  std::uint64_t seed = 1;
  double seconds = 60;              ///< Of differential fuzzing.
  std::uint64_t executions = 2000;  ///< Of one exploration, at most; 0: nothing is explored.
  double timeout = 5;               ///< Seconds after which a run is taken never to end.
  std::string repository = ".";
  std::string build_target = "reference";
  std::vector<std::string> only;       ///< Paths that are the revisions' own; none: everything is.
  std::vector<std::string> configure;  ///< More words for cmake.
  std::string scratch = "build/audit";
  std::string proofs = "none";  ///< "none", or a size of `labyrinth prove`.
  ResultFiles results;
  bool json = false;
  bool verbose = false;
};

CLI::App* add_audit(CLI::App& app, AuditOptions& options);

[[nodiscard]] int verb_audit(const AuditOptions& options);

}  // namespace labyrinth::tool
