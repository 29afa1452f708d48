// The mutants: the reference allocator with one real bug put back in, and the engines that have to find it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace labyrinth::tool {

struct Mutant {
  std::string name;
  std::string breaks;            ///< What its patch says that it breaks: "X1, X4".
  std::filesystem::path target;  ///< The shared object with hooks.
  std::filesystem::path trace;   ///< That shows it, and whose program is explored.
  bool weak = false;             ///< Only `memory rc11` shows it.
};

/// Where everything lies.
struct MutantPlaces {
  std::filesystem::path sources = ".";  ///< The repository: proofs/mutants/, corpus/.
  std::filesystem::path build;          ///< The build: targets/mutant-NAME.so, and the engines.
};

/// In the order of their names. Prints what is wrong and returns nothing if there are none, or if one that is
/// asked for by `names` is not there; none asks for all.
[[nodiscard]] std::optional<std::vector<Mutant>> find_mutants(const MutantPlaces& places,
                                                              const std::vector<std::string>& names);

/// What an engine is to do.
struct MutantHunt {
  const Mutant& mutant;
  const MutantPlaces& places;
  std::filesystem::path scratch;  ///< A directory of this hunt's own.
  std::uint32_t seed;
  double seconds;  ///< It is ended then.
};

struct MutantEngine {
  const char* name;
  const char* what;  ///< It does, for the help.
  bool by_chance;    ///< A seed makes a difference.
  bool keeps_time;   ///< It ends by itself when its time is over, with what it has found saved.
  /// The command line; nothing: this engine has no part for the mutant.
  std::optional<std::vector<std::string>> (*command)(const MutantHunt& hunt);
};

[[nodiscard]] const std::vector<MutantEngine>& mutant_engines();

}  // namespace labyrinth::tool
