// The exploration of one program on one side: what is broken, and which answers are possible at all.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "audit_pair.hpp"
#include "steps.hpp"

namespace labyrinth::tool {

/// What is known of all runs of a program on one side.
struct SideExplored {
  std::uint64_t executions = 0;
  std::string cut;  ///< Why not of all; "": of all.
  bool refused = false;
  std::map<std::string, std::string> broken;   ///< Signature, and the text of a trace.
  std::map<std::string, std::string> answers;  ///< Of all calls of a clean run, and the text of a trace.
  StepTable steps;
};
[[nodiscard]] nlohmann::json to_json(const SideExplored& explored);
[[nodiscard]] SideExplored side_explored_from(const nlohmann::json& json);

/// For one program on one side; what takes longer is cut off, and said to be.
inline constexpr double kSecondsOfProgram = 10;

/// Ends at the first violation, and after so many executions.
[[nodiscard]] SideExplored explore_side(AuditPair& pair, Which side, const machine::Trace& program,
                                        std::uint64_t executions);

}  // namespace labyrinth::tool
