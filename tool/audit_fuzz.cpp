// Differential fuzzing: rounds of programs, each a pure function of the seed and its number.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "audit_close.hpp"
#include "audit_parts.hpp"
#include "audit_rounds.hpp"
#include "corpus_apart.hpp"
#include "shared_object.hpp"

namespace labyrinth::tool {
namespace {

constexpr double kSecondsOfRound = 60;  // Most take a fraction of one.

}  // namespace

void fuzz_both(AuditSession& session, const std::vector<CorpusInput>& corpus) {
  const AuditOptions& options = session.options();
  if (options.seconds <= 0) return;
  const SharedObject<machine::Journal> journal("audit: memory to share with the process that fuzzes");
  FuzzRounds rounds(session.pair(), corpus, options.seed);
  const StatusLine clock;
  std::uint64_t runs = 0, done = 0, kept = 0;
  unsigned deaths = 0;
  const auto goes_on = [&] {
    return !interrupted() && clock.elapsed() < options.seconds && deaths < kMostTimeouts;
  };
  constexpr std::size_t kAnyNumber = SIZE_MAX / 2;
  work_apart(
      kAnyNumber, {kSecondsOfRound, journal.get(), options.timeout},
      [&](std::size_t round) { return rounds.run(round); },
      [&](std::size_t round, const Apart& apart) {
        ++done;
        if (!apart.death.empty()) {
          ++deaths;
          found_dead(session, journal.get(), apart.death,
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
