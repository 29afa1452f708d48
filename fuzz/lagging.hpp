// A schedule that is replayed under weak memory, while some of its contexts lag behind the others' writes.
#pragma once

#include <cstdint>

#include "labyrinth/machine/strategy.hpp"
#include "labyrinth/machine/trace.hpp"

namespace labyrinth::fuzz {

/// The departures of `trace`; besides, contexts that chance has picked see and write, where the memory orders
/// permit, behind what others wrote, a pure function of the seed. Missing acquires and releases show where a
/// context stays behind for some time, which accesses that are drawn one by one seldom do.
class Lagging final : public machine::Strategy {
 public:
  Lagging(const machine::Trace& trace, std::uint64_t seed) noexcept;
  [[nodiscard]] std::uint32_t first(std::uint8_t) noexcept override { return 0; }
  [[nodiscard]] machine::Choice choose(const machine::Point& point) noexcept override;

 private:
  machine::Replay replay_;
  std::uint64_t chance_;
  std::uint16_t lags_;    ///< Bit per context.
  std::uint32_t pauses_;  ///< It keeps up at one access in so many, at the least.
};

}  // namespace labyrinth::fuzz
