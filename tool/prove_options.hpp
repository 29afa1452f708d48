// The options of `labyrinth prove`.
#pragma once

#include <CLI/CLI.hpp>

#include "verbs.hpp"

namespace labyrinth::tool {

CLI::App* add_prove(CLI::App& app, ProveOptions& prove);

}  // namespace labyrinth::tool
