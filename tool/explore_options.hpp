// The options of `labyrinth explore`.
#pragma once

#include <string>
#include <vector>

#include "verbs.hpp"

namespace CLI {
class App;
}

namespace labyrinth::tool {

/// What the shape's flags and levels are called on the command line.
struct ShapeNames {
  std::vector<std::string> flags, levels, only, except;
};

CLI::App* add_explore(CLI::App& app, ExploreOptions& explore, ShapeNames& names);

/// False, after saying why: a name is none.
[[nodiscard]] bool read_names(const ShapeNames& names, Shape& shape);

}  // namespace labyrinth::tool
