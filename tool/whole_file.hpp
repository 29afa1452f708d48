// Files that are there whole or not at all.
#pragma once

#include <string>

namespace labyrinth::tool {

/// Write `text` to a new file at `path`, whole or not at all. 0, or an errno: EEXIST if there is one already.
[[nodiscard]] int write_new(const std::string& path, const std::string& text);
/// The same in the place of what is there; what is no file, or a link, is written to as it is. 0, or an
/// errno.
[[nodiscard]] int write_whole(const std::string& path, const std::string& text);

}  // namespace labyrinth::tool
