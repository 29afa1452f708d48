// The options of `labyrinth mutants`, and its help.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results.hpp"

namespace CLI {
class App;
}

namespace labyrinth::tool {

struct MutantsOptions {
  std::vector<std::string> names;    ///< None: all.
  std::vector<std::string> engines;  ///< Names of mutant_engines(); none: all.
  std::string sources = ".";
  std::string build;  ///< "" is where this program lies.
  std::uint32_t seed = 1;
  std::uint32_t seeds = 1;  ///< So many, from `seed` on; of several the median counts.
  double seconds = 60;      ///< For each engine on each mutant and seed.
  bool json = false;
  ResultFiles results;
};

CLI::App* add_mutants(CLI::App& app, MutantsOptions& options);

[[nodiscard]] int verb_mutants(const MutantsOptions& options);

}  // namespace labyrinth::tool
