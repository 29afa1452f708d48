// Loading a target and running it, for the doctor to judge.
#include "doctor_probe.hpp"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <variant>

#include "labyrinth/machine/coverage.hpp"
#include "report.hpp"
#include "timeline.hpp"

namespace labyrinth::tool {
namespace {

using machine::Decision;
using machine::Departure;
using machine::Outcome;

constexpr std::string_view kNested = R"(labyrinth trace 1
machine cpus=2 frames=8 zone=normal:8 min=0 low=0 high=0
task 0 cpu 0
  a = alloc atomic order=0
  free a
hardirq cpu 0
  b = alloc atomic order=0
nmi cpu 0
  c = alloc atomic order=0
task 1 cpu 1
  d = alloc atomic order=0
)";

/// How many edges have been counted, of counters that are cleared for it.
[[nodiscard]] std::vector<std::size_t> reached(std::span<const std::span<std::uint8_t>> ranges) {
  std::vector<std::size_t> found;
  std::size_t number = 0;
  for (const auto range : ranges) {
    for (const std::uint8_t count : range) {
      if (count != 0) found.push_back(number);
      ++number;
    }
  }
  return found;
}

[[nodiscard]] const char* kind_name(Outcome::Kind kind) {
  constexpr std::array kNames{"clean", "violation", "inconclusive", "refused"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

bool TargetProbe::load() {
  if (target_ || !error_.empty()) return target_.has_value();
  const std::size_t before = machine::coverage().size();
  auto loaded = machine::Target::load(path_);
  if (const auto* const error = std::get_if<std::string>(&loaded)) {
    error_ = *error;
    return false;
  }
  target_ = std::get<machine::Target>(std::move(loaded));
  const auto all = machine::coverage();
  edges_.assign(all.begin() + static_cast<std::ptrdiff_t>(before), all.end());
  machine_.use(target_->table());
  return true;
}

nlohmann::json TargetProbe::identity() {
  std::size_t edges = 0;
  for (const auto range : edges_) edges += range.size();
  return {{"name", target_->table().name},
          {"build", target_->build()},
          {"plain", target_->is_plain()},
          {"hooks", target_->imports("__tsan_").size()},
          {"edges", edges}};
}

nlohmann::json TargetProbe::interrupts() {
  machine::Trace trace = std::get<machine::TraceFile>(machine::parse_trace(kNested)).trace;
  machine::GoOn undisturbed;
  const Outcome outcome = machine_.run(trace, undisturbed);
  if (outcome.kind == Outcome::Kind::kRefused) return {{"refused", true}};
  const auto arrives = [&](std::uint8_t call, std::uint32_t access, const Decision& who) -> unsigned {
    trace.departure_count = 1;
    trace.departure_storage[0] = {call, static_cast<std::uint16_t>(access), who};
    machine::Replay replay(trace);
    return machine_.run(trace, replay).departure_count != 0 ? 1 : 0;
  };
  constexpr Decision kCpu1{Decision::Kind::kCpu, 1};
  constexpr Decision kHardirq{Decision::Kind::kInterrupt, static_cast<std::uint8_t>(model::Level::kHardirq)};
  constexpr Decision kNmi{Decision::Kind::kInterrupt, static_cast<std::uint8_t>(model::Level::kNmi)};
  unsigned accesses = 0, cpu = 0, hardirq = 0, nmi = 0;
  for (std::uint8_t call = 0; call < 2; ++call) {  // a, and its free
    const std::uint32_t last = std::min<std::uint32_t>(outcome.results[call].accesses, machine::kMaxAccess);
    for (std::uint32_t access = 1; access <= last; ++access) {
      ++accesses;
      cpu += arrives(call, access, kCpu1);
      hardirq += arrives(call, access, kHardirq);
      nmi += arrives(call, access, kNmi);
    }
  }
  return {{"accesses", accesses},
          {"cpu", cpu},
          {"hardirq", hardirq},
          {"nmi", nmi},
          {"can_nmi", (target_->table().can & LABYRINTH_TARGET_CAN_NMI) != 0}};
}

nlohmann::json TargetProbe::replay(const CorpusInput& seed) {
  for (const auto range : edges_) std::ranges::fill(range, std::uint8_t{0});
  const Timeline timeline = observe(machine_, seed.file);
  const Outcome& outcome = machine_.outcome();
  nlohmann::json result = {{"verdict", summary(outcome)},
                           {"kind", kind_name(outcome.kind)},
                           {"accesses", outcome.accesses},
                           {"edges", reached(edges_)}};
  result["steps"] = record(seed.file, timeline);
  return result;
}

nlohmann::json TargetProbe::run(std::size_t stage) {
  if (!load()) return {{"error", error_}};
  if (stage == 0) return identity();
  if (stage == 1) return interrupts();
  return replay(seeds_[(stage - 2) % seeds_.size()]);
}

}  // namespace labyrinth::tool
