// What a person, or a program, is told of proofs.
#pragma once

#include <string>
#include <vector>

#include "proof_result.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

/// The manifest, of these proofs.
void print_list(const ProveOptions& options, const std::vector<const Proof*>& proofs);

/// Table, what is wrong and how to see it again, summary; or JSON.
void print_proofs(const ProveOptions& options, const Cbmc& cbmc, const std::vector<ProofResult>& results,
                  double seconds);

}  // namespace labyrinth::tool
