// Interrupts at every instruction: brings a call of the release library to its n-th instruction, and there
// lets the machine ask its strategy, which delivers the handler on top of the interrupted stack.
//
// A run is a pure function of target, trace and strategy, so what a call did when it was recorded it does
// again up to its stop. Whoever does not come there is told so (`missed`).
//
// While a call is recorded, the target's memory may not be accessed: what faults is let through, one
// instruction, and marked. So which instructions touch memory that a handler could touch is decided by the
// processor and not by a decoder. To the handler and the call, two points with no such instruction in between
// are one.
#pragma once

#include <signal.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "labyrinth/machine/observer.hpp"
#include "labyrinth/machine/strategy.hpp"
#include "step_tracer.hpp"

namespace labyrinth::step {

/// The last instruction that a schedule can name.
inline constexpr std::uint32_t kLastPoint = machine::kMaxAccess;

class Stepper final : public machine::Observer, private Traced {
 public:
  /// One a process: signals find it without a pointer. SIGTRAP and those of crashes are its own from here on.
  explicit Stepper(const Text& text);
  ~Stepper() override;

  void plan(std::uint8_t call, const Plan& plan) noexcept { plans_[call] = plan; }
  /// Around each run, however it ends.
  void begin_run() noexcept;
  void end_run() noexcept;

  [[nodiscard]] const Tracer& tracer() const noexcept { return tracer_; }
  /// The instruction at which a crash or an endless loop was met; 0: none was.
  [[nodiscard]] std::uintptr_t ended_at() const noexcept { return ended_at_; }

  void on_access(const machine::AccessRecord&) override {}
  void on_departure(std::uint8_t, std::uint8_t) override {}
  void on_handler(std::uint8_t context, bool begins) override;
  void on_call(std::uint8_t call) override;
  void on_answer(std::uint8_t call) override { tracer_.end(call); }
  void on_mapping(std::uint64_t, std::uint64_t, bool) override {}
  void on_free_within(std::uint64_t, std::uint8_t) override {}

 private:
  static void on_crash(int signal, siginfo_t* info, void* context) noexcept;
  static void on_tick(int signal, siginfo_t* info, void* context) noexcept;
  void guard(bool on) noexcept;
  [[nodiscard]] bool let_through(std::uintptr_t address) noexcept;
  [[nodiscard]] bool is_of_call() noexcept override;
  void deliver(const Stop& at, std::uintptr_t address) noexcept override;
  void too_long(std::uintptr_t address) noexcept override;
  void watch(bool own) noexcept override { guard(own); }

  Tracer tracer_;
  std::array<Plan, machine::kMaxCalls> plans_{};
  bool guarded_ = false;  // nobody may access the target's memory
  std::uintptr_t ended_at_ = 0;
  /// The target's state when a handler began: what it left as it was did not disturb those that it
  /// interrupted.
  std::array<std::vector<std::byte>, machine::kMaxContexts> before_;
  volatile std::uint64_t runs_ = 0;
  std::uint64_t runs_at_tick_ = 0;
  unsigned idle_ticks_ = 0;
};

}  // namespace labyrinth::step
