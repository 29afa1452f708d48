// What differential fuzzing runs: programs by number, guided by what they cover on either side.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "audit_pair.hpp"
#include "audit_session.hpp"
#include "corpus_files.hpp"
#include "labyrinth/machine/machine.hpp"

namespace labyrinth::tool {

/// A round, then the next: what a round runs depends on the seed, its number and the rounds before it.
class FuzzRounds {
 public:
  static constexpr std::uint64_t kPrograms = 256;  ///< Of a round.

  /// All outlive it.
  FuzzRounds(AuditPair& pair, const std::vector<CorpusInput>& corpus, std::uint64_t seed);

  /// {"candidates": […], "runs": …, "kept": …, "steps": […, …]}
  [[nodiscard]] nlohmann::json run(std::uint64_t round);

 private:
  void one(std::uint64_t number);
  void change(std::uint64_t& chance);
  [[nodiscard]] const machine::Outcome& run(Which side, machine::Strategy& strategy);
  void in_order();
  template <class Run>
  void judge(Run run_on);
  void tell(const Candidate& candidate);
  [[nodiscard]] bool covers_more();

  AuditPair& pair_;
  std::uint64_t seed_;
  /// What is changed: the corpus, and programs that covered something first.
  std::vector<machine::Trace> pool_;
  std::vector<std::uint8_t> covered_;  ///< Bit per class of counts, of each counter.
  machine::Trace trace_{};
  std::string origin_;
  std::uint64_t runs_ = 0;
  std::array<StepTable, 2> steps_;
  std::set<std::string> told_;
  nlohmann::json candidates_;
};

}  // namespace labyrinth::tool
