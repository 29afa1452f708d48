// One execution on each of two targets.
#include "differential.hpp"

#include <utility>

#include "labyrinth/machine/strategy.hpp"
#include "labyrinth/machine/trace_binary.hpp"

namespace labyrinth::fuzz {
namespace {

/// Both targets have a place of their own for machines up to here; larger ones would be made anew each time.
constexpr std::uint64_t kMostFrames = 4096;

}  // namespace

Differential::Differential(const machine::Target& one, const machine::Target& other, OnViolation on_violation,
                           OnDifference on_difference)
    : one_(one),
      other_(other),
      on_violation_(std::move(on_violation)),
      on_difference_(std::move(on_difference)) {
  machine_.use(one.table());
}

void Differential::run(std::span<const std::uint8_t> input) noexcept {
  machine::decode_trace(input, trace_);
  trace_.departure_count = 0;
  if (trace_.geometry.frames() > kMostFrames) return;
  // Creating a target wipes what is covered, so both are there before either runs.
  machine_.turn_to(other_.table());
  if (!machine_.prepare(trace_)) return;
  machine_.turn_to(one_.table());
  if (!machine_.prepare(trace_)) return;
  machine::GoOn in_order;
  first_ = machine_.run(trace_, in_order);
  machine_.turn_to(other_.table());
  const machine::Outcome& second = machine_.run(trace_, in_order);
  const bool one_breaks = first_.kind == machine::Outcome::Kind::kViolation;
  const bool other_breaks = second.kind == machine::Outcome::Kind::kViolation;
  if (one_breaks) [[unlikely]] {
    on_violation_({one_, trace_, first_,
                   other_breaks ? "Both targets break the model." : "Only the target breaks the model."});
  } else if (other_breaks) [[unlikely]] {
    on_violation_(
        {other_, trace_, second, "Only the target that it is held against (--against) breaks the model."});
  } else {
    compare(first_, second);
  }
}

/// The first difference only: what comes after it can follow from it.
void Differential::compare(const machine::Outcome& one, const machine::Outcome& other) noexcept {
  for (std::uint8_t i = 0; i < trace_.call_count; ++i) {
    const machine::CallResult& left = one.results[i];
    const machine::CallResult& right = other.results[i];
    const bool same_kind = left.state == right.state && left.status == right.status;
    if (same_kind && left.wake == right.wake && left.pfn == right.pfn) continue;
    const auto op = static_cast<std::size_t>(trace_.call_storage[i].op);
    const std::size_t kind =
        ((op % 32) * kStatuses + left.status % kStatuses) * kStatuses + right.status % kStatuses;
    if (known_.test(kind)) return;
    known_.set(kind);
    on_difference_({trace_, i, left, right});
    return;
  }
}

}  // namespace labyrinth::fuzz
