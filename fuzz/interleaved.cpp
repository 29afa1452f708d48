// One interleaved execution, and the schedules near it.
#include "interleaved.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "labyrinth/machine/coverage.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/strategies.hpp"
#include "labyrinth/machine/trace_binary.hpp"
#include "lagging.hpp"
#include "mutate.hpp"

namespace labyrinth::fuzz {
namespace {

/// libFuzzer finds counters besides edges by this section's name, and clears them before each execution.
[[gnu::section("__libfuzzer_extra_counters")]] std::array<std::uint8_t, machine::kMeetingCounters> met;

/// Under weak memory, of each input: its own schedule with contexts that lag, and a random one.
constexpr unsigned kLags = 2;

/// Any function of all bytes will do: it is what chance begins with, so that an input always means the same.
[[nodiscard]] std::uint64_t hash_of(std::span<const std::uint8_t> bytes) noexcept {
  std::uint64_t hash = bytes.size();
  for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    hash ^= word;
    hash = machine::next_random(hash);
  }
  for (const std::uint8_t byte : bytes) hash = hash * 257 + byte;
  return hash;
}

}  // namespace

Interleaved::Interleaved(const machine::Target& target, OnViolation on_violation, machine::MemoryModel memory)
    : target_(target), on_violation_(std::move(on_violation)), memory_(memory) {
  machine_.use(target.table());
  machine_.count_meetings(met);
  machine::add_coverage(met);
}

void Interleaved::judge(const machine::Outcome& outcome) noexcept {
  if (outcome.kind == machine::Outcome::Kind::kViolation) [[unlikely]]
    on_violation_({target_, trace_, outcome});
}

void Interleaved::run(std::span<const std::uint8_t> input) noexcept {
  machine::decode_trace(input, trace_);
  chance_ = hash_of(input);
  trace_.memory = memory_;
  machine::Replay strategy(trace_);
  judge(machine_.run(trace_, strategy));
  if (memory_ != machine::MemoryModel::kRc11) return;
  // Replayed, each load sees the last value, since no input says otherwise.
  for (unsigned i = 0; i < kLags; ++i) lag();
  walk();
}

void Interleaved::lag() noexcept {
  Lagging lagging(trace_, machine::next_random(chance_));
  judge(machine_.run(trace_, lagging));
}

void Interleaved::walk() noexcept {
  machine::RandomWalk walk(machine::next_random(chance_), 1 + machine::random_below(chance_, 8));
  judge(machine_.run(trace_, walk));
}

bool Interleaved::run_near(unsigned number) noexcept {
  if (number == 0) meetings_.look(machine_, trace_);  // An execution, but one that has been judged.
  if (number % 2 == 0) {
    // On top of the input's own departures: what the fuzzer has built up is kept.
    bent_ = trace_;
    bend(bent_, meetings_, chance_);
    machine::Replay strategy(bent_);
    judge(machine_.run(bent_, strategy));
  } else if (memory_ == machine::MemoryModel::kRc11) {
    lag();
  } else {
    walk();
  }
  return true;
}

}  // namespace labyrinth::fuzz
