// Differential fuzzing: rounds of programs, each a pure function of the seed and its number.
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "audit_close.hpp"
#include "audit_parts.hpp"
#include "corpus_apart.hpp"
#include "finding.hpp"
#include "labyrinth/machine/random.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "mutate.hpp"
#include "random_program.hpp"

namespace labyrinth::tool {
namespace {

constexpr std::uint64_t kProgramsOfRound = 256;
constexpr double kSecondsOfRound = 60;
constexpr std::uint32_t kRecords = 24;  // As `labyrinth run` makes them.
/// Schedules of each program.
constexpr unsigned kWalks = 4;
/// Of a program that breaks one side: random schedules on the other, before it is looked at more closely.
constexpr unsigned kWalksOfOther = 64;
/// A side that dies in so many rounds is not run any longer.
constexpr unsigned kMostDeaths = 8;

/// Where parent and child see what runs: a run that takes the process with it is known by it.
struct RunsNow {
  machine::Trace trace;
  Which side;
  bool replays;  ///< The trace has the schedule, too.
};

/// Memory that both processes see.
class SharedRun {
 public:
  SharedRun()
      : memory_(mmap(nullptr, sizeof(RunsNow), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "audit: shared memory");
  }
  SharedRun(const SharedRun&) = delete;
  SharedRun& operator=(const SharedRun&) = delete;
  ~SharedRun() { munmap(memory_, sizeof(RunsNow)); }
  [[nodiscard]] RunsNow& get() noexcept { return *static_cast<RunsNow*>(memory_); }

 private:
  void* memory_;
};

/// What runs in the child.
class FuzzRounds {
 public:
  FuzzRounds(AuditPair& pair, const std::vector<CorpusInput>& corpus, std::uint64_t seed, RunsNow& now)
      : pair_(pair), corpus_(corpus), seed_(seed), now_(now) {}

  [[nodiscard]] nlohmann::json run(std::uint64_t round) {
    candidates_ = nlohmann::json::array();
    runs_ = 0;
    origin_ = fmt::format("fuzzed, seed {} round {}", seed_, round);
    for (std::uint64_t i = 0; i < kProgramsOfRound; ++i) one(round * kProgramsOfRound + i);
    return {{"candidates", candidates_}, {"runs", runs_}, {"steps", {steps_[0].rows(), steps_[1].rows()}}};
  }

 private:
  void one(std::uint64_t number) {
    std::uint64_t chance = seed_ * 0x9e3779b97f4a7c15U + number;
    const bool changes = !corpus_.empty() && number % 2 == 1;
    if (changes) {
      change(chance);
    } else {
      random_program(seed_, number / 2, kRecords, trace_);
    }
    if (machine::find_flaw(trace_)) return;
    if (trace_.geometry.frames() > kMostFrames) return;
    if (changes && trace_.departure_count != 0) own_schedule();
    const machine::MemoryModel memory = trace_.memory;
    in_order();
    // What only weak memory shows is the rarest of all, and its runs cost the most.
    trace_.memory = number % 8 < 2 ? machine::MemoryModel::kRc11 : memory;
    for (unsigned walk = 0; walk < kWalks; ++walk) scheduled(machine::next_random(chance));
  }

  /// A trace of the corpus with a few edits, perhaps with calls of another one.
  void change(std::uint64_t& chance) {
    const auto any = [&]() -> const machine::Trace& {
      return corpus_[machine::random_below(chance, static_cast<std::uint32_t>(corpus_.size()))].file.trace;
    };
    trace_ = any();
    if (machine::random_below(chance, 4) == 0) fuzz::splice(trace_, any(), chance);
    fuzz::edit(trace_, nullptr, chance);
  }

  [[nodiscard]] const machine::Outcome& run(Which side, machine::Strategy& strategy) {
    now_.side = side;
    ++runs_;
    machine::Machine& machine = pair_.machine(side);
    const machine::Outcome& outcome = machine.run(trace_, strategy);
    if (outcome.kind == machine::Outcome::Kind::kClean)
      steps_.at(index(side)).count(machine, trace_, outcome);
    return outcome;
  }

  void own_schedule() {
    now_.trace = trace_;
    now_.replays = true;
    judge([&](Which side) -> const machine::Outcome& {
      machine::Replay strategy(trace_);
      return run(side, strategy);
    });
  }

  void scheduled(std::uint64_t seed) {
    trace_.departure_count = 0;
    now_.trace = trace_;
    now_.replays = false;
    judge([&](Which side) -> const machine::Outcome& {
      machine::RandomWalk walk(seed, 1 + static_cast<std::uint32_t>(seed % 8));
      return run(side, walk);
    });
  }

