// Results of earlier runs, by the hash of all that decides them. Only what went as it should is kept: a limit
// that was hit, or an error, is tried again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proof_result.hpp"

namespace labyrinth::tool {

/// What decides how a run ends. `parts`: the C file's text, flags, versions, in an order that is always the
/// same.
[[nodiscard]] std::string cache_key(const std::vector<std::string>& parts);

class ProofCache {
 public:
  /// `directory`: "" keeps nothing.
  explicit ProofCache(std::filesystem::path directory) : directory_(std::move(directory)) {}
  /// An entry that is damaged is none.
  [[nodiscard]] std::optional<RunResult> find(Question question, const std::string& key) const;
  /// Says once if it cannot be written; the result holds all the same.
  void keep(Question question, const std::string& key, const RunResult& run);

 private:
  std::filesystem::path directory_;
  bool complained_ = false;
};

/// $XDG_CACHE_HOME/labyrinth/proofs, else ~/.cache/labyrinth/proofs; "" without a home.
[[nodiscard]] std::filesystem::path default_cache();

}  // namespace labyrinth::tool
