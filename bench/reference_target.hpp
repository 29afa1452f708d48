// The reference allocator as the benchmarks of the machine load it: from beside them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <variant>

#include "labyrinth/machine/machine.hpp"

namespace labyrinth::bench {

[[nodiscard]] inline const struct labyrinth_target& reference() {
  static const auto target = [] {
    auto loaded = machine::Target::load(std::filesystem::canonical("/proc/self/exe").parent_path() /
                                        "../targets/reference.so");
    if (const auto* error = std::get_if<std::string>(&loaded)) {
      std::cerr << *error << '\n';
      std::exit(66);
    }
    return std::get<machine::Target>(loaded);
  }();
  return target.table();
}

}  // namespace labyrinth::bench
