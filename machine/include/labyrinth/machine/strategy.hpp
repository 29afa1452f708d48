// The one stream of decisions: everything that a run does not determine is asked of a Strategy.
//
// A scheduler is a function from what is possible to a choice. To keep "go on" free of cost, a strategy names
// in advance the next access of a call at which it wants to be asked; until then the machine does not call
// it.
#pragma once

#include <cstdint>

#include "labyrinth/machine/trace.hpp"

namespace labyrinth::machine {

inline constexpr std::uint32_t kNeverAsk = 0xffff'ffff;

/// The access that a context is about to make.
struct Coming {
  std::uintptr_t address = 0;
  std::uint8_t bytes = 0;  ///< 0: not known yet, before a call begins.
  bool may_write = false;  ///< Compare-exchanges too: whether they will succeed is not known yet.
  std::uint32_t site = 0;  ///< Low bits of the address of the code; 0: not known.
};

/// A point of a run: before an atomic or volatile access, or before a call. What is possible there is worked
/// out when asked for, since a replay never asks; good only until the strategy returns.
struct Point {
  std::uint8_t call = 0;     ///< Index in Trace::calls; of a raw body: its context.
  std::uint8_t context = 0;  ///< Index in Trace::contexts.
  std::uint32_t access = 0;  ///< 0: before the call begins; n: before its n-th access.
  Coming coming{};

  [[nodiscard]] std::uint16_t cpus() const noexcept;  ///< Bit per other CPU that has something to run.
  [[nodiscard]] std::uint16_t tasks()
      const noexcept;  ///< Bit per context: tasks that may take this CPU here.
  [[nodiscard]] std::uint8_t levels() const noexcept;  ///< Bit per model::Level that can be delivered here.
  [[nodiscard]] std::uint16_t migrate()
      const noexcept;  ///< Bit per CPU that the running task may move to here.
  /// Under rc11: bit k if the access that comes can see the message with k others behind it, or come before
  /// the last k; bit 31: there are more. `spurious`: if it is a compare-exchange that fails for nothing.
  [[nodiscard]] std::uint32_t older(bool spurious) const noexcept;
  /// The access that comes is a weak compare-exchange, which may fail for nothing.
  [[nodiscard]] bool weak() const noexcept;
  /// The number of the write of that message.
  [[nodiscard]] std::uint32_t message(std::uint8_t k) const noexcept;
};

/// Of Point::older(), those that depart from "go on".
inline constexpr std::uint32_t kOlderOnes = (1U << (kMostOlder + 1)) - 2;

struct Choice {
  Decision decision{};
  /// The access of the same call at which to ask next (> or = the present one), or kNeverAsk.
  std::uint32_t ask_at = kNeverAsk;
};

class Strategy {
 public:
  Strategy() = default;
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  virtual ~Strategy() = default;
  /// The first access of the call at which to ask; 0 asks before the call begins.
  [[nodiscard]] virtual std::uint32_t first(std::uint8_t call) noexcept = 0;
  /// Called at each point asked for. An impossible decision is carried out as "go on" and counted as
  /// unmatched.
  [[nodiscard]] virtual Choice choose(const Point& point) noexcept = 0;
};

/// Runs everything to its end in the default order.
class GoOn final : public Strategy {
 public:
  [[nodiscard]] std::uint32_t first(std::uint8_t) noexcept override { return kNeverAsk; }
  [[nodiscard]] Choice choose(const Point&) noexcept override { return {}; }
};

/// Replays the departures of a trace, each at its point. The trace must outlive the strategy.
class Replay final : public Strategy {
 public:
  explicit Replay(const Trace& trace) noexcept { reset(trace); }
  void reset(const Trace& trace) noexcept;
  [[nodiscard]] std::uint32_t first(std::uint8_t call) noexcept override;
  [[nodiscard]] Choice choose(const Point& point) noexcept override;

 private:
  const Trace* trace_ = nullptr;
  std::uint8_t next_[kMaxCalls]{};  ///< Per call: index of its next departure not yet carried out.
};

/// Departs at each point with probability 1 / `period` to something possible, uniformly; a pure function of
/// the seed.
class RandomWalk final : public Strategy {
 public:
  RandomWalk(std::uint64_t seed, std::uint32_t period) noexcept : state_(seed), period_(period) {}
  [[nodiscard]] std::uint32_t first(std::uint8_t call) noexcept override;
  [[nodiscard]] Choice choose(const Point& point) noexcept override;

 private:
  [[nodiscard]] std::uint32_t gap() noexcept;
  std::uint64_t state_;
  std::uint32_t period_;
};

}  // namespace labyrinth::machine
