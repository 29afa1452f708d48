// All instructions of all nestings: runs each of them and holds it against the model.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "labyrinth/machine/machine.hpp"
#include "step_scenes.hpp"
#include "step_stepper.hpp"

namespace labyrinth::step {

/// A run that broke a clause, or that cannot be judged.
struct Broken {
  Nesting nesting;
  std::vector<std::uint32_t>
      instructions;  ///< Before which one of each interrupted call the next one began, from 1.
  std::vector<std::uintptr_t> addresses;  ///< Where these are.
  std::uintptr_t ended_at = 0;            ///< The instruction of a crash or an endless loop, or 0.
  machine::Violation violation{};
  std::string limit;  ///< Why it cannot be judged; empty: it breaks a clause.
};

/// What was done with a nesting.
struct Row {
  Nesting nesting;
  std::uint64_t points = 0;    ///< Runs with a handler at an instruction of its own.
  std::uint64_t distinct = 0;  ///< Of these, with an access to shared memory since the one before.
  std::uint64_t broken = 0;    ///< Of these, those that break a clause,
  std::uint64_t unclear = 0;   ///< and those that cannot be judged.
  std::uint32_t alone = 0;     ///< Instructions of the interrupted call with no handler in it,
  std::uint32_t nested = 0;    ///< and the most with one in it, not counting the handler's; 0: not counted.
  std::uint32_t declared = 0;  ///< Atomic steps that are declared for it; 0: none.
  std::string left_out;        ///< Why not every instruction was tried; empty: every one was.
};

class Search {
 public:
  using OnBroken = std::function<void(const Broken&)>;
  using GoesOn = std::function<bool()>;
  /// `counts`: count the instructions after the handler, too, which takes a trap for each. `on_broken` is
  /// told of each run that is not clean, `goes_on` is asked between two runs.
  Search(machine::Machine& machine, Stepper& stepper, bool counts, OnBroken on_broken, GoesOn goes_on)
      : machine_(machine),
        stepper_(stepper),
        counts_(counts),
        on_broken_(std::move(on_broken)),
        goes_on_(std::move(goes_on)) {}

  /// A handler at every instruction of a call. An `error` is one of the scene.
  [[nodiscard]] Row run(const Nesting& pair, std::string& error);
  /// A handler at every distinct point of a call, and in there each call of the scene, made by an NMI, at
  /// every distinct point of the handler's.
  [[nodiscard]] std::vector<Row> run_threes(const Nesting& pair, std::string& error);

  /// Distinct points of the first call.
  [[nodiscard]] std::uint64_t distinct_points(const Nesting& nesting, std::string& error);

  [[nodiscard]] std::uint64_t runs() const noexcept { return runs_; }

 private:
  /// Asks at one point of each call, and there delivers the next handler.
  class Chain final : public machine::Strategy {
   public:
    [[nodiscard]] std::uint32_t first(std::uint8_t call) noexcept override { return at_[call]; }
    [[nodiscard]] machine::Choice choose(const machine::Point& point) noexcept override {
      return {{machine::Decision::Kind::kInterrupt, static_cast<std::uint8_t>(level_[point.call])},
              machine::kNeverAsk};
    }
    void stop(std::uint8_t call, std::uint32_t instruction, model::Level level) noexcept {
      at_[call] = instruction;
      level_[call] = level;
    }
    void forget() noexcept { at_.fill(machine::kNeverAsk); }

   private:
    std::array<std::uint32_t, machine::kMaxCalls> at_{};
    std::array<model::Level, machine::kMaxCalls> level_{};
  };

  const machine::Outcome& run_once(std::size_t stops);
  void judge(const machine::Outcome& outcome, std::size_t stops);
  [[nodiscard]] std::vector<Stop> record(std::size_t depth);
  /// Deliver the next call before that instruction of the call at `depth`.
  void stop(std::size_t depth, const Stop& at, bool counts, bool enters_once);
  void forget(std::size_t depth);

  machine::Machine& machine_;
  Stepper& stepper_;
  bool counts_;
  OnBroken on_broken_;
  GoesOn goes_on_;
  Chain chain_{};
  std::uint64_t runs_ = 0;
  // Of the nesting at hand:
  Row* row_ = nullptr;
  const Program* program_ = nullptr;
  std::vector<std::uint32_t> instructions_;
  std::vector<std::uintptr_t> addresses_;
};

}  // namespace labyrinth::step
