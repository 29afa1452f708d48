// labyrinth corpus: which of its verbs.
#include "corpus_options.hpp"

namespace labyrinth::tool {

int verb_corpus(const CorpusOptions& options) {
  if (options.verb == "triage") return corpus_triage(options);
  if (options.verb == "add") return corpus_add(options);
  if (options.verb == "check") return corpus_check(options);
  if (options.verb == "minimize") return corpus_minimize(options);
  if (options.verb == "merge") return corpus_merge(options);
  if (options.verb == "stats") return corpus_stats(options);
  return corpus_convert(options);
}

}  // namespace labyrinth::tool
