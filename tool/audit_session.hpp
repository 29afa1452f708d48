// What an audit has come to know, and looking closer at each difference before the search goes on: whatever
// ends the audit then, what was found is there.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "audit_options.hpp"
#include "audit_pair.hpp"
#include "audit_rows.hpp"
#include "steps.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {

/// A trace that does not do the same on both sides.
struct Candidate {
  enum class Kind : std::uint8_t {
    kWrong,     ///< `side` breaks a clause, or dies, and the other one does not.
    kParting,   ///< Answers differ, neither is wrong.
    kPossible,  ///< Answers that a schedule leads to on `side`, and none on the other one.
  };
  Kind kind = Kind::kWrong;
  Which side = Which::kNew;
  machine::Trace trace{};
  std::string key;     ///< The signature, or what the answers are.
  std::string origin;  ///< Where it was found.
};
[[nodiscard]] nlohmann::json to_json(const Candidate& candidate);
[[nodiscard]] Candidate candidate_from(const nlohmann::json& json);
/// Candidates of one name are one finding.
[[nodiscard]] std::string name_of(const Candidate& candidate);

struct AuditFinding {
  enum class Kind : std::uint8_t { kWorse, kBetter, kBoth, kNoticeable };
  Kind kind = Kind::kWorse;
  std::string what;                ///< "X3-free-task", "alloc: ok, then exhausted".
  std::vector<std::string> found;  ///< Where, of each trace that shows it.
  std::string trace;               ///< Text; small.
  std::string file;                ///< It was saved as; "": it could not be.
  std::array<Shown, 2> shown;
  std::string certainty;  ///< What is known of the other side's schedules; "": nothing.
  std::vector<SideRow> rows;
};

/// The rest of an audit: whatever it says of speed or proofs is text for a person and JSON for a program.
struct AuditMeasure {
  std::string what;                 ///< "text, bytes"
  std::array<std::string, 2> side;  ///< Of OLD, of NEW.
  std::string verdict;              ///< "better", "worse", "the same", "no difference seen", …
};

class AuditSession {
 public:
  AuditSession(const AuditOptions& options, AuditPair& pair) : options_(options), pair_(pair) {}

  [[nodiscard]] const AuditOptions& options() const noexcept { return options_; }
  [[nodiscard]] AuditPair& pair() noexcept { return pair_; }
  [[nodiscard]] StatusLine& status() noexcept { return status_; }

  /// Looks closer at it, unless a finding of its name is there.
  void found(const Candidate& candidate);
  /// The trace is wrong on both sides, by `signatures`.
  void wrong_on_both(const std::string& origin, const std::array<Shown, 2>& shown);
  /// `needed`: without it nobody knows whether something that was right became wrong.
  void undecided(const std::string& what, bool needed);
  void add(AuditFinding finding) { findings_.push_back(std::move(finding)); }
  void measured(AuditMeasure measure) { measures_.push_back(std::move(measure)); }
  void did(std::string what) { done_.push_back(std::move(what)); }
  /// The largest numbers of steps seen.
  [[nodiscard]] StepTable& steps(Which side) noexcept { return steps_.at(index(side)); }

  [[nodiscard]] const std::vector<AuditFinding>& findings() const noexcept { return findings_; }
  [[nodiscard]] const std::vector<AuditMeasure>& measures() const noexcept { return measures_; }
  [[nodiscard]] const std::vector<std::string>& done() const noexcept { return done_; }
  [[nodiscard]] const std::vector<std::string>& open() const noexcept { return undecided_; }
  [[nodiscard]] int code() const noexcept;

 private:
  [[nodiscard]] AuditFinding* known(const std::string& name);
  void save(AuditFinding& finding, const Candidate& candidate) const;

  const AuditOptions& options_;
  AuditPair& pair_;
  StatusLine status_;
  std::vector<AuditFinding> findings_;
  std::map<std::string, std::size_t> places_;  ///< Of findings, by name.
  std::map<std::string, unsigned> looks_;      ///< So many that turned out to be wrong on both sides.
  std::vector<AuditMeasure> measures_;
  std::vector<std::string> done_, undecided_;
  std::array<StepTable, 2> steps_;
  bool needs_more_ = false;
};

}  // namespace labyrinth::tool
