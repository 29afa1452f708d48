// lcov's records: SF:path, DA:line,count, end_of_record.
#include "coverage_lines.hpp"

#include <fmt/format.h>

#include <sstream>

namespace labyrinth::tool {

std::map<std::string, FileLines> lines_of(const std::string& lcov) {
  std::map<std::string, FileLines> files;
  std::istringstream records(lcov);
  FileLines* file = nullptr;
  for (std::string record; std::getline(records, record);) {
    if (record.starts_with("SF:")) {
      file = &files[record.substr(3)];
    } else if (record.starts_with("DA:") && file != nullptr) {
      const auto comma = record.find(',');
      ++file->lines;
      if (record.substr(comma + 1) == "0")
        file->uncovered.push_back(static_cast<unsigned>(std::stoul(record.substr(3, comma - 3))));
    }
  }
  return files;
}

std::string ranges_text(const std::vector<unsigned>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t last = i;
    while (last + 1 < lines.size() && lines[last + 1] == lines[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", lines[i]);
    if (last != i) text += fmt::format("-{}", lines[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace labyrinth::tool
