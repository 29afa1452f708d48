// Differential fuzzing: rounds of programs, each a pure function of the seed and its number.
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

#include "audit_close.hpp"
#include "audit_parts.hpp"
#include "audit_rounds.hpp"
#include "corpus_apart.hpp"

namespace labyrinth::tool {
namespace {

constexpr double kSecondsOfRound = 15;  // Most take a fraction of one.

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

/// Which side it was, and by what: replayed in the order of the program, or under random schedules.
void died(AuditSession& session, const RunsNow& now, const std::string& death, const std::string& origin) {
  for (const Which side : kSides) {
    const Shown shown = replay_apart(session.pair(), side, now.trace, kSecondsOfReplay);
    if (shown.kind != Shown::Kind::kDied) continue;
    const Shown there = replay_apart(session.pair(), other(side), now.trace, kSecondsOfReplay);
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
  std::uint64_t runs = 0, done = 0, kept = 0;
  unsigned deaths = 0;
  const auto goes_on = [&] {
    return !interrupted() && clock.elapsed() < options.seconds && deaths < kMostTimeouts;
  };
  constexpr std::size_t kAnyNumber = SIZE_MAX / 2;
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
        kept = apart.result.at("kept");
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
  session.did(fmt::format("fuzzed for {:.0f} s: {} programs, {} runs, {} traces to change in the end",
                          clock.elapsed(), done * FuzzRounds::kPrograms, runs, kept));
  if (deaths >= kMostTimeouts)
    session.undecided(fmt::format("fuzzing ended after {} rounds that killed their process", deaths), true);
}

}  // namespace labyrinth::tool
