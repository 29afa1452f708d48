// Replaying the corpus on both sides.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "audit_close.hpp"
#include "audit_parts.hpp"
#include "corpus_apart.hpp"

namespace labyrinth::tool {
namespace {

void compare(AuditSession& session, const CorpusInput& input, const std::array<Shown, 2>& shown) {
  if (shown[0].wrong() && shown[1].wrong()) {
    session.wrong_on_both(input.path, shown);
    return;
  }
  for (const Which side : kSides) {
    const Shown& here = shown.at(index(side));
    const Shown& there = shown.at(index(other(side)));
    if (here.wrong() && there.kind == Shown::Kind::kClean)
      session.found({Candidate::Kind::kWrong, side, input.file.trace, here.signature, input.path});
  }
  const bool unclear = shown[0].kind == Shown::Kind::kUnclear || shown[1].kind == Shown::Kind::kUnclear;
  const bool refused_by_one =
      (shown[0].kind == Shown::Kind::kRefused) != (shown[1].kind == Shown::Kind::kRefused);
  if (!unclear && !refused_by_one) return;
  const bool was_better = shown[0].kind == Shown::Kind::kRefused && !shown[1].wrong();
  session.undecided(fmt::format("{}: OLD: {}; NEW: {}", input.path, shown[0].words, shown[1].words),
                    !was_better && shown[1].kind != Shown::Kind::kClean);
}

}  // namespace

void replay_both(AuditSession& session, const std::vector<CorpusInput>& corpus) {
  std::size_t done = 0;
  unsigned timeouts = 0;
  std::array<Shown, 2> shown;
  work_apart(
      2 * corpus.size(), session.options().timeout,
      [&](std::size_t i) {
        const Which side = kSides.at(i % 2);
        const machine::Trace& trace = corpus[i / 2].file.trace;
        machine::Machine& machine = session.pair().machine(side);
        machine::Replay strategy(trace);
        const machine::Outcome& outcome = machine.run(trace, strategy);
        StepTable steps;
        if (outcome.kind == machine::Outcome::Kind::kClean) steps.count(machine, trace, outcome);
        return nlohmann::json{{"shown", to_json(shown_of(trace, outcome))}, {"steps", steps.rows()}};
      },
      [&](std::size_t i, const Apart& apart) {
        shown.at(i % 2) = shown_of_death(apart.death);
        timeouts += apart.death == "timeout" ? 1 : 0;
        if (apart.death.empty()) {
          shown.at(i % 2) = shown_from(apart.result.at("shown"));
          StepTable steps;
          steps.set_rows(apart.result.at("steps"));
          session.steps(kSides.at(i % 2)).join(steps);
        }
        if (session.status().due())
          session.status().show(fmt::format("audit: {} of {} traces replayed", i / 2, corpus.size()));
        if (i % 2 == 0) return !interrupted();
        ++done;
        compare(session, corpus[i / 2], shown);
        return !interrupted() && timeouts < kMostTimeouts;
      });
  session.did(fmt::format("replayed {} of {} traces of the corpus on both sides", done, corpus.size()));
  if (done < corpus.size())
    session.undecided(fmt::format("{} traces were not replayed: {}", corpus.size() - done,
                                  interrupted() ? "interrupted" : "too many others never ended"),
                      true);
}

}  // namespace labyrinth::tool
