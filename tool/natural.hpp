// Numbers on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace labyrinth::tool {

/// CLI11 2.1 takes -1 for 2^64 - 1.
inline const CLI::Validator natural(
    [](const std::string& text) {
      return text.starts_with("-") ? std::string("a number from 0 on is wanted, not ") + text : std::string();
    },
    "NATURAL");

}  // namespace labyrinth::tool