  void in_order() {
    trace_.departure_count = 0;
    trace_.memory = machine::MemoryModel::kSc;
    now_.trace = trace_;
    now_.replays = true;
    std::array<Shown, 2> shown;
    now_.side = Which::kOld;  // as long as it is not known; the parent finds out
    runs_ += 2;
    const Parting parted = pair_.in_order(trace_, shown);
    for (const Which side : kSides)
      if (shown.at(index(side)).wrong() && shown.at(index(other(side))).kind == Shown::Kind::kClean)
        tell({Candidate::Kind::kWrong, side, trace_, shown.at(index(side)).signature, origin_});
    if (!parted.key.empty()) tell({Candidate::Kind::kParting, Which::kNew, trace_, parted.key, origin_});
  }

  /// The same on both sides; what breaks one and not the other one is told.
  template <class Run>
  void judge(Run run_on) {
    static machine::Outcome first;
    first = run_on(Which::kOld);
    const machine::Outcome& second = run_on(Which::kNew);
    const bool old_breaks = first.kind == machine::Outcome::Kind::kViolation;
    const bool new_breaks = second.kind == machine::Outcome::Kind::kViolation;
    if (old_breaks == new_breaks) return;
    const Which side = old_breaks ? Which::kOld : Which::kNew;
    static machine::Outcome broken;
    broken = old_breaks ? first : second;
    const std::string name = signature(trace_, broken.violation);
    if (told_.contains(fmt::format("{} {}", tool::name(side), name))) return;
    const machine::Trace program = trace_;
    const machine::Trace found = with_schedule(program, broken).trace;
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

  void tell(const Candidate& candidate) {
    if (told_.insert(name_of(candidate)).second) candidates_.push_back(to_json(candidate));
  }

  /// Both sides have a place of their own for machines up to here; larger ones are made anew for each run.
  static constexpr std::uint64_t kMostFrames = 4096;

  AuditPair& pair_;
  const std::vector<CorpusInput>& corpus_;
  std::uint64_t seed_;
  RunsNow& now_;
  machine::Trace trace_{};
  std::string origin_;
  std::uint64_t runs_ = 0;
  std::array<StepTable, 2> steps_;
  std::set<std::string> told_;
  nlohmann::json candidates_;
};

/// Which side it was, and by what: replayed in the order of the program, or under random schedules.
void died(AuditSession& session, const RunsNow& now, const std::string& death, const std::string& origin) {
  for (const Which side : kSides) {
    const Shown shown = replay_apart(session.pair(), side, now.trace, kSecondsEach);
    if (shown.kind != Shown::Kind::kDied) continue;
    const Shown there = replay_apart(session.pair(), other(side), now.trace, kSecondsEach);
    if (there.kind == Shown::Kind::kDied) {
      session.wrong_on_both(origin, {shown, shown});
      return;
    }
    session.found({Candidate::Kind::kWrong, side, now.trace, shown.signature, origin});
    return;
  }
  session.undecided(fmt::format("{}: a random schedule of a program kills the process on {}: {}", origin,
                                name(now.side), death),
                    now.side == Which::kNew);
}

}  // namespace

void fuzz_both(AuditSession& session, const std::vector<CorpusInput>& corpus) {
  const AuditOptions& options = session.options();
  if (options.seconds <= 0) return;
  SharedRun shared;
  FuzzRounds rounds(session.pair(), corpus, options.seed, shared.get());
  const StatusLine clock;
  std::uint64_t runs = 0, done = 0;
  unsigned deaths = 0;
  const auto goes_on = [&] {
    return !interrupted() && clock.elapsed() < options.seconds && deaths < kMostDeaths;
  };
  constexpr std::size_t kAnyNumber = SIZE_MAX / 2;
  std::array<nlohmann::json, 2> last_steps;
  work_apart(
      kAnyNumber, kSecondsOfRound, [&](std::size_t round) { return rounds.run(round); },
      [&](std::size_t round, const Apart& apart) {
        ++done;
        if (!apart.death.empty()) {
          ++deaths;
          died(session, shared.get(), apart.death,
               fmt::format("fuzzed, seed {} round {}", options.seed, round));
          return goes_on();
        }
        runs += apart.result.at("runs").get<std::uint64_t>();
        for (const Which side : kSides) {
          StepTable steps;
          steps.set_rows(apart.result.at("steps").at(index(side)));
          session.steps(side).join(steps);
        }
        for (const nlohmann::json& candidate : apart.result.at("candidates"))
          session.found(candidate_from(candidate));
        if (session.status().due())
          session.status().show(fmt::format("audit: fuzzing: {} runs, {:.0f} a second, {:.0f} of {} s", runs,
                                            static_cast<double>(runs) / clock.elapsed(), clock.elapsed(),
                                            options.seconds));
        return goes_on();
      });
  session.did(fmt::format("fuzzed for {:.0f} s: {} programs, {} runs", clock.elapsed(),
                          done * kProgramsOfRound, runs));
  if (deaths >= kMostDeaths)
    session.undecided(fmt::format("fuzzing ended after {} rounds that killed their process", deaths), true);
}

}  // namespace labyrinth::tool
