// Bodies that are run again and again under random strategies, for tests of these.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "labyrinth/machine/explorer.hpp"
#include "labyrinth/machine/strategies.hpp"
#include "machine_fixture.hpp"

namespace labyrinth::machine::testing {

/// Bodies that write down what they see, run again and again under strategies.
class Sampled {
 public:
  using Body = std::function<void()>;

  Sampled& body(Level level, std::uint8_t cpu, Body body) {
    bodies_.push_back(std::make_unique<Body>(std::move(body)));
    functions_.push_back(
        {level, cpu, [](void* self) { (*static_cast<Body*>(self))(); }, bodies_.back().get()});
    cpus_ = std::max(cpus_, static_cast<std::uint8_t>(cpu + 1));
    return *this;
  }
  Sampled& task(std::uint8_t cpu, Body body) { return this->body(Level::kTask, cpu, std::move(body)); }
  Sampled& begin(Body body) {
    begin_ = std::move(body);
    return *this;
  }

  const Outcome& run(Strategy& strategy) {
    log.clear();
    if (begin_) begin_();
    return machine_.run(functions_, cpus_, strategy);
  }
  const Estimate& survey() {
    survey_->reset();
    return survey_->finish(run(*survey_));
  }
  /// The orders that all runs together can come in, by the explorer.
  std::map<std::string, std::uint64_t> all_orders() {
    std::map<std::string, std::uint64_t> orders;
    Explorer explorer({.reduces = false});
    machine_.observe(&explorer);
    do {
      if (explorer.end_run(run(explorer))) ++orders[log];
    } while (explorer.next_run());
    machine_.observe(nullptr);
    EXPECT_TRUE(explorer.complete());
    return orders;
  }
  [[nodiscard]] std::size_t contexts() const { return functions_.size(); }

  std::string log;

 private:
  Machine machine_;
  std::vector<std::unique_ptr<Body>> bodies_;
  std::vector<Function> functions_;
  Body begin_;
  std::uint8_t cpus_ = 1;
  std::unique_ptr<Survey> survey_ = std::make_unique<Survey>(true);
};

enum class Which : std::uint8_t { kWalk, kPct, kPos, kSurw };

/// As the command runs them.
inline const Outcome& run(Sampled& program, Which which, std::uint64_t seed, const Estimate& estimate,
                          std::uint32_t depth = 3, bool migrates = false) {
  const std::uint64_t mixed = seed << 20;
  switch (which) {
    case Which::kWalk: {
      RandomWalk strategy(mixed, 1 + static_cast<std::uint32_t>(seed % 8));
      return program.run(strategy);
    }
    case Which::kPct: {
      Pct strategy(mixed, {migrates}, estimate, depth);
      return program.run(strategy);
    }
    case Which::kPos: {
      Pos strategy(mixed, {migrates}, estimate);
      return program.run(strategy);
    }
    case Which::kSurw:
      break;
  }
  Surw strategy(mixed, {migrates}, estimate);
  return program.run(strategy);
}

/// Each context takes so many steps at one location, besides as many of its own.
class Orders {
 public:
  Orders& context(Level level, std::uint8_t cpu, int steps, int own = 0) {
    const auto index = static_cast<std::uint8_t>(program.contexts());
    program.body(level, cpu, [this, index, steps, own] {
      for (int step = 0; step < std::max(steps, own); ++step) {
        if (step < own) static_cast<void>(own_[index].load(kRelaxed));
        if (step >= steps) continue;
        shared_.add(1, kSeqCst);
        program.log += static_cast<char>('a' + index);
      }
    });
    return *this;
  }
  Sampled program;

 private:
  std::array<Location, 8> own_{};
  Location shared_;
};

}  // namespace labyrinth::machine::testing
