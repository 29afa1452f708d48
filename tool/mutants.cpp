// Which mutants there are: the patches of proofs/mutants/, each with its build and its trace.
#include "mutants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

/// The first line of the file that begins with `word`, without it; "" if there is none.
[[nodiscard]] std::string line_after(const fs::path& file, const std::string& word) {
  std::ifstream text(file);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(word)) return line.substr(word.size());
  }
  return "";
}

/// "X5, X6 and M1: a frame of ..." to "X5, X6, M1".
[[nodiscard]] std::string requirements_of(const std::string& said) {
  std::string found;
  const std::string list = said.substr(0, said.find(':'));
  for (std::size_t i = 0; i + 1 < list.size(); ++i) {
    const bool begins = i == 0 || list[i - 1] == ' ';
    if (!begins || list[i] < 'A' || list[i] > 'Z' || list[i + 1] < '0' || list[i + 1] > '9') continue;
    if (!found.empty()) found += ", ";
    found += list.substr(i, 2);
  }
  return found;
}

}  // namespace

std::optional<std::vector<Mutant>> find_mutants(const MutantPlaces& places,
                                                const std::vector<std::string>& names) {
  std::vector<Mutant> mutants;
  const fs::path patches = places.sources / "proofs" / "mutants";
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(patches, error)) {
    if (entry.path().extension() != ".patch") continue;
    const std::string name = entry.path().stem();
    if (!names.empty() && std::ranges::find(names, name) == names.end()) continue;
    Mutant mutant{name, requirements_of(line_after(entry.path(), "Breaks ")),
                  places.build / "targets" / ("mutant-" + name + ".so"),
                  places.sources / "corpus" / "regressions" / (name + ".trace"), false};
    if (!fs::exists(mutant.target)) {
      fmt::print(stderr, "labyrinth: {} is not there; `ninja -C {} mutant-{}` builds it\n",
                 mutant.target.string(), places.build.string(), name);
      return std::nullopt;
    }
    mutant.weak = line_after(mutant.trace, "memory ").starts_with("rc11");
    mutants.push_back(std::move(mutant));
  }
  if (error || (mutants.empty() && names.empty())) {
    fmt::print(stderr,
               "labyrinth: there are no mutants in {}; run this in a checkout, or say with --sources where "
               "one is\n",
               patches.string());
    return std::nullopt;
  }
  std::ranges::sort(mutants, {}, &Mutant::name);
  for (const std::string& name : names) {
    if (std::ranges::find(mutants, name, &Mutant::name) != mutants.end()) continue;
    fmt::print(stderr, "labyrinth: there is no mutant `{}` in {}\n", name, patches.string());
    return std::nullopt;
  }
  return mutants;
}

}  // namespace labyrinth::tool
