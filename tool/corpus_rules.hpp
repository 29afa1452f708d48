// What every trace of the corpus has to be, beside clean: the rules that `corpus add` makes true and
// `corpus check` holds the files to.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "corpus_files.hpp"

namespace labyrinth::tool {

/// The requirements that a comment names: X1, M2, ...
[[nodiscard]] std::set<std::string> requirements_in(const std::string& comment);

/// All there are: the model's clauses, and M2, which is no clause of its own.
[[nodiscard]] const std::vector<std::string>& all_requirements();

/// Letters, digits, - and _: the same on every file system, and never an option.
[[nodiscard]] bool is_file_name(const std::string& name);

/// What a file breaks, in words, each with what to do; none: it is right. `mutants`: directory of patches, ""
/// if there is none. Of a regression the comment says what it fails on.
[[nodiscard]] std::vector<std::string> rules_broken(const CorpusInput& input, bool regression,
                                                    const std::string& mutants);

/// Traces whose schedule is a little beside that of `trace`, program and machine the same: departures moved,
/// left out, turned elsewhere.
[[nodiscard]] std::vector<machine::Trace> neighbours(const machine::Trace& trace, std::uint64_t count,
                                                     std::uint64_t seed);

}  // namespace labyrinth::tool
