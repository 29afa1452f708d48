// The words of the text form that stand in tables, for dictionaries.
#pragma once

#include <string_view>
#include <vector>

namespace labyrinth::machine {

/// Those that cannot be names of calls, and all flags.
[[nodiscard]] std::vector<std::string_view> words_in_tables();

}  // namespace labyrinth::machine
