// A search that was stopped, in a file that `labyrinth explore --resume` goes on from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exploration.hpp"

namespace labyrinth::tool {

struct Resume {
  std::string
      search;  ///< What is searched, in words: target, programs, options. Another cannot go on from it.
  std::uint64_t item =
      0;           ///< The program that was being explored: number of the file, or of the shape's program.
  int bound = -1;  ///< On preemptions, at that time.
  std::vector<std::uint64_t> words;  ///< machine::Explorer::save().
  Explored total;  ///< Of the programs before it; of it too, but for the counts, which are in `words`.
};

/// Nothing if there is no such file. Prints what is wrong with one that cannot be gone on from, and sets
/// `failed`.
[[nodiscard]] std::optional<Resume> load_resume(const std::string& path, const std::string& search,
                                                bool& failed);

/// Replaces the file, whole or not at all; says on stderr if it cannot.
bool save_resume(const std::string& path, const Resume& resume);

}  // namespace labyrinth::tool
