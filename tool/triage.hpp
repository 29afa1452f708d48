// Triage: what became of inputs that once failed, one by one and by signature.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "corpus_files.hpp"
#include "labyrinth/machine/machine.hpp"

namespace labyrinth::tool {

/// What two replays of an input showed.
struct Look {
  enum class Kind { kClean, kViolation, kInconclusive, kFickle, kDied };
  Kind kind = Kind::kClean;
  std::string verdict;    ///< In words; of a death its name, "SIGSEGV" or "timeout".
  std::string signature;  ///< Of a violation, or of a death: "died-SIGSEGV".
  std::string clause;     ///< "X1"; "" of others than violations.
  std::string shows;      ///< The reason with its numbers.
  std::string unmatched;  ///< Decisions of the schedule that were not carried out, though any target could.
  std::size_t calls = 0, departures = 0;
};

/// Replays each input twice in child processes: kFickle is what differs from one replay to the next. `seen`
/// is told each and stops by returning false. `seconds`: for one input; what takes longer has died of a
/// timeout.
void look_at(machine::Machine& machine, const std::vector<CorpusInput>& inputs, double seconds,
             const std::function<bool(std::size_t, const Look&)>& seen);
[[nodiscard]] Look look_at(machine::Machine& machine, const CorpusInput& input);

/// The text of `input` made small, with header and record, its signature kept; in a child process. "" if
/// nothing came back. `budget`: runs.
[[nodiscard]] std::string make_small(machine::Machine& machine, const machine::Target& target,
                                     const CorpusInput& input, const Look& look, std::uint64_t budget);

}  // namespace labyrinth::tool
