// labyrinth explore: every run of small programs, up to equivalence.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <optional>
#include <utility>

#include "cut.hpp"
#include "exit_codes.hpp"
#include "exploration_summary.hpp"
#include "guard.hpp"
#include "jobs.hpp"
#include "resume.hpp"
#include "verbs.hpp"

namespace labyrinth::tool {
namespace {

/// All programs one after another, in this process.
class Search {
 public:
  Search(const ExploreOptions& options, const Programs& programs, machine::Machine& machine, Keeper& keeper)
      : options_(options), programs_(programs), machine_(machine), keeper_(keeper) {}

  [[nodiscard]] Ended run(const Resume& from) {
    total_ = from.total;
    Work work = from.work.front();
    machine::Trace trace;
    while (work.program < work.end && !over()) {
      if (programs_.make(work.program, trace)) {
        const Explored one = explore_one(trace, work);
        if (programs_.listed()) print_program(options_, programs_.name(work.program), one);
        if (stopped_) break;
      }
      work = {.program = work.program + programs_.every(),
              .end = work.end,
              .bound = first_bound(options_),
              .words = {}};
    }
    if (work.program < work.end && !stopped_) {  // Something is left that was not begun.
      if (total_.found.empty()) stopped_ = Resume{{}, {work}, {}, total_};
      if (total_.cut.empty())
        total_.cut = fmt::format("it was stopped before {}", programs_.name(work.program));
    }
    return {total_, stopped_, status_.elapsed()};
  }

 private:
  /// With each bound on preemptions in turn until one leaves nothing out.
  Explored explore_one(const machine::Trace& trace, Work& work) {
    Explored result;
    const std::string name = programs_.name(work.program);
    for (;; ++work.bound) {
      machine::ExplorerOptions search = options_.search;
      search.preemptions = static_cast<std::int16_t>(work.bound);
      search.memory = trace.memory;
      machine::Explorer explorer(search);
      result = explore(
          machine_, trace, explorer,
          {.executions = options_.executions,
           .keep_going = options_.keep_going,
           .alone = options_.alone,
           .linearizability = options_.linearizability},
          [&](const machine::Trace& broken, const machine::Outcome& outcome) {
            keeper_.keep(broken, outcome, name);
          },
          [&](const machine::Explorer& at) { return progress(at, name, work.bound); }, work.words);
      work.words.clear();
      if (!result.stopped.empty()) stop(result, work);
      if (work.bound >= options_.preemptions || result.counts.pruned == 0 || !result.found.empty() || over())
        break;
    }
    total_.join(result);
    return result;
  }

  void stop(const Explored& present, const Work& work) {
    Explored known = present;
    known.programs = 0;
    known.counts = {};
    known.cut.clear();
    stopped_ = Resume{{}, {work}, {}, total_};
    stopped_->work.front().words = present.stopped;
    stopped_->total.join(known);
  }

  [[nodiscard]] bool over() const {
    return interrupted() || (options_.seconds > 0 && status_.elapsed() > options_.seconds) ||
           (!total_.found.empty() && !options_.keep_going);
  }

  bool progress(const machine::Explorer& explorer, const std::string& name, int bound) {
    if (status_.due()) {
      const machine::ExplorerCounts& counts = explorer.counts();
      const std::uint64_t all = total_.counts.executions + counts.executions;
      status_.show(
          fmt::format("explore: {}: {} executions, {:.0f} a second, about {:.0f} % done{}{}", name, all,
                      static_cast<double>(all) / status_.elapsed(), 100 * explorer.share_done(),
                      bound < 0 ? "" : fmt::format(" with at most {} preemptions", bound),
                      fmt::format(", deepest {} steps, {} preemptions", counts.deepest, counts.preemptions)));
    }
    return !interrupted() && !(options_.seconds > 0 && status_.elapsed() > options_.seconds);
  }

  const ExploreOptions& options_;
  const Programs& programs_;
  machine::Machine& machine_;
  Keeper& keeper_;
  StatusLine status_;
  Explored total_;
  std::optional<Resume> stopped_;
};

/// The file says where to go on; nothing is left of it when there is nothing to go on with.
void leave(const ExploreOptions& options, const Ended& ended) {
  if (options.resume.empty()) return;
  if (ended.stopped) {
    if (save_resume(options.resume, *ended.stopped) && !options.json)
      fmt::print("stopped: the same command goes on from {}\n", options.resume);
  } else if (!ended.lost) {
    std::remove(options.resume.c_str());
  }
}

}  // namespace

int verb_explore(const ExploreOptions& options) {
  const auto target = load_guarded(options.target);
  if (!target) return kUnreadable;
  const auto programs = Programs::of(options);
  if (!programs) return kUnreadable;
  const std::string search = search_of(options, *target);
  Resume from{
      search,
      {{.program = programs->first(), .end = programs->end(), .bound = first_bound(options), .words = {}}},
      {},
      {}};
  if (!options.resume.empty()) {
    bool failed = false;
    if (auto resumed = load_resume(options.resume, search, failed)) from = std::move(*resumed);
    if (failed) return kUnreadable;
  }
  if (options.cut != 0) return cut(options, *programs, std::move(from));
  if (const auto code = guard({options, {&*target, 1}, {"explore", ""}})) return *code;
  machine::Machine machine;
  machine.use(target->table());
  catch_interrupt();
  Keeper keeper(options, machine, *target);
  keeper.knows(from);
  // Work in pieces takes a coordinator, be it for one worker.
  const unsigned jobs = options.jobs != 0 ? options.jobs : cores();
  const bool alone = jobs == 1 && from.work.size() == 1 && !from.work.front().part;
  Ended ended = alone ? Search(options, *programs, machine, keeper).run(from)
                      : Jobs(options, *programs, machine, keeper, jobs).run(from);
  if (ended.stopped) ended.stopped->search = search;
  const bool chosen = !options.shape.only.empty() || !options.shape.except.empty();
  if (chosen && ended.total.programs == 0 && ended.total.cut.empty())
    ended.total.cut = "--only and --except leave no program";
  leave(options, ended);
  print_summary(options, *target, ended.total, executions(from), ended.seconds);
  const int code = verdict(ended.total);
  Results results("explore", target->table().name);
  results.add_search(
      options.files.empty() ? "programs of a shape" : fmt::format("{}", fmt::join(options.files, " ")), code,
      ended.total.found, ended.seconds);
  return results.write(options.results, code) ? code : worse(code, kInconclusive);
}

}  // namespace labyrinth::tool
