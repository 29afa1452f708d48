// Explorations of programs on both sides.
#pragma once

#include <vector>

#include "audit_session.hpp"
#include "corpus_files.hpp"

namespace labyrinth::tool {

/// The programs of the corpus, and some small ones, on both sides.
void explore_both(AuditSession& session, const std::vector<CorpusInput>& corpus);

}  // namespace labyrinth::tool
