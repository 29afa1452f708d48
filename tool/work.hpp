// What is left of an exploration, in pieces that one process at a time can go on with.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "exploration.hpp"

namespace labyrinth::tool {

/// A program from somewhere on, and the programs after it.
struct Work {
  std::uint64_t program = 0;  ///< The number of the first.
  std::uint64_t end = 0;      ///< All numbers are below.
  int bound = -1;             ///< On preemptions, of the first.
  bool part = false;          ///< It is a part of a search of the first, of which others have the rest.
  double share = 1;           ///< About how much of the first program it is.
  std::vector<std::uint64_t> words;  ///< machine::Explorer's; none: from the beginning.
};

/// A search that is in parts.
struct SharedSearch {
  int bound = -1;
  Explored known;  ///< From the parts that are done.
};

/// Everything that is left, for a file.
struct Resume {
  std::string
      search;  ///< What is searched, in words: target, programs, options. Another cannot go on from it.
  std::vector<Work> work;
  std::map<std::uint64_t, SharedSearch> shared;  ///< By program: those that have parts among `work`.
  Explored total;  ///< What is known besides: the counts of what has begun are in its words.
};

/// Executions that the words of a piece stand for; all that were made.
[[nodiscard]] std::uint64_t executions(const Work& work);
[[nodiscard]] std::uint64_t executions(const Resume& resume);

}  // namespace labyrinth::tool
