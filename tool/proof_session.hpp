// Runs proofs, several runs at a time: which run is next, and what follows from one that is done.
#pragma once

#include <deque>
#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proof_cache.hpp"
#include "proof_result.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

/// The directory of the manifest and the C files: beside the program.
[[nodiscard]] std::string default_proofs();

/// The C file of a proof, or of the proof over a mutant.
[[nodiscard]] std::filesystem::path proof_file(const std::string& directory, const Proof& proof,
                                               const std::string& mutant);

class ProofSession {
 public:
  ProofSession(const ProveOptions& options, const Cbmc& cbmc, unsigned jobs);
  ~ProofSession();
  ProofSession(const ProofSession&) = delete;
  ProofSession& operator=(const ProofSession&) = delete;
  /// Results in the order of `proofs`.
  [[nodiscard]] std::vector<ProofResult> run(const std::vector<const Proof*>& proofs);
  [[nodiscard]] double seconds() const { return status_.elapsed(); }

 private:
  struct Task {
    ProofResult* result = nullptr;
    Question question = Question::kProof;
    std::size_t mutant = 0;
    std::string text, key;  ///< Of the C file; of the result.
    bool keeps = false;     ///< The key says all that decides the result.
    std::unique_ptr<ProofProcess> process;
  };
  void queue(std::vector<ProofResult>& results);
  void start(Task task);
  void watch();
  void done(Task& task, RunResult run);
  void show_progress();
  [[nodiscard]] double limit(const Proof& proof) const;
  [[nodiscard]] std::string mutant_of(const Task& task) const;

  const ProveOptions& options_;
  const Cbmc& cbmc_;
  unsigned jobs_;
  ProofCache cache_;
  StatusLine status_;
  std::filesystem::path scratch_;
  std::deque<Task> waiting_;
  std::list<Task> running_;
  std::size_t started_ = 0, done_ = 0;
};

}  // namespace labyrinth::tool
