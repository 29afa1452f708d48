// How a program of the suite ends.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "exit_codes.hpp"

namespace labyrinth::tool {

/// The exit code of the program `name`: run()'s, but never clean if it could not say all that it had to say,
/// or was ended by an exception.
template <class Run>
[[nodiscard]] int ending_of(const char* name, const Run& run) {
  try {
    const int code = run();
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    std::fprintf(stderr, "%s: what was found could not be printed in full: %s\n", name, std::strerror(errno));
    return code == kClean ? kInconclusive : code;
  } catch (
      const std::exception& error) {  // Out of memory, of processes, or a file system that fails under us.
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return kInconclusive;
  }
}

}  // namespace labyrinth::tool
