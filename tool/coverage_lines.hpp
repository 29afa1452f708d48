// Which lines of which files a corpus reaches, from what llvm-cov exports in lcov's format.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace labyrinth::tool {

struct FileLines {
  std::size_t lines = 0;              ///< That can be executed.
  std::vector<unsigned> uncovered{};  ///< Of these, not reached; ascending.
};

/// By path, from the text of `llvm-cov export -format=lcov`.
[[nodiscard]] std::map<std::string, FileLines> lines_of(const std::string& lcov);

/// "12-15, 40"
[[nodiscard]] std::string ranges_text(const std::vector<unsigned>& lines);

}  // namespace labyrinth::tool
