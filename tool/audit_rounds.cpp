// One program after another: made, run in order and under schedules on both sides, judged.
#include "audit_rounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "finding.hpp"
#include "labyrinth/machine/coverage.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "mutate.hpp"
#include "random_program.hpp"

namespace labyrinth::tool {
namespace {

constexpr std::uint32_t kRecords = 24;  // As `labyrinth run` makes them.
/// Schedules of each program.
constexpr unsigned kWalks = 4;
/// Of a program that breaks one side: random schedules on the other, before it is looked at more closely.
constexpr unsigned kWalksOfOther = 64;
/// Both sides have a place of their own for machines up to here; larger ones are made anew for each run.
constexpr std::uint64_t kMostFrames = 4096;
/// Programs that are kept for what they cover.
constexpr std::size_t kMostKept = 4096;

/// Pairs of accesses that schedules bring together.
std::array<std::uint8_t, machine::kMeetingCounters> met;

}  // namespace

FuzzRounds::FuzzRounds(AuditPair& pair, const std::vector<CorpusInput>& corpus, std::uint64_t seed)
    : pair_(pair), seed_(seed) {
  for (const CorpusInput& input : corpus) pool_.push_back(input.file.trace);
  pair.machine(Which::kOld).count_meetings(met);
  machine::add_coverage(met);
}

nlohmann::json FuzzRounds::run(std::uint64_t round) {
  candidates_ = nlohmann::json::array();
  runs_ = 0;
  origin_ = fmt::format("fuzzed, seed {} round {}", seed_, round);
  for (std::uint64_t i = 0; i < kPrograms; ++i) one(round * kPrograms + i);
  return {{"candidates", candidates_},
          {"runs", runs_},
          {"kept", pool_.size()},
          {"steps", {steps_[0].rows(), steps_[1].rows()}}};
}

void FuzzRounds::one(std::uint64_t number) {
  std::uint64_t chance = seed_ * 0x9e3779b97f4a7c15U + number;
  const bool changes = !pool_.empty() && number % 4 != 0;
  if (changes) {
    change(chance);
  } else {
    random_program(seed_, number / 4, kRecords, trace_);
  }
  if (machine::find_flaw(trace_) || trace_.geometry.frames() > kMostFrames) return;
  for (const auto range : machine::coverage()) std::ranges::fill(range, std::uint8_t{0});
  const machine::Trace made = trace_;
  if (made.departure_count != 0) {
    judge([&](Which side) -> const machine::Outcome& {
      machine::Replay strategy(trace_);
      return run(side, strategy);
    });
  }
  in_order();
  // What only weak memory shows is the rarest of all, and its runs cost the most.
  trace_.memory = number % 8 < 2 ? machine::MemoryModel::kRc11 : made.memory;
  for (unsigned walk = 0; walk < kWalks; ++walk) {
    const std::uint64_t seed = machine::next_random(chance);
    trace_.departure_count = 0;
    judge([&](Which side) -> const machine::Outcome& {
      machine::RandomWalk strategy(seed, 1 + static_cast<std::uint32_t>(seed % 8));
      return run(side, strategy);
    });
  }
  if (covers_more() && pool_.size() < kMostKept) pool_.push_back(made);
}

/// A trace with a few edits, perhaps with calls of another one.
void FuzzRounds::change(std::uint64_t& chance) {
  const auto any = [&]() -> const machine::Trace& {
    return pool_[machine::random_below(chance, static_cast<std::uint32_t>(pool_.size()))];
  };
  trace_ = any();
  if (machine::random_below(chance, 4) == 0) fuzz::splice(trace_, any(), chance);
  fuzz::edit(trace_, nullptr, chance);
}

const machine::Outcome& FuzzRounds::run(Which side, machine::Strategy& strategy) {
  ++runs_;
  machine::Machine& machine = pair_.machine(side);
  const machine::Outcome& outcome = machine.run(trace_, strategy);
  if (outcome.kind == machine::Outcome::Kind::kClean) steps_.at(index(side)).count(machine, trace_, outcome);
  return outcome;
}

void FuzzRounds::in_order() {
  trace_.departure_count = 0;
  trace_.memory = machine::MemoryModel::kSc;
  std::array<Shown, 2> shown;
  runs_ += 2;
  const Parting parted = pair_.in_order(trace_, shown);
  for (const Which side : kSides)
    if (shown.at(index(side)).wrong() && shown.at(index(other(side))).kind == Shown::Kind::kClean)
      tell({Candidate::Kind::kWrong, side, trace_, shown.at(index(side)).signature, origin_});
  if (!parted.key.empty()) tell({Candidate::Kind::kParting, Which::kNew, trace_, parted.key, origin_});
}

/// The same on both sides; what breaks one and not the other one is told.
template <class Run>
void FuzzRounds::judge(Run run_on) {
  static machine::Outcome first, broken;
  first = run_on(Which::kOld);
  const machine::Outcome& second = run_on(Which::kNew);
  const bool old_breaks = first.kind == machine::Outcome::Kind::kViolation;
  const bool new_breaks = second.kind == machine::Outcome::Kind::kViolation;
  if (old_breaks == new_breaks) return;
  const Which side = old_breaks ? Which::kOld : Which::kNew;
  broken = old_breaks ? first : second;
  const std::string name = signature(trace_, broken.violation);
  if (told_.contains(fmt::format("{} {}", tool::name(side), name))) return;
  const machine::Trace found = with_schedule(trace_, broken).trace;
  // The same schedule is another one on the other side: it is wrong there, too, if some schedule shows it.
  std::uint64_t chance = seed_ + runs_;
  for (unsigned walk = 0; walk < kWalksOfOther; ++walk) {
    machine::RandomWalk strategy(machine::next_random(chance), 1 + walk % 8);
    trace_.departure_count = 0;
    const machine::Outcome& outcome = run(other(side), strategy);
    if (outcome.kind == machine::Outcome::Kind::kViolation && signature(trace_, outcome.violation) == name)
      return;
  }
  tell({Candidate::Kind::kWrong, side, found, name, origin_});
}

void FuzzRounds::tell(const Candidate& candidate) {
  if (told_.insert(name_of(candidate)).second) candidates_.push_back(to_json(candidate));
}

/// As AFL++ has it: a counter is of a class by the power of two that it reaches, and each class is news once.
bool FuzzRounds::covers_more() {
  std::size_t at = 0;
  bool more = false;
  for (const std::span<std::uint8_t> range : machine::coverage()) {
    if (covered_.size() < at + range.size()) covered_.resize(at + range.size());
    for (const std::uint8_t count : range) {
      std::uint8_t& known = covered_[at++];
      if (count == 0) continue;
      const auto bit = static_cast<std::uint8_t>(1U << (std::bit_width(count) - 1U));
      more = more || (known & bit) == 0;
      known |= bit;
    }
  }
  return more;
}

}  // namespace labyrinth::tool
