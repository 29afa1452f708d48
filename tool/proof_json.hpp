// Proofs for programs to read, and the commands that lead to a violation again.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "proof_result.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

[[nodiscard]] nlohmann::json list_json(const std::vector<const Proof*>& proofs);
[[nodiscard]] nlohmann::json proofs_json(const ProveOptions& options, const Cbmc& cbmc,
                                         const std::vector<ProofResult>& results, double seconds);
void print_json(const nlohmann::json& json);

/// FILE:LINE of the C++, or what stands for it.
[[nodiscard]] std::string place(const Property& property);
/// This proof again, and its counterexample with every step, each for a shell to take.
[[nodiscard]] std::string prove_command(const ProveOptions& options, const ProofResult& result);
[[nodiscard]] std::string cbmc_command(const ProveOptions& options, const Cbmc& cbmc,
                                       const ProofResult& result);

}  // namespace labyrinth::tool
