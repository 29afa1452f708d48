// What a verdict does not say: requirements that are not checked of a target, for what it cannot do.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "labyrinth/machine/machine.hpp"

namespace labyrinth::tool {

/// A line for each, "not checked: CLAUSE WHY"; "" if everything is.
[[nodiscard]] std::string not_checked_text(const machine::Target& target);
/// The same of what not_checked_json() gave, perhaps in another process.
[[nodiscard]] std::string not_checked_text(const nlohmann::json& list);
/// [{"clause": "E1", "why": "…"}, …]
[[nodiscard]] nlohmann::json not_checked_json(const machine::Target& target);

}  // namespace labyrinth::tool
