// Explorations for tests: a few bodies on virtual CPUs, taken through all their runs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "labyrinth/machine/explorer.hpp"
#include "labyrinth/machine/random.hpp"
#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {

struct Explored {
  ExplorerCounts counts;
  bool complete = false;
  std::unordered_map<std::uint64_t, std::string> traces;  ///< With what was logged in the first run of each.
  std::uint64_t parts = 1;                                ///< Explorers that took part.
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
    Explorer explorer(options);
    Machine machine;
    Explored result;
    do {
      run(machine, explorer, cpus, options.memory, result);
    } while (explorer.next_run());
    result.counts = explorer.counts();
    result.complete = explorer.complete();
    return result;
  }

  /// The same, by explorers that take turns and give parts of what they have to others, by chance.
  /// `same_addresses`: among forked processes, else among machines.
  Explored explore_in_parts(ExplorerOptions options, std::uint64_t seed, bool same_addresses,
                            std::uint8_t cpus = 4) {
    Machine machine;
    Explored result;
    std::vector<std::unique_ptr<Explorer>> explorers;
    explorers.push_back(std::make_unique<Explorer>(options));
    result.complete = true;
    while (!explorers.empty()) {
      auto& at = explorers[random_below(seed, static_cast<std::uint32_t>(explorers.size()))];
      Explorer& explorer = *at;
      run(machine, explorer, cpus, options.memory, result);
      std::vector<std::uint64_t> words;
      if (random_below(seed, 3) == 0) {
        words = explorer.split(same_addresses ? Explorer::Reader::kForked : Explorer::Reader::kAnyone);
      }
      if (!explorer.next_run()) {
        end(explorer, result);
        at.swap(explorers.back());
        explorers.pop_back();
      }
      if (words.empty()) continue;
      ++result.parts;
      auto next = std::make_unique<Explorer>(options);
      EXPECT_TRUE(next->restore(words));
      if (next->next_run()) {
        explorers.push_back(std::move(next));
      } else {
        end(*next, result);
      }
    }
    return result;
  }

  /// What the bodies of the present run have written down.
  std::string log;

 private:
  void run(Machine& machine, Explorer& explorer, std::uint8_t cpus, MemoryModel memory, Explored& result) {
    for (std::size_t i = 0; i < bodies_.size(); ++i) functions_[i].argument = &bodies_[i];
    if (begin_) begin_();
    log.clear();
    machine.observe(&explorer);
    const Outcome& outcome = machine.run(functions_, cpus, explorer, memory);
    machine.observe(nullptr);
    if (!explorer.end_run(outcome)) return;
    result.traces.try_emplace(explorer.trace(), log);
    if (outcome.kind == Outcome::Kind::kViolation) ++result.violations[outcome.violation.clause];
    if (outcome.kind == Outcome::Kind::kClean && outcome_) ++result.outcomes[outcome_()];
  }
  static void end(const Explorer& explorer, Explored& result) {
    result.counts.executions += explorer.counts().executions;
    result.counts.redundant += explorer.counts().redundant;
    result.counts.pruned += explorer.counts().pruned;
    result.complete = result.complete && explorer.complete();
  }

  std::vector<Body> bodies_;
  std::vector<Function> functions_;
  Body begin_;
  std::function<std::string()> outcome_;
};

}  // namespace labyrinth::machine::testing
