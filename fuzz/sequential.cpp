// One sequential execution.
#include "sequential.hpp"

#include <utility>

#include "labyrinth/machine/strategy.hpp"
#include "labyrinth/machine/trace_binary.hpp"

namespace labyrinth::fuzz {

Sequential::Sequential(const machine::Target& target, OnViolation on_violation)
    : target_(target), on_violation_(std::move(on_violation)) {
  machine_.use(target.table());
}

void Sequential::run(std::span<const std::uint8_t> input) noexcept {
  machine::decode_trace(input, trace_);
  trace_.departure_count = 0;
  machine::GoOn in_order;
  const machine::Outcome& outcome = machine_.run(trace_, in_order);
  if (outcome.kind == machine::Outcome::Kind::kViolation) [[unlikely]]
    on_violation_({target_, trace_, outcome});
}

}  // namespace labyrinth::fuzz
