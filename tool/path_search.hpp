// Programs of others, as a shell finds them.
#pragma once

#include <string>

namespace labyrinth::tool {

/// The path of a program in PATH, or of one named with its path; "" if there is none that can be run.
[[nodiscard]] std::string find_program(const std::string& name);

/// The first line that `PROGRAM --version` prints; "" if it prints none.
[[nodiscard]] std::string version_of(const std::string& program);

/// The first line that the command, for a shell, prints; "" if it prints none.
[[nodiscard]] std::string first_line_of(const std::string& command);

/// Of the environment; "" if it is not there.
[[nodiscard]] std::string environment(const char* name);

}  // namespace labyrinth::tool
