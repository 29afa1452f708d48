// Searches in JSON: in a file that `labyrinth explore --resume` goes on from, and from process to process.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "work.hpp"

namespace labyrinth::tool {

/// Nothing if there is no such file. Prints what is wrong with one that cannot be gone on from, and sets
/// `failed`.
[[nodiscard]] std::optional<Resume> load_resume(const std::string& path, const std::string& search,
                                                bool& failed);

/// Replaces the file, whole or not at all; says on stderr if it cannot.
bool save_resume(const std::string& path, const Resume& resume);

[[nodiscard]] nlohmann::json to_json(const Explored& explored);
[[nodiscard]] nlohmann::json to_json(const Work& work);
/// They throw nlohmann::json::exception where something is missing.
[[nodiscard]] Explored explored_from(const nlohmann::json& json);
[[nodiscard]] Work work_from(const nlohmann::json& json);

}  // namespace labyrinth::tool
