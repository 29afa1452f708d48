// Other programs that an audit runs: git, cmake, ninja, and the command of another revision.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verbs.hpp"

namespace labyrinth::tool {

/// Runs it, what it prints going to the file `log` (or, of its standard output, to `output`), and shows
/// `what` it is on the status line. Its exit code; nothing if it was killed, or the audit was interrupted,
/// which ends it.
[[nodiscard]] std::optional<int> run_logged(const std::vector<std::string>& command, const std::string& log,
                                            const std::string& what, StatusLine& status,
                                            const std::string& output = "");

/// The first line that it prints, if it exits with 0.
[[nodiscard]] std::optional<std::string> first_line_of(const std::vector<std::string>& command,
                                                       const std::string& log);

/// The last lines of a log, for whoever has to mend it; and where it is.
void print_end_of(const std::string& log);

}  // namespace labyrinth::tool
