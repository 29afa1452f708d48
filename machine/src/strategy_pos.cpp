// POS: a priority for each step that comes, drawn anew for those that race with the step taken.
#include <bit>

#include "core.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/strategies.hpp"

namespace labyrinth::machine {

namespace {

[[nodiscard]] bool race(const Coming& one, const Coming& other) noexcept {
  if (one.bytes == 0 || other.bytes == 0 || !(one.may_write || other.may_write)) return false;
  return one.address < other.address + other.bytes && other.address < one.address + one.bytes;
}

}  // namespace

Pos::Pos(std::uint64_t seed, const StepwiseOptions& options, const Estimate& estimate) noexcept
    : Stepwise(seed, options, estimate) {
  spend_in_one_stretch(estimate);
  for (std::uint64_t& priority : priority_) priority = next_random(state_);
}

std::uint8_t Pos::decide(std::uint16_t enabled, const Point&) noexcept {
  std::uint8_t highest = kNobody;
  for (unsigned left = enabled; left != 0; left &= left - 1) {
    const auto context = static_cast<std::uint8_t>(std::countr_zero(left));
    if (highest == kNobody || priority_[context] > priority_[highest]) highest = context;
  }
  return highest;
}

void Pos::on_step(std::uint8_t context) noexcept {
  for (std::uint8_t other = 0; other < core.context_count(); ++other) {
    if (other == context || race(coming(context), coming(other))) priority_[other] = next_random(state_);
  }
}

}  // namespace labyrinth::machine
