// The interleaved harness: program and schedule, with a hook at every access. And the same under weak memory,
// which inputs have no words for: what loads see is drawn by chance, which the input begins.
#pragma once

#include "harness.hpp"
#include "meetings.hpp"

namespace labyrinth::fuzz {

class Interleaved final : public Harness {
 public:
  /// `target` outlives the harness.
  Interleaved(const machine::Target& target, OnViolation on_violation,
              machine::MemoryModel memory = machine::MemoryModel::kSc);

  void run(std::span<const std::uint8_t> input) noexcept override;
  [[nodiscard]] const machine::Trace& trace() const noexcept override { return trace_; }
  /// The same program under other schedules: a departure more where contexts meet, or random ones; under weak
  /// memory, contexts that lag.
  bool run_near(unsigned number) noexcept override;
  [[nodiscard]] machine::Machine* machine() noexcept override { return &machine_; }

 private:
  void judge(const machine::Outcome& outcome) noexcept;
  void walk() noexcept;
  void lag() noexcept;

  const machine::Target& target_;
  OnViolation on_violation_;
  machine::MemoryModel memory_;
  machine::Machine machine_{};
  machine::Trace trace_{};
  machine::Trace bent_{};
  std::uint64_t chance_ = 0;
  Meetings meetings_{};
};

}  // namespace labyrinth::fuzz
