// Triage: what became of inputs that once failed, one by one and by signature.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
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
  /// What was looked at, where it is not what the input says: see look_at().
  std::optional<machine::TraceFile> near{};
};

/// Replays each input twice in child processes: kFickle is what differs from one replay to the next. Of bytes
/// that are clean themselves the schedules near them are run, too, as `labyrinth_afl` does with each test
/// case: it may be one of these that AFL++ has kept the input for (`Look::near`). `seen` is told each and
/// stops by returning false. `seconds`: for one input; what takes longer has died of a timeout.
void look_at(machine::Machine& machine, const machine::Target& target, const std::vector<CorpusInput>& inputs,
             double seconds, const std::function<bool(std::size_t, const Look&)>& seen);
[[nodiscard]] Look look_at(machine::Machine& machine, const machine::Target& target,
                           const CorpusInput& input);

/// Makes of `input` what was looked at instead (`Look::near`), and says so.
void take_near(CorpusInput& input, const machine::TraceFile& near);

/// The text of `input` made small, with header and record, its signature kept; in a child process. "" if
/// nothing came back. `budget`: runs.
[[nodiscard]] std::string make_small(machine::Machine& machine, const machine::Target& target,
                                     const CorpusInput& input, const Look& look, std::uint64_t budget);

}  // namespace labyrinth::tool
