// Random exploration of programs too large for an exhaustive search: PCT, POS and SURW.
//
//     Survey survey(true);
//     const Outcome& counted = machine.run(trace, survey);    // once a program
//     const Estimate& estimate = survey.finish(counted);
//     Pct strategy(seed, {.migrates = false}, estimate, 3);   // for each execution
//     machine.run(trace, strategy);
//
// Each says before every step which context takes it. A step is an atomic access with the local code after
// it, or the beginning of a call: when a call begins decides what it may answer (E2, E3), so its place among
// the steps of others is worth choosing. A run is a pure function of build, trace, seed and parameters; the
// survey is one of build and trace.
//
// An interrupt handler is a context that from its beginning to its end keeps what it interrupts from going
// on. A task that waits for others is passed over, mostly, while anything else can go on.
#pragma once

#include <array>
#include <cstdint>

#include "labyrinth/machine/strategy.hpp"
#include "labyrinth/machine/verdict.hpp"

namespace labyrinth::machine {

/// What a program does if each context runs to its end, in the default order.
class Estimate {
 public:
  /// Points: accesses, beginnings of calls and of handlers.
  [[nodiscard]] std::uint32_t points() const noexcept { return points_; }
  /// Steps of the context that touch an interesting location: one that several contexts touched, and one
  /// wrote.
  [[nodiscard]] std::uint32_t interesting(std::uint8_t context) const noexcept {
    return interesting_[context];
  }
  [[nodiscard]] bool is_interesting(const Coming& access) const noexcept;

 private:
  friend class Survey;
  static constexpr std::uint32_t kSlots = 4096;  ///< A power of two.
  struct Slot {
    std::uintptr_t granule = 0;  ///< Of 8 bytes.
    std::uint32_t survey = 0;    ///< Number of the survey that this slot is of.
    std::uint16_t contexts = 0;  ///< Bit per context that touched it.
    bool written = false;
  };
  [[nodiscard]] std::uint32_t find(std::uintptr_t granule) const noexcept;
  [[nodiscard]] bool is_interesting(const Slot& slot) const noexcept {
    return slot.survey == survey_ && slot.written && (slot.contexts & (slot.contexts - 1U)) != 0;
  }

  std::uint32_t points_ = 0;
  std::uint32_t survey_ = 1;
  std::array<std::uint32_t, kMaxContexts> interesting_{};
  std::array<Slot, kSlots> slots_{};
};

/// Makes an estimate of the run that it is the strategy of. A few hundred kilobytes: one for all programs.
class Survey final : public Strategy {
 public:
  /// `locations`: SURW needs to know them; without, the run costs as little as any.
  explicit Survey(bool locations) noexcept : locations_(locations) {}
  /// Before the next survey.
  void reset() noexcept;
  /// After the run. Good until reset().
  [[nodiscard]] const Estimate& finish(const Outcome& outcome) noexcept;

  [[nodiscard]] std::uint32_t first(std::uint8_t call) noexcept override;
  [[nodiscard]] Choice choose(const Point& point) noexcept override;

 private:
  struct Step {
    std::uint16_t slot;
    std::uint8_t context;
  };
  /// So many that no run takes more; locations beyond what the table holds count as not interesting.
  static constexpr std::uint32_t kMost = 32768;
  bool locations_;
  std::uint32_t begun_ = 0, steps_ = 0, locations_seen_ = 0;
  std::uint16_t handlers_ = 0;  ///< Bit per handler that has begun.
  Estimate estimate_;
  std::array<Step, kMost> log_{};
};

struct StepwiseOptions {
  bool migrates = false;  ///< One task moves to another CPU, at a point drawn from all that were estimated.
};

/// What PCT, POS and SURW share: the way to the context that is to take the next step. A schedule holds
/// kMaxDepartures; once they are spent, the run goes on in the default order.
class Stepwise : public Strategy {
 public:
  [[nodiscard]] std::uint32_t first(std::uint8_t call) noexcept final;
  [[nodiscard]] Choice choose(const Point& point) noexcept final;

 protected:
  static constexpr std::uint8_t kNobody = 0xff;
  Stepwise(std::uint64_t seed, const StepwiseOptions& options, const Estimate& estimate) noexcept;

  /// One of the contexts in `enabled`: it takes the next step. `point`: what the present context is at.
  [[nodiscard]] virtual std::uint8_t decide(std::uint16_t enabled, const Point& point) noexcept = 0;
  /// The context goes on from where it is.
  virtual void on_step(std::uint8_t) noexcept {}
  /// Accesses that the present context makes before decide() could say anything else.
  [[nodiscard]] virtual std::uint32_t steps_for_sure(const Point&) noexcept { return 1; }

  /// Number of the point reached last: accesses and beginnings of calls so far.
  [[nodiscard]] std::uint32_t points() const noexcept;
  [[nodiscard]] static bool has_begun(std::uint8_t context) noexcept;  ///< Tasks always have.
  /// What the context does next, if it stands before an access; else what begins has no location.
  [[nodiscard]] const Coming& coming(std::uint8_t context) const noexcept { return coming_[context]; }
  [[nodiscard]] std::uint8_t one_of(std::uint16_t contexts) noexcept;
  /// POS and SURW switch so often that a long run needs its departures in one stretch: few before a point
  /// drawn here.
  void spend_in_one_stretch(const Estimate& estimate) noexcept;

  std::uint64_t state_;

 private:
  [[nodiscard]] std::uint16_t runnable() noexcept;

