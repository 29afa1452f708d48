// The manifest of the proofs, proofs.toml: what each one states, and how it is to be run.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace labyrinth::tool {

enum class ProofSize { kQuick, kStandard, kNightly };
[[nodiscard]] const char* name(ProofSize size);
[[nodiscard]] std::optional<ProofSize> proof_size_of_name(const std::string& name);

struct Proof {
  std::string name;
  std::string statement;
  std::string geometry;
  unsigned unwind = 0;
  bool cadical = false;  ///< Else the solver that CBMC has built in.
  double seconds = 0;    ///< For each of its runs.
  ProofSize size = ProofSize::kStandard;
  std::vector<std::string> clauses, cover, mutants;
  std::string trace;               ///< How a counterexample becomes a trace (sketch_kinds()); "": it cannot.
  std::vector<std::string> flags;  ///< Of CBMC, besides those that every proof has.
};

/// Prints FILE:line:column: message for each thing that is wrong, and returns nothing then.
[[nodiscard]] std::optional<std::vector<Proof>> read_manifest(const std::string& path);

}  // namespace labyrinth::tool
