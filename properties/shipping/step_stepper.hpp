// Interrupts at every instruction: brings a call of the release library to its n-th instruction, and there
// lets the machine ask its strategy, which delivers the handler on top of the interrupted stack.
//
// The trap flag steps through a call once, and writes down where each instruction lies. From then on a
// breakpoint brings the same call there without a trap for each instruction on the way: the k-th time at that
// address is the n-th instruction, since a run is a pure function of target, trace and strategy. Whoever does
// not come there is told so (`missed`).
//
// While a call is recorded, the target's memory may not be accessed: what faults is let through, one
// instruction, and marked. So which instructions touch memory that a handler could touch is decided by the
// processor and not by a decoder. To the handler and the call, two points with no such instruction in between
// are one.
//
// Instructions are those of the library's object alone. What it calls outside (the port: the machine's code,
// and the adapter's) runs at full speed up to its return, and is no point.
#pragma once

#include <signal.h>
#include <ucontext.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "labyrinth/machine/observer.hpp"
#include "labyrinth/machine/strategy.hpp"
#include "step_code.hpp"

namespace labyrinth::step {

/// Instructions of a call after which it is given up.
inline constexpr std::uint32_t kMostInstructions = 20000;
/// The last instruction that a schedule can name.
inline constexpr std::uint32_t kLastPoint = machine::kMaxAccess;

/// An instruction of a call, by where it is and how often the call has come there.
struct Stop {
  std::uintptr_t address = 0;
  std::uint32_t occurrence = 0;  ///< From 1.
  std::uint32_t number = 0;      ///< Of the instruction in its call, from 1.
  bool distinct =
      false;  ///< Between the stop before and this one shared memory is touched, or it is the first.
};

/// What is done with a call of the program.
struct Plan {
  enum class Way : std::uint8_t {
    kNative,  ///< It runs as it is.
    kRecord,  ///< Each instruction is written down.
    kStop,    ///< The strategy is asked before the instruction `at`.
  };
  Way way = Way::kNative;
  Stop at{};
  bool counts = false;       ///< Count the instructions that come after it, too.
  bool enters_once = false;  ///< Then what comes after the library has returned need not be watched.
};

class Stepper final : public machine::Observer {
 public:
  /// One a process: signals find it without a pointer. SIGTRAP and those of crashes are its own from here on.
  explicit Stepper(const Text& text);
  ~Stepper() override;

  void plan(std::uint8_t call, const Plan& plan) noexcept { plans_[call] = plan; }
  /// Around each run, however it ends.
  void begin_run() noexcept;
  void end_run() noexcept;

  /// Of the last call that was recorded: the stop before each of its instructions, in their order.
  [[nodiscard]] std::vector<Stop> recorded() const;
  /// It came into the library once, and not several times (the free of a bulk does).
  [[nodiscard]] bool entered_once() const noexcept { return entries_ == 1; }
  /// Instructions of the call in the last run, if they were recorded or counted.
  [[nodiscard]] std::uint32_t instructions(std::uint8_t call) const noexcept { return instructions_[call]; }
  /// A call of the last run was over without having come to its stop.
  [[nodiscard]] bool missed() const noexcept { return missed_; }
  /// The instruction at which a crash or an endless loop was met; 0: none was.
  [[nodiscard]] std::uintptr_t ended_at() const noexcept { return ended_at_; }

  void on_access(const machine::AccessRecord&) override {}
  void on_departure(std::uint8_t, std::uint8_t) override {}
  void on_handler(std::uint8_t context, bool begins) override;
  void on_call(std::uint8_t call) override;
  void on_answer(std::uint8_t call) override;
  void on_mapping(std::uint64_t, std::uint64_t, bool) override {}
  void on_free_within(std::uint64_t, std::uint8_t) override {}

 private:
  enum class Mode : std::uint8_t {
    kNative,
    kStepping,
    kToStop,    // a breakpoint is where the stop is
    kPastStop,  // one step, off the breakpoint
    kToReturn,  // a breakpoint is where the port returns to
  };
  /// A call that there is a plan for, while it runs; interrupted ones below.
  struct Frame {
    std::uint8_t call = 0;
    Plan plan{};
    Mode mode = Mode::kNative;
    std::uint32_t hits = 0;
    std::uint32_t instructions = 0;
    bool inside = false;       // the last instruction was the library's
    std::uintptr_t stack = 0;  // the stack pointer there
  };
  static constexpr std::size_t kMostFrames = 4;

  static void on_trap(int signal, siginfo_t* info, void* context) noexcept;
  static void on_crash(int signal, siginfo_t* info, void* context) noexcept;
  static void on_tick(int signal, siginfo_t* info, void* context) noexcept;
  void broke(Frame& frame, mcontext_t& machine) noexcept;
  void stepped(Frame& frame, mcontext_t& machine) noexcept;
  void count(Frame& frame, const mcontext_t& machine) noexcept;
  void leave(Frame& frame, mcontext_t& machine) noexcept;
  void guard(bool on) noexcept;
  [[nodiscard]] bool let_through(std::uintptr_t address) noexcept;
  void deliver(const Frame& frame, std::uintptr_t address) noexcept;

  Text text_;
  Breakpoint breakpoint_{};
  std::array<Plan, machine::kMaxCalls> plans_{};
  std::array<std::uint32_t, machine::kMaxCalls> instructions_{};
  std::array<Frame, kMostFrames> frames_{};
  std::size_t depth_ = 0;
  std::vector<std::uintptr_t> recorded_;
  std::vector<std::uint8_t>
      touches_;  // of each of these: whether it accessed the target's memory, or left the library
  std::uint32_t entries_ = 0;
  bool guarded_ = false;  // nobody may access the target's memory
  bool missed_ = false;
  std::uintptr_t ended_at_ = 0;
  /// The target's state when a handler began: what it left as it was did not disturb those that it
  /// interrupted.
  std::array<std::vector<std::byte>, machine::kMaxContexts> before_;
  volatile std::uint64_t runs_ = 0;
  std::uint64_t runs_at_tick_ = 0;
  unsigned idle_ticks_ = 0;
};

}  // namespace labyrinth::step
