// labyrinth fuzz coverage.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace labyrinth::tool {

struct CoverageOptions {
  std::vector<std::string> paths;   ///< Corpora; none: corpus/.
  std::string output = "coverage";  ///< Directory of the report, made anew.
  std::string target;               ///< Built with coverage; "": the reference allocator.
  bool json = false;
};

void add_coverage(CLI::App& verb, CoverageOptions& options);

/// What the corpora reach of impl/ and model/: an HTML report, a summary, and the lines of impl/ not reached.
[[nodiscard]] int verb_fuzz_coverage(const CoverageOptions& options);

/// The same from the words behind `labyrinth fuzz coverage`.
[[nodiscard]] int fuzz_coverage(std::vector<std::string> arguments);

}  // namespace labyrinth::tool
