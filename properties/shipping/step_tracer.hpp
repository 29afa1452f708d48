// Brings a call to its n-th instruction, in the middle of which a handler is to run on top of the interrupted
// stack.
//
// The trap flag steps through a call once, and writes down where each instruction lies. From then on a
// breakpoint brings the same call there without a trap for each instruction on the way: the k-th time at that
// address is the n-th instruction, if the call does the same again. Whoever does not come there is told so.
//
// Instructions are those of the code under test alone. What it calls outside runs at full speed up to its
// return, and is no point.
#pragma once

#include <signal.h>
#include <ucontext.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "step_code.hpp"

namespace labyrinth::step {

/// Instructions of a call after which it is given up.
inline constexpr std::uint32_t kMostInstructions = 20000;

[[nodiscard]] inline std::uintptr_t counter(const mcontext_t& machine) noexcept {
  return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
}

/// An instruction of a call, by where it is and how often the call has come there.
struct Stop {
  std::uintptr_t address = 0;
  std::uint32_t occurrence = 0;  ///< From 1.
  std::uint32_t number = 0;      ///< Of the instruction in its call, from 1.
  bool distinct = false;  ///< Between the stop before and this one something was touched, or it is the first.
};

/// What is done with a call.
struct Plan {
  enum class Way : std::uint8_t {
    kNative,  ///< It runs as it is.
    kRecord,  ///< Each instruction is written down.
    kStop,    ///< The client is told before the instruction `at`.
  };
  Way way = Way::kNative;
  Stop at{};
  bool counts = false;       ///< Count the instructions that come after it, too.
  bool enters_once = false;  ///< Then what comes after the code has returned need not be watched.
};

/// Asked and told by signal handlers, in the middle of the call.
class Traced {
 public:
  Traced() = default;
  virtual ~Traced() = default;
  Traced(const Traced&) = delete;
  Traced& operator=(const Traced&) = delete;

  /// Whether what runs now is part of the call.
  [[nodiscard]] virtual bool is_of_call() noexcept = 0;
  /// The call is at its stop: the handler.
  virtual void deliver(const Stop& at, std::uintptr_t address) noexcept = 0;
  /// It has taken more than kMostInstructions, the last one here. Need not return.
  virtual void too_long(std::uintptr_t address) noexcept = 0;
  /// While a call is recorded: whether the next instruction is one of its own.
  virtual void watch(bool /*own*/) noexcept {}
};

class Tracer {
 public:
  /// One a process: signals find it without a pointer. SIGTRAP is its own as long as it lives.
  Tracer(Traced& traced, std::vector<Text> code);
  ~Tracer();
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  [[nodiscard]] bool has(std::uintptr_t address) const noexcept;

  /// Around a call that has a plan; other calls may be made, and traced, by the handlers in it.
  void begin(std::uint8_t call, const Plan& plan) noexcept;
  /// Nothing happens if it is not the last one begun.
  void end(std::uint8_t call) noexcept;
  /// However the calls ended.
  void begin_run() noexcept;
  void end_run() noexcept;

  /// Of the last call that was recorded: the stop before each of its instructions, in their order.
  [[nodiscard]] std::vector<Stop> recorded() const;
  /// That the last instruction recorded has touched something.
  void touched() noexcept { touches_.back() = 1; }
  /// It came into the code once, and not several times (the free of a bulk does).
  [[nodiscard]] bool entered_once() const noexcept { return entries_ == 1; }
  /// Instructions of the call in the last run, if they were recorded or counted.
  [[nodiscard]] std::uint32_t instructions(std::uint8_t call) const noexcept { return instructions_[call]; }
  /// A call of the last run was over without having come to its stop.
  [[nodiscard]] bool missed() const noexcept { return missed_; }

 private:
  enum class Mode : std::uint8_t {
    kNative,
    kStepping,
    kToStop,    // a breakpoint is where the stop is
    kPastStop,  // one step, off the breakpoint
    kToReturn,  // a breakpoint is where what was called outside returns to
  };
  /// A call that there is a plan for, while it runs; interrupted ones below.
  struct Frame {
    std::uint8_t call = 0;
    Plan plan{};
    Mode mode = Mode::kNative;
    std::uint32_t hits = 0;
    std::uint32_t instructions = 0;
    bool inside = false;       // the last instruction was the code's
    std::uintptr_t stack = 0;  // the stack pointer there
  };
  static constexpr std::size_t kMostFrames = 4;

  static void on_trap(int signal, siginfo_t* info, void* context) noexcept;
  void broke(Frame& frame, mcontext_t& machine) noexcept;
  void stepped(Frame& frame, mcontext_t& machine) noexcept;
  void count(Frame& frame, const mcontext_t& machine) noexcept;
  void leave(Frame& frame, mcontext_t& machine) noexcept;

  Traced& traced_;
  std::vector<Text> code_;
  Breakpoint breakpoint_{};
  std::array<std::uint32_t, 256> instructions_{};
  std::array<Frame, kMostFrames> frames_{};
  std::size_t depth_ = 0;
  std::vector<std::uintptr_t> recorded_;
  std::vector<std::uint8_t> touches_;  // of each of these: whether it touched something, or left the code
  std::uint32_t entries_ = 0;
  bool missed_ = false;
};

}  // namespace labyrinth::step
