// Strategies that are asked now and then: replay of a schedule, and a random walk.
#include "labyrinth/machine/strategy.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "labyrinth/machine/random.hpp"

namespace labyrinth::machine {

void Replay::reset(const Trace& trace) noexcept {
  trace_ = &trace;
  if (trace.departure_count == 0) return;
  std::uint8_t at = 0;
  for (std::uint8_t call = 0; call < trace.call_count; ++call) {
    while (at < trace.departure_count && trace.departure_storage[at].call < call) ++at;
    next_[call] = at;
  }
}

std::uint32_t Replay::first(std::uint8_t call) noexcept {
  if (trace_->departure_count == 0) return kNeverAsk;
  const std::uint8_t at = next_[call];
  if (at >= trace_->departure_count || trace_->departure_storage[at].call != call) return kNeverAsk;
  return trace_->departure_storage[at].access;
}

Choice Replay::choose(const Point& point) noexcept {
  const Decision decision = trace_->departure_storage[next_[point.call]++].decision;
  return {decision, first(point.call)};
}

std::uint32_t RandomWalk::gap() noexcept {
  // Geometric by counting failures; short for the periods in use, and exact.
  std::uint32_t gap = 0;
  while (gap < kMaxAccess && random_below(state_, period_) != 0) ++gap;
  return gap;
}

std::uint32_t RandomWalk::first(std::uint8_t) noexcept { return gap(); }

Choice RandomWalk::choose(const Point& point) noexcept {
  using Kind = Decision::Kind;
  std::array<Decision, std::size_t{6} * 16> possible{};
  std::uint32_t count = 0;
  const auto offer = [&](Kind kind, unsigned bits) {
    for (; bits != 0; bits &= bits - 1) {
      possible[count++] = {kind, static_cast<std::uint8_t>(std::countr_zero(bits))};
    }
  };
  offer(Kind::kCpu, point.cpus());
  offer(Kind::kTask, point.tasks());
  offer(Kind::kInterrupt, point.levels());
  offer(Kind::kMigrate, point.migrate());
  offer(Kind::kOlder, point.older(false) & kOlderOnes);
  offer(Kind::kSpurious, point.weak() ? 1U : 0U);
  const std::uint64_t next = std::uint64_t{point.access} + 1 + gap();
  const auto ask_at = next > kMaxAccess ? kNeverAsk : static_cast<std::uint32_t>(next);
  if (count == 0) return {{}, ask_at};
  return {possible[random_below(state_, count)], ask_at};
}

}  // namespace labyrinth::machine
