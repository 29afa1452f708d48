// Exploring both sides, and holding what is possible on one against what is on the other.
#include "audit_explore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "audit_close.hpp"
#include "audit_side.hpp"
#include "corpus_apart.hpp"
#include "death.hpp"
#include "labyrinth/machine/journal.hpp"
#include "shared_object.hpp"

namespace labyrinth::tool {
namespace {

struct AuditProgram {
  std::string name;
  machine::Trace trace;
};

/// A few calls on two CPUs, or on one with an interrupt: small enough for every run of them to be explored.
[[nodiscard]] std::vector<AuditProgram> small_ones() {
  const std::array shapes{
      Shape{.cpus = 2, .calls = 1, .handlers = 1, .levels = {model::Level::kHardirq}},
      Shape{.cpus = 1, .calls = 2, .handlers = 1, .levels = {model::Level::kNmi}, .orders = {0, 1}},
  };
  std::vector<AuditProgram> programs;
  for (const Shape& shape : shapes) {
    const SmallPrograms all(shape);
    for (std::uint64_t number = 0; number < all.count(); ++number) {
      AuditProgram program{fmt::format("the small program {} of {} CPUs, {} calls each and an interrupt",
                                       number, shape.cpus, shape.calls),
                           {}};
      if (all.make(number, program.trace)) programs.push_back(std::move(program));
    }
  }
  return programs;
}

using Answers = std::vector<std::string>;

[[nodiscard]] Answers split(const std::string& text) {
  Answers answers;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(", ", at), text.size());
    answers.push_back(text.substr(at, end - at));
    at = end + 2;
  }
  return answers;
}

/// What is new about answers that no run on the other side gives: "contended to alloc" if a call never has it
/// there, else all of them.
[[nodiscard]] std::string news(const machine::Trace& program, const std::string& text,
                               const SideExplored& there) {
  const Answers answers = split(text);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const bool known = std::ranges::any_of(there.answers, [&](const auto& one) {
      const Answers others = split(one.first);
      return i < others.size() && others[i] == answers[i];
    });
    if (!known)
      return fmt::format("{} to {}", answers[i], name_of(program.call_storage[program.live_count() + i].op));
  }
  return text + " in one run";
}

void compare_answers(AuditSession& session, const AuditProgram& program,
                     const std::array<SideExplored, 2>& explored) {
  for (const Which side : kSides) {
    const SideExplored& there = explored.at(index(other(side)));
    // What one side was not seen to do it can do still, unless all of it was seen.
    if (!there.cut.empty()) continue;
    for (const auto& [answers, text] : explored.at(index(side)).answers) {
      if (there.answers.contains(answers)) continue;
      const auto file = machine::parse_trace(text);
      session.found({Candidate::Kind::kPossible, side, std::get<machine::TraceFile>(file).trace,
                     news(program.trace, answers, there), "explored: " + program.name});
    }
  }
}

void compare(AuditSession& session, const AuditProgram& program,
             const std::array<SideExplored, 2>& explored) {
  const bool wrong_on_both = !explored[0].broken.empty() && !explored[1].broken.empty();
  if (wrong_on_both) {
    const auto shown = [](const SideExplored& side) {
      return Shown{Shown::Kind::kBroken, side.broken.begin()->first, ""};
    };
    session.wrong_on_both("explored: " + program.name, {shown(explored[0]), shown(explored[1])});
    return;
  }
  for (const Which side : kSides) {
    for (const auto& [signature, text] : explored.at(index(side)).broken) {
      const auto file = machine::parse_trace(text);
      session.found({Candidate::Kind::kWrong, side, std::get<machine::TraceFile>(file).trace, signature,
                     "explored: " + program.name});
    }
  }
  if (explored[0].broken.empty() && explored[1].broken.empty()) compare_answers(session, program, explored);
}

}  // namespace

void explore_both(AuditSession& session, const std::vector<CorpusInput>& corpus) {
  const std::uint64_t executions = session.options().executions;
  if (executions == 0) return;
  std::vector<AuditProgram> programs = small_ones();
  for (const CorpusInput& input : corpus) programs.push_back({input.path, input.file.trace});
  std::uint64_t done = 0, all = 0;
  std::string cut;
  std::size_t cuts = 0;
  unsigned timeouts = 0;
  std::array<SideExplored, 2> explored;
  const SharedObject<machine::Journal> journal("audit: memory to share with the process that explores");
  work_apart(
      2 * programs.size(), {3 * kSecondsOfProgram, journal.get(), session.options().timeout},
      [&](std::size_t i) {
        return to_json(explore_side(session.pair(), kSides.at(i % 2), programs[i / 2].trace, executions));
      },
      [&](std::size_t i, const Apart& apart) {
        const AuditProgram& program = programs[i / 2];
        SideExplored& side = explored.at(i % 2);
        side = {};
        if (apart.death.empty()) {
          side = side_explored_from(apart.result);
          session.steps(kSides.at(i % 2)).join(side.steps);
          all += side.executions;
        } else {
          timeouts += apart.death == "timeout" ? 1 : 0;
          side.cut = "the process died: " + apart.death;
          const auto last = last_run(journal.get());
          if (!is_from_outside(apart.death))
            side.broken.emplace(
                shown_of_death(apart.death).signature,
                last ? machine::print_trace(*last) : machine::print_trace({program.trace, {}, {}, {}, {}}));
        }
        if (session.status().due())
          session.status().show(
              fmt::format("audit: {} of {} programs explored, {} executions", i / 2, programs.size(), all));
        if (i % 2 == 0) return !interrupted();
        ++done;
        compare(session, program, explored);
        const bool complete = explored[0].cut.empty() && explored[1].cut.empty();
        if (!complete && explored[0].broken.empty() && explored[1].broken.empty()) {
          ++cuts;
          if (session.options().verbose || cuts <= 3) cut += (cut.empty() ? "" : ", ") + program.name;
        }
        return !interrupted() && timeouts < kMostTimeouts;
      });
  session.did(fmt::format("explored {} of {} programs on both sides, {} executions; {} of them to the end",
                          done, programs.size(), all, done - cuts));
  if (cuts != 0)
    session.undecided(
        fmt::format("{} explorations were cut off at {} executions or {} s (--executions): {}{}", cuts,
                    executions, kSecondsOfProgram, cut, session.options().verbose || cuts <= 3 ? "" : ", …"),
        false);
  if (done < programs.size())
    session.undecided(fmt::format("{} programs were not explored: {}", programs.size() - done,
                                  interrupted() ? "interrupted" : "too many others never ended"),
                      true);
}

}  // namespace labyrinth::tool
