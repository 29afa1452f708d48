// The options of `labyrinth corpus`, and its verbs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verbs.hpp"

namespace CLI {
class App;
}

namespace labyrinth::tool {

struct CorpusOptions : Common {
  std::string verb;                ///< "triage", "add", ...
  std::vector<std::string> paths;  ///< Files and directories.
  std::string corpus = "corpus";   ///< That has seeds/ and regressions/.
  std::string output;              ///< Directory for what is written.
  std::string as = "regression";   ///< Or "seed".
  std::string name;                ///< Of the new file, without its ending.
  std::string shows;               ///< A sentence for the comment.
  std::string engine, seed;        ///< Where the files do not say.
  std::string form = "binary";     ///< Or "text".
  std::uint64_t budget = 100'000;  ///< Runs of the shrinker, for each signature.
  double seconds = 20;             ///< For the replay of one input.
  std::uint64_t neighbours = 200;  ///< Schedules beside that of each trace.
  bool moves = false;              ///< Remove the file that was added.
  bool fixes = false;              ///< Write what is not canonical anew.
};

CLI::App* add_corpus(CLI::App& app, CorpusOptions& options);

[[nodiscard]] int verb_corpus(const CorpusOptions& options);

[[nodiscard]] int corpus_triage(const CorpusOptions& options);
[[nodiscard]] int corpus_add(const CorpusOptions& options);
[[nodiscard]] int corpus_check(const CorpusOptions& options);
[[nodiscard]] int corpus_minimize(const CorpusOptions& options);
[[nodiscard]] int corpus_merge(const CorpusOptions& options);
[[nodiscard]] int corpus_stats(const CorpusOptions& options);
[[nodiscard]] int corpus_convert(const CorpusOptions& options);

}  // namespace labyrinth::tool
