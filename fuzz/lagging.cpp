// Drawing who lags, and how far.
#include "lagging.hpp"

#include <bit>

#include "labyrinth/machine/random.hpp"

namespace labyrinth::fuzz {

using machine::Choice;
using machine::Decision;
using machine::Point;
using machine::random_below;

Lagging::Lagging(const machine::Trace& trace, std::uint64_t seed) noexcept
    : replay_(trace),
      chance_(seed),
      lags_(static_cast<std::uint16_t>(machine::next_random(chance_))),
      pauses_(2 + random_below(chance_, 7)) {}

Choice Lagging::choose(const Point& point) noexcept {
  if (replay_.first(point.call) == point.access) {
    Choice choice = replay_.choose(point);
    // What a departure leaves open is asked again, at the same access.
    const bool reads = choice.decision.kind == Decision::Kind::kOlder;
    if (choice.ask_at != point.access) choice.ask_at = point.access + (reads ? 1 : 0);
    return choice;
  }
  const Choice go_on{{}, point.access + 1};
  if ((lags_ >> point.context & 1U) == 0) return go_on;
  const std::uint32_t older = point.older(false) & machine::kOlderOnes;
  if (older == 0 || random_below(chance_, pauses_) == 0) return go_on;
  // Mostly as far behind as can be.
  std::uint32_t left = older;
  while (random_below(chance_, 4) == 0 && (left & (left - 1)) != 0) left &= ~std::bit_floor(left);
  return {{Decision::Kind::kOlder, static_cast<std::uint8_t>(std::bit_width(left) - 1)}, point.access + 1};
}

}  // namespace labyrinth::fuzz
