// The sequential harness: the calls of a trace one after another, on a target without hooks. What it finds
// is wrong without any concurrency; it runs many times as often.
#pragma once

#include "harness.hpp"

namespace labyrinth::fuzz {

class Sequential final : public Harness {
 public:
  /// `target` is a plain one, and outlives the harness.
  Sequential(const machine::Target& target, OnViolation on_violation);

  void run(std::span<const std::uint8_t> input) noexcept override;
  [[nodiscard]] const machine::Trace& trace() const noexcept override { return trace_; }

 private:
  const machine::Target& target_;
  OnViolation on_violation_;
  machine::Machine machine_{};
  machine::Trace trace_{};
};

}  // namespace labyrinth::fuzz
