// The parts of an audit, in the order in which they are done.
#pragma once

#include <array>
#include <vector>

#include "audit_session.hpp"
#include "audit_sides.hpp"
#include "corpus_files.hpp"

namespace labyrinth::tool {

/// Every trace of the corpus, with its schedule, on both sides.
void replay_both(AuditSession& session, const std::vector<CorpusInput>& corpus);

/// Random programs, and the corpus as the fuzzers change it, on both sides, for the time that the options
/// give: first for what only one side breaks, then for answers that differ.
void fuzz_both(AuditSession& session, const std::vector<CorpusInput>& corpus);

/// Steps declared and seen, the size of the objects, and speed.
void measure_both(AuditSession& session, const std::array<AuditSide, 2>& sides,
                  const std::vector<CorpusInput>& corpus);

/// `labyrinth prove` in both builds.
void prove_both(AuditSession& session, const std::array<AuditSide, 2>& sides);

}  // namespace labyrinth::tool
