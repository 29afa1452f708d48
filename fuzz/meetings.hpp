// Where contexts of a run meet: two accesses of one location, one of which may write. There the schedule
// matters.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "labyrinth/machine/machine.hpp"
#include "labyrinth/machine/trace.hpp"

namespace labyrinth::fuzz {

/// What the accesses of a run touch, of longer runs the beginning.
class Meetings {
 public:
  /// Runs the trace to see. The machine's outcome is that of this run.
  void look(machine::Machine& machine, const machine::Trace& trace) noexcept;
  /// Draws a pair of accesses that meet in the run looked at, which was one of `trace`: a departure that lets
  /// the second context go before the first one's access, where it can; nothing if no contexts meet.
  [[nodiscard]] std::optional<machine::Departure> draw(const machine::Trace& trace,
                                                       std::uint64_t& chance) const noexcept;

 private:
  class Noting;
  struct Touch {
    std::uintptr_t granule = 0;  // of 8 bytes
    std::uint16_t access = 0;
    std::uint8_t call = 0;
    std::uint8_t context = 0;
    bool may_write = false;
    bool meets = false;  ///< Some other touch of the run.
  };
  [[nodiscard]] static bool meet(const Touch& one, const Touch& other) noexcept {
    return one.granule == other.granule && one.context != other.context && (one.may_write || other.may_write);
  }

  void find_meetings() noexcept;

  std::size_t count_ = 0;
  std::array<Touch, 512> touches_{};
};

}  // namespace labyrinth::fuzz
