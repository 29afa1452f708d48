// Other programs that an audit runs: git, cmake, ninja, and this command itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "descriptor.hpp"
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

/// Until it goes, no other audit builds in that directory, which is there.
class BuildLock {
 public:
  /// Waits for who has it; not any more after Ctrl-C.
  BuildLock(const std::string& directory, StatusLine& status);
  [[nodiscard]] explicit operator bool() const noexcept { return held_; }

 private:
  Descriptor file_;
  bool held_ = false;
};

}  // namespace labyrinth::tool