  std::array<Coming, kMaxContexts> coming_{};
  std::uint32_t begun_ = 0;         ///< Calls.
  std::uint32_t migrate_at_ = 0;    ///< Number of a point; 0: none.
  std::uint32_t stretch_from_ = 0;  ///< Number of the point from which on each step is chosen.
  std::uint32_t next_switch_ = 0;   ///< Before that: of the next point at which a step is.
  std::uint8_t wanted_ = kNobody;   ///< Who is to take the next step.
  std::uint8_t detours_ = 0;
};

/// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: ASPLOS 2010).
///
/// Each context has a random priority, and of those that can, the highest runs; at d - 1 points, drawn from
/// the k that are expected, the context there falls below all others. A bug of depth d, one that shows as
/// soon as d pairs of steps come in a given order, is found by an execution with probability at least
/// 1 / (n k^(d-1)), for n contexts (without a migration, and while no run has more than k points).
///
/// What handlers change: they are among the n. What a handler interrupts cannot go on before it ends,
/// whatever its priority, as with the holder of a lock. The paper lets the later step of a pair fall in
/// priority right before it is taken; where the earlier step is one of the code that a handler interrupts,
/// that would be too late, so the beginning of a handler is a point of its own, at which it can fall before
/// it interrupts anything. With that the bound holds as it stands, if a pair of a step and a later step of a
/// handler that could interrupt it counts as a pair with that handler's beginning.
///
/// Beyond the paper: who takes more than twice as many steps in a row as the whole run was expected to have
/// falls below all others, since it may wait for them in a loop.
class Pct final : public Stepwise {
 public:
  static constexpr std::uint32_t kMaxDepth = 16;
  /// `depth` from 1 on; more than kMaxDepth counts as that.
  Pct(std::uint64_t seed, const StepwiseOptions& options, const Estimate& estimate,
      std::uint32_t depth) noexcept;

 private:
  [[nodiscard]] std::uint8_t decide(std::uint16_t enabled, const Point& point) noexcept override;
  [[nodiscard]] std::uint32_t steps_for_sure(const Point& point) noexcept override;
  [[nodiscard]] std::uint32_t number() const noexcept { return points() + handlers_; }
  [[nodiscard]] bool change_is_due(std::uint8_t context) noexcept;

  struct Change {
    std::uint32_t at;
    std::int32_t priority;
  };
  std::array<std::int32_t, kMaxContexts> priority_{};
  std::array<Change, kMaxDepth> changes_{};
  std::uint32_t change_count_;
  std::uint32_t next_change_ = 0;
  std::uint32_t handlers_ = 0;    ///< Whose beginning has been a point.
  std::uint16_t considered_ = 0;  ///< Bit per handler of these.
  std::uint32_t patience_;
  std::uint32_t since_ = 0;  ///< Number of the point from which on `runner_` has run alone.
  std::uint8_t runner_ = kNobody;
  std::int32_t lowest_ = 0;
};

/// Partial order sampling (Yuan, Yang, Gu: CAV 2018).
///
/// Each step that comes has a random priority of its own, and the highest is taken; then the priorities of
/// the steps that race with it are drawn anew, so that who lost one race does not go on losing. A step races
/// with another of its location if one of them may write; a compare-exchange that will fail counts as a
/// write, since that is not known before.
///
/// Where this differs from the paper: the location of a first access is not known before its call has begun.
/// A beginning is therefore a step of its own, which races with nothing, and so is that of a handler: it
/// keeps its priority until it begins, which puts it before the i-th of the steps it could interrupt with
/// probability 1 / (i (i + 1)), and after all m of them with 1 / (m + 1).
class Pos final : public Stepwise {
 public:
  Pos(std::uint64_t seed, const StepwiseOptions& options, const Estimate& estimate) noexcept;

 private:
  [[nodiscard]] std::uint8_t decide(std::uint16_t enabled, const Point& point) noexcept override;
  void on_step(std::uint8_t context) noexcept override;

  std::array<std::uint64_t, kMaxContexts> priority_{};
};

/// A selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury: ASPLOS 2025).
///
/// Only steps at interesting locations count. Who takes the next of them is drawn with weights: how many of
/// them each context has still to take, by the estimate; so every interleaving of them is as likely as any
/// other, as far as the estimate is right. All others stop before theirs until it has been taken; what is not
/// interesting comes in any order, uniformly.
///
/// What handlers change: the steps of a handler come between those of its CPU in one block, so for its CPU it
/// weighs 1 and not as many steps as it has. First the CPU is drawn, with the steps of all its contexts for a
/// weight; then, from the highest level down, whether one of its r handlers begins (r against the steps left
/// of lower levels); then the task, by its steps. Each order that interrupts permit is again as likely as any
/// other; that masks, and an idle CPU, which takes its handlers in program order, forbid some is left aside.
class Surw final : public Stepwise {
 public:
  /// The estimate must outlive the strategy, and know the locations.
  Surw(std::uint64_t seed, const StepwiseOptions& options, const Estimate& estimate) noexcept;

 private:
  [[nodiscard]] std::uint8_t decide(std::uint16_t enabled, const Point& point) noexcept override;
  void on_step(std::uint8_t context) noexcept override;
  [[nodiscard]] bool is_held(std::uint8_t context) const noexcept;
  [[nodiscard]] std::uint32_t weight(std::uint8_t context) const noexcept;
  [[nodiscard]] std::uint8_t intend(std::uint16_t enabled) noexcept;
  [[nodiscard]] std::uint8_t handler_to_begin(std::uint16_t enabled, std::uint8_t cpu) noexcept;
  [[nodiscard]] std::uint8_t by_weight(std::uint16_t contexts) noexcept;

  const Estimate* estimate_;
  std::array<std::uint32_t, kMaxContexts> left_{};  ///< Interesting steps, by the estimate.
  std::uint8_t intended_ = kNobody;                 ///< Whose interesting step is the next to be taken.
};

}  // namespace labyrinth::machine
