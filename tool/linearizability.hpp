// Linearizability of explored runs, beside the online rules: what was judged, and whether the two agree.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "labyrinth/machine/history.hpp"
#include "labyrinth/machine/linearize.hpp"
#include "labyrinth/machine/machine.hpp"

namespace labyrinth::tool {

using Tally = std::map<std::string, std::uint64_t, std::less<>>;

/// Of the histories of a search.
struct HistoryCounts {
  std::uint64_t explained = 0;    ///< By some order, and the online rules objected to nothing.
  std::uint64_t both_broken = 0;  ///< The online rules objected, and no order explains it.
  std::uint64_t unexplained = 0;  ///< By no order, though the online rules objected to nothing: L1.
  Tally explained_all_the_same;  ///< The online rules objected, by signature; and yet some order explains it.
  Tally known;                   ///< The same where the rule is known to ask for more.
  Tally not_judged;              ///< By reason.

  [[nodiscard]] std::uint64_t judged() const { return explained + both_broken + unexplained; }
  void join(const HistoryCounts& other);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] nlohmann::json json() const;
  /// What json() says.
  void restore(const nlohmann::json& json);
};

/// Records the runs of a machine as long as it lives.
class HistoryJudge {
 public:
  explicit HistoryJudge(machine::Machine& machine);
  ~HistoryJudge();
  HistoryJudge(const HistoryJudge&) = delete;
  HistoryJudge& operator=(const HistoryJudge&) = delete;

  /// Counts the last run. Returns the broken L1, if the run is one that only it objects to.
  [[nodiscard]] machine::Violation judge(const machine::Trace& trace, const machine::Outcome& outcome,
                                         HistoryCounts& counts);

 private:
  machine::Machine& machine_;
  std::unique_ptr<machine::History> history_;
  machine::Linearizer linearizer_;
};

}  // namespace labyrinth::tool
