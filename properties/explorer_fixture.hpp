// Explorations for tests: a few bodies on virtual CPUs, taken through all their runs.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "labyrinth/machine/explorer.hpp"
#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {

struct Explored {
  ExplorerCounts counts;
  bool complete = false;
  std::unordered_map<std::uint64_t, std::string> traces;  ///< With what was logged in the first run of each.
  std::map<std::string, std::uint64_t> outcomes;  ///< What `outcome` said after each run, and how often.
  std::map<model::Clause, std::uint64_t> violations;
};

/// Bodies, what they begin with and what they end in.
class Exploration {
 public:
  using Body = std::function<void()>;

  Exploration& task(std::uint8_t cpu, Body body) { return handler(Level::kTask, cpu, std::move(body)); }
  Exploration& handler(Level level, std::uint8_t cpu, Body body) {
    bodies_.push_back(std::move(body));
    functions_.push_back({level, cpu, [](void* self) { (*static_cast<Body*>(self))(); }, nullptr});
    return *this;
  }
  /// Before each run: everything the bodies share is given its first value.
  Exploration& begin(Body body) {
    begin_ = std::move(body);
    return *this;
  }
  /// After each clean run: what it has come to, in words.
  Exploration& outcome(std::function<std::string()> outcome) {
    outcome_ = std::move(outcome);
    return *this;
  }

  Explored explore(ExplorerOptions options = {}, std::uint8_t cpus = 4) {
    for (std::size_t i = 0; i < bodies_.size(); ++i) functions_[i].argument = &bodies_[i];
    Explorer explorer(options);
    Machine machine;
    Explored result;
    machine.observe(&explorer);
    do {
      const ExplorerCounts& counts = explorer.counts();
      if (counts.executions + counts.redundant + counts.cut == 0) result = {};  // It begins, or begins anew.
      if (begin_) begin_();
      log.clear();
      const Outcome& outcome = machine.run(functions_, cpus, explorer, options.memory);
      if (!explorer.end_run(outcome)) continue;
      result.traces.try_emplace(explorer.trace(), log);
      if (outcome.kind == Outcome::Kind::kViolation) ++result.violations[outcome.violation.clause];
      if (outcome.kind == Outcome::Kind::kClean && outcome_) ++result.outcomes[outcome_()];
    } while (explorer.next_run());
    machine.observe(nullptr);
    result.counts = explorer.counts();
    result.complete = explorer.complete();
    return result;
  }

  /// What the bodies of the present run have written down.
  std::string log;

 private:
  std::vector<Body> bodies_;
  std::vector<Function> functions_;
  Body begin_;
  std::function<std::string()> outcome_;
};

}  // namespace labyrinth::machine::testing
