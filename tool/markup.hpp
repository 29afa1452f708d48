// Text within HTML and XML.
#pragma once

#include <string>

namespace labyrinth::tool {

/// For elements and attributes.
[[nodiscard]] inline std::string escaped(const std::string& text) {
  std::string out;
  for (const char letter : text)
    out += letter == '<'    ? "&lt;"
           : letter == '>'  ? "&gt;"
           : letter == '&'  ? "&amp;"
           : letter == '"'  ? "&quot;"
           : letter == '\'' ? "&#39;"
                            : std::string(1, letter);
  return out;
}

}  // namespace labyrinth::tool
