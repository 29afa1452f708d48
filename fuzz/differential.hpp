// The differential harness: the calls of a trace one after another on two targets. Sequential, since a
// schedule names the accesses of one build and means nothing to another.
//
// What breaks the model in either is a violation; whether the other one keeps it is told. Answers that
// differ are not wrong by themselves, the model permits several: the first trace of each kind of difference
// is handed over, and fuzzing goes on.
#pragma once

#include <bitset>

#include "harness.hpp"

namespace labyrinth::fuzz {

/// A call that two targets, neither of them wrong, have answered differently.
struct Difference {
  const machine::Trace& trace;
  std::uint8_t call = 0;
  machine::CallResult one, other;
};
/// Returns.
using OnDifference = std::function<void(const Difference&)>;

class Differential final : public Harness {
 public:
  /// Both targets are plain ones, and outlive the harness.
  Differential(const machine::Target& one, const machine::Target& other, OnViolation on_violation,
               OnDifference on_difference);

  void run(std::span<const std::uint8_t> input) noexcept override;
  [[nodiscard]] const machine::Trace& trace() const noexcept override { return trace_; }

 private:
  void compare(const machine::Outcome& one, const machine::Outcome& other) noexcept;

  const machine::Target& one_;
  const machine::Target& other_;
  OnViolation on_violation_;
  OnDifference on_difference_;
  machine::Machine machine_{};
  machine::Trace trace_{};
  machine::Outcome first_{};
  /// Kinds that have been handed over: by operation, and both statuses.
  static constexpr std::size_t kStatuses = 8;
  std::bitset<32 * kStatuses * kStatuses> known_;
};

}  // namespace labyrinth::fuzz
