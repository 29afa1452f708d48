// The options for machines that collect results, the same for every verb that can find something.
#pragma once

#include <CLI/CLI.hpp>

#include "results.hpp"

namespace labyrinth::tool {

inline void add_results(CLI::App& verb, ResultFiles& files) {
  verb.add_option("--sarif", files.sarif, "Write what was found to this file, as SARIF 2.1.0");
  verb.add_option("--junit", files.junit, "Write what was looked at to this file, as JUnit's XML");
}

}  // namespace labyrinth::tool
