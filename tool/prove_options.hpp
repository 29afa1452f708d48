// The options of `labyrinth prove`.
#pragma once

#include "verbs.hpp"

namespace CLI {
class App;
}

namespace labyrinth::tool {

CLI::App* add_prove(CLI::App& app, ProveOptions& prove);

}  // namespace labyrinth::tool
