// What a fuzzer drives: any bytes become a trace, the trace runs, the model judges.
//
//     libFuzzer ──┐
//     AFL++ ──────┼──> Harness::run(bytes) ──> machine ──> target, whose edges are counted
//     OSS-Fuzz ───┘          └── a violation ──> OnViolation, which keeps the trace and ends the process
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace.hpp"

namespace labyrinth::fuzz {

/// What a harness has found: a trace that breaks a clause, and the run of it. `target`: the one that it was
/// run on. `note`: what is to be told besides; "" if nothing.
struct Find {
  const machine::Target& target;
  const machine::Trace& trace;
  const machine::Outcome& outcome;
  const char* note = "";
};

/// Executions near an input that AFL++ is given with it, unless told otherwise: its own part in a test case
/// takes as long as ten.
inline constexpr unsigned kNear = 8;

/// Expected not to return: a fuzzer must see the process die to keep the input.
using OnViolation = std::function<void(const Find&)>;

/// Inputs take no heap.
class Harness {
 public:
  Harness() = default;
  virtual ~Harness() = default;
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  /// Judge one input.
  virtual void run(std::span<const std::uint8_t> input) noexcept = 0;
  /// Judge what lies near the input run last: execution `number` of those that this input alone determines,
  /// taken one after another from 0 on. For fuzzers that hand inputs over at a higher price than that of an
  /// execution. False: there is none.
  virtual bool run_near(unsigned number) noexcept {
    static_cast<void>(number);
    return false;
  }
  /// The trace that runs, or ran last.
  [[nodiscard]] virtual const machine::Trace& trace() const noexcept = 0;
  /// Runs traces for mutations that look at where contexts meet; null: the harness has no schedules.
  [[nodiscard]] virtual machine::Machine* machine() noexcept { return nullptr; }
};

}  // namespace labyrinth::fuzz
