// A trace of a counterexample: explores what may show it on a target, and keeps what does like any other
// finding.
#pragma once

#include <cstdint>
#include <string>

#include "proof_result.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

/// Looks for one within options.trace_seconds. `result` is violated, and its inputs may be known.
[[nodiscard]] ProofTrace find_trace(const ProveOptions& options, const ProofResult& result);

/// What a person is told of it.
[[nodiscard]] std::string trace_text(const ProofTrace& trace);

}  // namespace labyrinth::tool
