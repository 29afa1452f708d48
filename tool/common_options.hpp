// Options that many verbs have.
#pragma once

#include <optional>

#include "labyrinth/machine/trace.hpp"
#include "verbs.hpp"

namespace CLI {
class App;
}

namespace labyrinth::tool {

/// --target, --json, --verbose; --findings for verbs that save some.
void add_common(CLI::App& verb, Common& options, bool finds);
/// --memory
void add_memory(CLI::App& verb, std::optional<machine::MemoryModel>& memory);
/// --timeout
void add_timeout(CLI::App& verb, Common& options);

}  // namespace labyrinth::tool
